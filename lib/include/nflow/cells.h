#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "nflow/table.h"

namespace nflow {

struct Support;

/// A density on the line: normal components of these shares, means and deviations. May be empty.
struct NormalMixture {
  std::vector<double> weight, mean, deviation;
};

/// What a model keeps of a column that is cut into bins, in the order of the bins: groups of
/// levels, single points, intervals of the line, and the hole.
struct CellData {
  /// Labels of a category, by number; a bin has one, or several that are rare.
  std::vector<std::string> levels = {};
  std::vector<Index> level_bin = {};    ///< one a level
  std::vector<double> level_mass = {};  ///< share of each among all levels, > 0
  std::vector<double> points = {};      ///< values with a bin of their own, ascending
  std::vector<double> edges = {};       ///< between intervals, on the line, ascending
  NormalMixture rest = {};              ///< density on the line within intervals; empty: none
  /// Values of a grid within intervals that rows share beyond what the density has, ascending, and
  /// the rows of each; of every interval's mass that has any, `tie_share` is theirs.
  std::vector<double> ties = {}, tie_mass = {};
  double tie_share = 0;
  bool hole = false;              ///< is there a bin for a value that is not there?
  std::vector<double> mass = {};  ///< share of each bin where nothing else is known, > 0

  Index level_bins() const;
  Index intervals() const;
  Index bins() const { return static_cast<Index>(mass.size()); }
};

/// Most bins of a column, and most of its levels.
inline constexpr Index kMostCellBins = 256, kMostLevels = Index{1} << 17;

/// A column cut into bins, of which each has a fixed density inside: the way between a value and
/// u = bin + w, where w in [0, 1) is the value's place in its bin. A value with a mass of its own
/// has a range of w as wide as its share of the bin. So
///   log p(value) = log P(bin) + log_slope(value),
/// where P(bin) is what a model learns, and log_slope what stays as it was fitted: for a value with
/// mass, log of its share of the bin; else the log density there, of the bin's mass 1. Values of a
/// grid are counted per step, as densities are.
class Cells {
 public:
  /// The same bins for a column that holds the numbers u themselves: all that is fixed inside is
  /// left out.
  static std::shared_ptr<const Cells> on_line(const Cells& cells);
  /// Throws Error where `data` do not hang together. `base` is the column's support: of a grid or a
  /// category, or where the intervals lie.
  Cells(const Support& base, CellData data);
  ~Cells();
  Cells(const Cells&) = delete;
  Cells& operator=(const Cells&) = delete;

  const CellData& data() const { return data_; }
  bool holds_numbers() const { return on_line_; }  ///< is it that of on_line()?
  Index bins() const { return data_.bins(); }
  std::vector<double> log_mass() const;
  /// Where a bin stands among those with an order, as a standard normal score; 0 for the others.
  /// Empty where none has an order.
  std::vector<double> scores() const;

  bool contains(double value) const;
  /// u of a value, whose place in its own range of w is v in [0, 1); NaN for none of its values.
  double to_line(double value, double v) const;
  /// -inf for none of its values.
  double log_slope(double value) const;
  /// The value of any u in [0, bins); NaN stays NaN, and others go to the nearest bin.
  double from_line(double u) const;

 private:
  struct Place {
    Index bin;
    double low, high;  // range of w; equal where the value has no mass of its own
    double log_slope;
  };
  class Intervals;

  std::optional<Place> place(double value) const;
  std::optional<Place> place_of_level(double value) const;
  double level_at(Index bin, double w) const;

  std::unique_ptr<const Support> base_;
  CellData data_;
  bool on_line_ = false;
  double log_step_ = 0;
  std::vector<std::vector<Index>> members_;         // levels of each bin of levels
  std::vector<double> bin_share_;                   // of all levels, of each bin of levels
  std::unordered_map<std::string, Index> numbers_;  // levels that read as numbers, by shortest text
  std::unique_ptr<Intervals> intervals_;
};

}  // namespace nflow
