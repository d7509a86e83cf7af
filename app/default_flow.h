#pragma once

#include <map>
#include <string>

#include "train_data.h"

namespace nflow::app {

/// The chain that nflow chooses for a table: a mixture fitted by EM, then couplings by splines
/// whose nets grow with the rows. Splines behind the best mixture start as the identity, so
/// training can only improve on it. `overrides` (key to text) are the user's own settings for its
/// links; `layers` is the number of couplings, 0 where the user does not say.
FlowSpec default_flow(const TrainData& data, Index layers,
                      const std::map<std::string, std::string>& overrides, std::uint64_t seed,
                      int threads);

/// Between these numbers of training rows nflow also trains the same chain with an ActNorm in the
/// mixture's place, and keeps what validates better: which start wins cannot be told beforehand,
/// and such a table is trained fast. With fewer rows the validation rows are too few to tell.
inline constexpr Index kFewestRowsToTryBoth = 3000, kRowsToTryOneStart = 20000;

/// The chain with an ActNorm in place of its first link.
FlowSpec with_actnorm_start(FlowSpec spec);

/// Such a chain in short: "mixture:components=16, 5 x (conv1x1, nsf-cl), hidden 128,128, ...".
std::string describe_default(const FlowSpec& spec);

}  // namespace nflow::app
