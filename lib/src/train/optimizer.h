#pragma once

#include <vector>

#include "blueprint.h"
#include "nflow/ranks.h"
#include "thread_pool.h"

namespace nflow {

/// Adam with averaged parameters, clipping by the gradient's norm and decoupled weight decay, over
/// one flat vector of parameters. The state is a value: copying it is the snapshot that a roll-back
/// returns to.
template <class T>
class Optimizer {
 public:
  struct Settings {
    double clip_norm = 0;  ///< 0: none
    double weight_decay = 0;
  };

  /// `shards` is the number of gradients of a batch; of several `ranks` each has its own some of
  /// them, and all take the same step.
  Optimizer(const Blueprint& blueprint, const Settings& settings, Index shards,
            Ranks* ranks = nullptr);

  /// Adds up the shards' gradients in their order, and steps if all is finite: returns whether.
  /// `grads` are this rank's. Alone it uses no memory but its own.
  bool step(ThreadPool& pool, const std::vector<T*>& grads, double rate, std::vector<T>& theta);

  /// What a step changes beside theta.
  struct State {
    std::vector<T> m, v;  ///< running means of the gradient and its square
    std::vector<T>
        average;  ///< of theta over the last few hundred steps (Polyak and Juditsky 1992)
    std::int64_t steps = 0;
  };
  State state;

 private:
  /// Parameters [first, last) without a gap.
  struct Span {
    Index first, last;
  };

  void find_spans(const Blueprint& blueprint);
  void reduce(ThreadPool& pool, const std::vector<T*>& grads);
  void trade(const std::vector<T*>& grads);
  Part parameters_of_rank(int rank) const;

  Settings settings_;
  Ranks* ranks_;
  // Each of several ranks adds up the gradients of some parameters, from all shards.
  std::vector<const T*> addends_;         // one a shard, from the first of these parameters on
  std::vector<std::vector<T>> received_;  // what the addends of other ranks' shards point to
  std::vector<T> grad_, decay_;
  std::vector<Span> spans_;        // what no mask leaves out: masked weights stay 0 by themselves
  std::vector<Index> first_span_;  // of each chunk, and the end
  std::vector<double> squares_;    // of each chunk
};

}  // namespace nflow
