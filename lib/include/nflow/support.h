#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nflow/cells.h"
#include "nflow/table.h"

namespace nflow {

/// Where a column lives, and its way to the real line, on which the chain works:
///   REAL      u = x
///   POSITIVE  u = log x
///   [lo,hi]   u = log((x - lo) / (hi - x))
///   INTEGER   u = x + noise, uniform on [0, 1); the probability of k is the mass of [k, k + 1)
///   CIRCULAR[lo,hi]  a circle, lo and hi being one point: u = (x - (lo + hi) / 2) / (hi - lo), in
///             turns, [-1/2, 1/2]; the chain maps it by circular splines, which join its ends
///             (Rezende et al., "Normalizing Flows on Tori and Spheres", 2020)
///   CIRCULAR[lo,hi,cut]  a circle that is cut open at `cut`, where hardly a row is: as [cut,
///             cut + hi - lo], so that the chain sees a narrow direction at its own scale
/// A row on an end of [lo,hi] would be infinitely far out: it goes where a row a millionth of the
/// width inside goes. The ends have no width, so the density over [lo,hi] still integrates to one.
///
/// Others are cut into cells (see cells.h), whose probabilities the chain's front learns:
///   CATEGORY   labels without an order; log p is that of a probability
///   GRID[step] multiples of a step; log p is that of the probability of the cell about the value,
///              per unit of the column. GRID[1] is for whole numbers.
///   KIND+{v,...}  single values with a mass of their own beside REAL, POSITIVE or [lo,hi];
///              `missing` among them is the hole: a value that is not there
struct Support {
  enum class Kind { real, positive, interval, integer, circular, arc, category, grid };

  Kind kind = Kind::real;
  double low = 0;  ///< ends of an interval or a circle, low < high
  double high = 0;
  double cut = 0;                  ///< of a circle that is cut open, an arc; low <= cut <= high
  double step = 0;                 ///< of a grid
  std::vector<double> atoms = {};  ///< values with a mass of their own, ascending
  bool holes = false;              ///< may the value be missing?
  /// The column's bins, once they were fitted; null for a kind that has none.
  std::shared_ptr<const Cells> cells = nullptr;

  /// Is it one that is cut into cells, fitted or not?
  bool is_cut() const {
    return kind == Kind::category || kind == Kind::grid || !atoms.empty() || holes;
  }
  /// The same kind without single values, holes and bins: where all other values live.
  Support base() const;

  /// Is x in the support? Integers go as far as each of them is a double: to 2^53.
  bool contains(double x) const;
  /// u for an x of the support; for an integer, the middle of its cell.
  double to_line(double x) const;
  /// The same where the value has a cell, at the part v in [0, 1) of it.
  double to_line(double x, double v) const;
  /// log du/dx for an x of the support.
  double log_slope(double x) const;
  /// x for a u, always in the support; an integer for each u of its cell. NaN stays NaN.
  double from_line(double u) const;
};

/// Reads REAL, POSITIVE, [lo,hi], INTEGER, CIRCULAR[lo,hi], CIRCULAR[lo,hi,cut], CATEGORY,
/// GRID[step], and behind all but INTEGER and circles +{v,...}. Throws UsageError for anything
/// else.
Support parse_support(std::string_view text);
/// The same text for the same support; reads back to it.
std::string to_text(const Support& support);

/// The support of a column, where a list has one for each, or none where all are REAL.
inline Support support_at(const std::vector<Support>& supports, std::size_t column) {
  return supports.empty() ? Support{} : supports[column];
}

/// Is any of them other than REAL?
bool any_bounded(const std::vector<Support>& supports);

/// The numbers by which other columns see a circular one: cosine and sine of its angle, which do
/// not jump where the circle closes.
inline constexpr std::ptrdiff_t kCircleFeatures = 2;

/// A circle cut open opposite to the rows' mean direction where they leave that side empty; else
/// the same support. By `weights` where there are any.
Support cut_open(const Support& support, const RowMatrix& rows, Index column,
                 const std::vector<double>& weights = {});

/// How many of them are whole circles? And how many are cut into cells?
std::ptrdiff_t circular_columns(const std::vector<Support>& supports);
std::ptrdiff_t cut_columns(const std::vector<Support>& supports);
/// Both: those that stand before the chain.
inline std::ptrdiff_t front_columns(const std::vector<Support>& supports) {
  return cut_columns(supports) + circular_columns(supports);
}

}  // namespace nflow
