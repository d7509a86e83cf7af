#pragma once

#include <memory>
#include <vector>

#include "nflow/conditional.h"
#include "nflow/support.h"

namespace nflow {

/// What is fixed of a column with cells, whatever the probabilities of its bins.
class CellColumn {
 public:
  explicit CellColumn(const Support& support);

  Index bins() const { return support_.cells->bins(); }
  /// The density of the column where its bins have these log probabilities, up to a factor.
  std::unique_ptr<ColumnDensity> with(const std::vector<double>& log_bins) const;

 private:
  friend class CellDensity;

  /// A single value, or a part of an interval between two of them, in ascending order.
  struct Piece {
    Index bin;
    double low, high;  // shares of the bin
    bool single;
  };
  /// A bin by itself.
  struct Inside {
    double first = 0, last = 0;  // values at its ends
    double mean = 0;
    double mode = 0, at_mode = 0;  // its densest value, and the probability or density there
  };

  bool is_category() const { return support_.kind == Support::Kind::category; }
  bool is_grid() const { return support_.kind == Support::Kind::grid; }
  Index first_point() const { return support_.cells->data().level_bins(); }
  Index first_interval() const;
  Index hole() const;  // -1: none
  double value(Index bin, double share) const;
  double share_below(Index bin, double value) const;
  void order_pieces();
  void look_inside_of_grid(Index bin);
  void look_inside(Index interval);

  Support support_;
  std::vector<Piece> pieces_;
  std::vector<Inside> inside_;  // of each bin of numbers
};

}  // namespace nflow
