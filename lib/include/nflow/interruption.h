#pragma once

#include <functional>
#include <vector>

namespace nflow {

/// How work that precedes a training is cut and taken up again. It asks again and again, all ranks
/// together.
struct Interruption {
  std::function<bool()> stop = {};  ///< true ends the work with Interrupted
  /// True: what is being looked for is to be had now, as good as it is; always true from then on.
  std::function<bool()> hurry = {};
  /// Where a search puts the figures that it has found, and finds those of the search that it goes
  /// on from, in their order; null: nowhere.
  std::vector<double>* found = nullptr;
};

}  // namespace nflow
