#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "nflow/labels.h"
#include "nflow/model.h"
#include "nflow/table.h"

namespace nflow {

// Rows of which some columns are known and the others are not. A value that is not known stands in
// a RowMatrix as a NaN with a mark of its own; a hole (nflow/labels.h) is a known value: the model
// has it as one.

/// The high half of a double that is not known.
inline constexpr std::uint32_t kUnknownMark = 0x7FFA0FF0;

inline double unknown_value() {
  const std::uint64_t bits = std::uint64_t{kUnknownMark} << 32;
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
inline bool is_unknown(double value) { return bits_of(value) >> 32 == kUnknownMark; }

/// The log density of what is known of a row, in nats and the units of the known columns.
struct KnownDensity {
  double log_prob;  ///< -inf where the known values have no density
  double error;     ///< standard error; 0 where it is exact, inf where no draw has any density
  bool enough;      ///< is the error as small as it is meant to be?
};

/// Rows drawn given what is known.
struct PartialDraws {
  RowMatrix rows;                 ///< n for each row; what was known has the same bits
  std::vector<double> effective;  ///< of each row, the draws of equal weight that its own are
                                  ///< worth; infinite where they are independent and exact
  std::vector<bool> enough;       ///< are these as many as are meant to be?
};

/// Answers for rows with unknown columns: the density of the known ones, integrated over the
/// others, and draws of the others from the model's density given the known ones.
///
/// Exact are: a row that is complete; a chain that is a single `mixture`, in closed form, or a
/// single `marginal`, whose columns are independent; unknown columns behind the last known one in
/// the chain's order, circles first, then columns with cells, then all others, drawn by the chain's
/// inverse; unknown columns with cells, where their bins make few combinations; a single other
/// column, by quadrature (nflow/conditional.h).
///
/// All else is importance sampling. A mixture is fitted to 8192 of the model's own draws: in each
/// component columns with cells are independent and the others normal. Columns with cells are drawn
/// one after the other from the model's own probabilities given those before, times what the
/// mixture says of the known columns behind; other columns from the mixture given all that is
/// known. A draw counts by p(row) / q(draw). Draws are doubled until they suffice: the mean weight
/// gives the density, and rows are taken from them by weight, in systematic resampling.
///
/// Densities are a function of the row alone, draws of the seed and the row's number. The bits are
/// the same for any number of threads.
class Partial {
 public:
  /// `there`: unknown values are drawn given that they are there: no holes. Keeps a copy of the
  /// model.
  Partial(const Model& model, int threads, bool there = false);
  ~Partial();
  Partial(const Partial&) = delete;
  Partial& operator=(const Partial&) = delete;

  /// `context` has the context's features, as for an Evaluator.
  std::vector<KnownDensity> log_prob(const RowMatrix& rows, const RowMatrix& context);
  /// Draws n rows for each row, of which the first has this number. Where the known values have no
  /// density the unknown ones stay unknown.
  PartialDraws draw(const RowMatrix& rows, const RowMatrix& context, std::uint64_t seed,
                    std::uint64_t first, Index n);
  /// One row for each: unknown numbers become the median of their density given what is known, on
  /// a circle the mean direction; labels the likeliest.
  PartialDraws best(const RowMatrix& rows, const RowMatrix& context);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nflow
