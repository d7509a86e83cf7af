#pragma once

#include <map>
#include <string>
#include <vector>

#include "train_data.h"

namespace nflow::app {

/// The chains that nflow tries for a table; the one that validates best is kept. Each has a start
/// (a mixture fitted by EM, of all columns or of each by itself), then, but for the smallest
/// tables, couplings by splines whose nets grow with the rows. Splines behind the best mixture
/// start as the identity, so training can only improve on it; but which start wins cannot be told
/// beforehand. `overrides` (key to text) are the user's own settings for the links; `layers` is the
/// number of couplings, 0 where the user does not say.
std::vector<FlowSpec> default_flows(const TrainData& data, Index layers,
                                    const std::map<std::string, std::string>& overrides,
                                    std::uint64_t seed, int threads,
                                    const Interruption& interruption);

/// "a mixture of 16", "marginal".
std::string start_of(const FlowSpec& spec);

/// Such a chain in short: "mixture:components=64:fits=1:fixed=no, 5 x (conv1x1, nsf-cl) with hidden
/// 128,128, dropout 0.1".
std::string describe_default(const FlowSpec& spec);

}  // namespace nflow::app
