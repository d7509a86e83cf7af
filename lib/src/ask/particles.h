#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ask/asked.h"
#include "ask/particle_tile.h"
#include "thread_pool.h"

namespace nflow {

/// Numbers in the covariances of a stand-in that is fitted, about.
inline constexpr Index kMostStandInNumbers = 1 << 15;

/// Draws unknown columns by weight; see nflow/partial.h.
class Particles {
 public:
  /// `asked` must outlive this.
  Particles(Asked& asked, const PartialLayout& layout, int threads, bool there);

  ThreadPool& pool() { return pool_; }
  /// Is the model itself the stand-in, so that all weights are the same?
  bool is_exact() const { return exact_; }
  /// The stand-in; it is fitted at the first call.
  const StandIn& stand_in();

  /// Asks the stand-in about a row whose line, context and number are there.
  void prepare(const PartialPlan& plan, ParticleRow& row);
  /// log density of what is known, on the line, where the model is the stand-in.
  double log_known(const PartialPlan& plan, const ParticleRow& row) const;
  /// Gives each of these rows `more` draws.
  void draw(const PartialPlan& plan, const std::vector<ParticleRow*>& rows, Index more,
            std::uint64_t seed);
  /// Gives each all combinations of bins of the columns to be drawn.
  void combine(const PartialPlan& plan, const std::vector<ParticleRow*>& rows);

 private:
  StandIn fit();
  std::optional<StandIn> own_mixture() const;
  HoledRows rows_of(const RowMatrix& drawn, const RowMatrix& context) const;
  /// What a stand-in has for a number on the line: standardised, a whole one in its cell's middle.
  double line_score(Index column, double u) const;
  RowMatrix likely_contexts(Index n) const;
  void evaluate(const PartialPlan& plan, const std::vector<ParticleJob>& jobs,
                const Random* random);

  Asked& asked_;
  const Model& model_;
  const PartialLayout& layout_;
  bool there_;
  ThreadPool pool_;
  std::vector<std::unique_ptr<ParticleTile>> tiles_;  // one a thread
  bool exact_ = false;
  StandIn stand_in_;
  std::shared_ptr<StandInGiven> context_;  // the stand-in given the context alone
};

}  // namespace nflow
