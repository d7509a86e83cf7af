#pragma once

#include <vector>

#include "ask/asked.h"

namespace nflow {

/// Where a column's density, given the others, is looked at first: nodes on the line among the
/// model's own draws, and some beyond them.
class LineNodes {
 public:
  /// `asked` must outlive this.
  LineNodes(Asked& asked, Index column);

  /// The nodes of each of these rows on the line, ascending.
  std::vector<std::vector<double>> of(const RowMatrix& rows, const RowMatrix& context) const;

 private:
  std::vector<double> around(std::vector<double> draws) const;
  void add_nearest(const RowMatrix& rows, Index i, std::vector<double>& nodes) const;

  Asked& asked_;
  Index column_;
  bool closed_;
  RowMatrix latent_;            // of the draws
  RowMatrix draws_;             // without context; else none
  std::vector<double> common_;  // the nodes of all rows, without context
};

}  // namespace nflow
