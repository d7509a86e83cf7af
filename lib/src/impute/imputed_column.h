#pragma once

#include <memory>
#include <vector>

#include "impute/labelled_mixture.h"
#include "nflow/support.h"

namespace nflow {

/// How a column of rows stands in HoledRows, and what a draw there is in the column.
class ImputedColumn {
 public:
  virtual ~ImputedColumn() = default;

  /// 0: its values are numbers.
  virtual Index levels() const { return 0; }
  /// Of a value that is there: a number of about unit scale; or a label, from 0 on. `place` says
  /// where a value that many rows have stands among these, in [0, 1).
  virtual double score(double value, double place) const = 0;
  virtual double value(double score) const = 0;
};

/// `values` are those that are there, one at least.
std::unique_ptr<ImputedColumn> imputed_column(const Support& support, std::vector<double> values);

}  // namespace nflow
