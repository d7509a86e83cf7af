#pragma once

#include <optional>
#include <vector>

#include "nflow/cells.h"
#include "nflow/support.h"

namespace nflow {

/// The intervals of a column's line that are bins, with a mixture of normals inside. Of a grid, an
/// interval holds its cells but those that have a bin of their own.
class Cells::Intervals {
 public:
  Intervals(const Support& support, const CellData& data);

  struct Place {
    Index interval;
    double low, high;
    double log_slope;
  };

  /// Nothing for a value that is none of the column's.
  std::optional<Place> place(double value) const;
  /// The value at the share w of the interval's mass.
  double value(Index interval, double w) const;
  /// Where it begins, as a value; its own order among points.
  double begin_of(Index interval) const;

 private:
  /// A cell of a grid that has a bin of its own, with the mixture's mass there.
  struct Point {
    double value, mass;
  };

  /// The cells that rows share beyond the mixture, with the rows before each, and all rows.
  struct Ties {
    std::vector<double> values, before;
    double total = 0;

    void add(double value, double mass);
    double below(double value) const;  ///< share of the cells below a value
    double at(double value) const;     ///< share of that cell
  };

  double low_of(Index interval) const;
  double high_of(Index interval) const;
  /// Mass of the mixture between two places of the line.
  double mass_between(double low, double high) const;
  /// Share of the interval's mass that is its ties'.
  double tie_share(Index interval) const { return ties_[interval].total > 0 ? tie_share_ : 0; }
  /// Log density of the mixture there.
  double log_density(double u) const;
  /// Mass of the interval's points below a value.
  double points_below(Index interval, double value) const;
  /// The cell's number on the grid, and its middle.
  double cell_of(double value) const;
  double value_of(double cell) const;
  double value_on_grid(Index interval, double w) const;
  double line_at(Index interval, double goal) const;

  Support base_;
  std::vector<double> edges_;
  NormalMixture rest_;
  bool grid_;
  double per_unit_ = 0;                     // steps in 1, where that is a whole number
  std::vector<std::vector<Point>> points_;  // of each interval, ascending
  std::vector<double> mass_;                // of each, its points left out
  std::vector<Ties> ties_;                  // of each
  double tie_share_;
};

}  // namespace nflow
