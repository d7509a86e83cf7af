#pragma once

#include <map>
#include <string>
#include <vector>

#include "nflow/dataset.h"
#include "nflow/flow_spec.h"
#include "nflow/interruption.h"
#include "nflow/support.h"

namespace nflow {

/// What a user has said of the chain. `links` are settings of links, key to text, as in the text of
/// a flow; `layers` is the number of couplings, 0 where nothing was said.
struct FlowWishes {
  Index layers = 0;
  std::map<std::string, std::string> links = {};
};

/// Are the chains that nflow tries neural mixtures alone? They are for one column of numbers given
/// others, of no more rows than train in minutes, where the user has wished for nothing that
/// couplings alone have. Their training has a rate and noise of its own; see defaults.h.
bool chooses_neural_mixture(const Dataset& fit, const std::vector<Support>& supports,
                            const FlowWishes& wishes);

/// The chains that nflow tries for a table; the one that validates best is kept. Each has a start
/// (a mixture fitted by EM, of all columns or of each by itself), then, but for the smallest
/// tables, couplings by splines whose nets grow with the rows. Splines behind the best mixture
/// start as the identity, so training can only improve on it; but which start wins cannot be told
/// beforehand. Beside them stands, for tables of some thousand rows, a neural mixture of all
/// columns alone. `supports` has one a column of `fit`, or none. The rules are in
/// lib/src/auto/default_flow.cpp.
std::vector<FlowSpec> default_flows(const Dataset& fit, const std::vector<Support>& supports,
                                    const FlowWishes& wishes, std::uint64_t seed, int threads,
                                    const Interruption& interruption = {});

}  // namespace nflow
