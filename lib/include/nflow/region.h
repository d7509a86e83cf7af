#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "nflow/condition.h"
#include "nflow/evaluator.h"
#include "nflow/model.h"

namespace nflow {

/// How probable a region is, as K of N draws of the model tell that were in it.
struct RegionMass {
  Index inside = 0;  ///< K
  Index draws = 0;   ///< N

  double mass() const;  ///< K / N
  /// Its standard error, sqrt(q (1 - q) / N) with q = (K + 1) / (N + 2): above 0 for K = 0 and K =
  /// N too.
  double error() const;
};

/// The probability P(region | context) of the rows that a condition holds for. It is estimated from
/// the model's own draws, always the same ones: as many as it takes until the standard error is
/// below a hundredth of the mass, or `most`.
class RegionMasses {
 public:
  static constexpr double kRelativeError = 0.01;
  static constexpr Index kMostDraws = 10000000;     ///< of a model without context
  static constexpr Index kMostDrawsGiven = 200000;  ///< for each context, of a model with one

  /// `most` 0: those above; `temperature` is that of the draws. All must outlive this, and the
  /// evaluator is the model's.
  RegionMasses(const Model& model, Evaluator& evaluator, Condition& condition, Index most = 0,
               double temperature = 1);

  /// The region's mass given row `row` of `context` (its features), or, without context, that of
  /// the model. A function of the context alone.
  RegionMass operator()(const RowMatrix& context, Index row);

 private:
  RegionMass estimate(const RowMatrix& context);

  Evaluator& evaluator_;
  Condition& condition_;
  Index columns_, context_, most_;
  double temperature_;
  std::map<std::vector<std::uint64_t>, RegionMass> known_;  // by the bits of a context
};

/// Rows of a model in a region, drawn by rejection: exact draws of p(row | region, context). Row i
/// of a seed's stream is the first in the region of draws that are a function of (seed, i) alone,
/// so that it is the same in any part of the stream.
class RegionRows {
 public:
  /// A region that takes more for a row is not drawn from.
  static constexpr Index kMostDraws = 1000000;

  RegionRows(Evaluator& evaluator, Condition& condition, Index columns, std::uint64_t seed,
             double temperature);

  /// Rows first .. first + n - 1 of the stream, one for each row of `context`, as
  /// Evaluator::sample() has them. Gives the first row, from 0, for which none of kMostDraws draws
  /// was in the region; n where there is none such.
  Index sample(std::uint64_t first, Index n, const RowMatrix& context, RowMatrix& rows);

  /// How many of the rows so far had their first draw in the region: the mean mass given their
  /// contexts, without bias.
  const RegionMass& first_draws() const { return first_draws_; }

 private:
  /// Tries `count` draws for each of the rows that wait; keeps those that are still waiting.
  void attempt(std::uint64_t first, Index count, const RowMatrix& context, RowMatrix& rows);
  void draw(std::uint64_t row, Index number, double* latent) const;

  Evaluator& evaluator_;
  Condition& condition_;
  Index columns_;
  std::uint64_t seed_;
  double temperature_;
  RegionMass first_draws_;
  Index tried_ = 0;             // draws that each row that waits has had
  std::vector<Index> waiting_;  // numbers of rows
  RowMatrix latent_, given_, drawn_;
  std::vector<char> inside_;
};

}  // namespace nflow
