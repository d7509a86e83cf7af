#pragma once

#include <string>
#include <vector>

#include "nflow/flow_spec.h"
#include "nflow/support.h"

namespace nflow::app {

/// "a mixture of 16": what a chain begins with.
std::string start_of(const FlowSpec& spec);
/// The same as one of several chains: "a mixture of 16 first", "a neural mixture of 4 alone".
std::string candidate_text(const FlowSpec& spec);

/// One of default_flows() in short: "mixture:components=64:fits=1:fixed=no, 5 x (conv1x1, nsf-cl)
/// with hidden 128,128, dropout 0.1". `supports`: of the columns, which may leave the chain none.
std::string describe_default(const FlowSpec& spec, const std::vector<Support>& supports);

}  // namespace nflow::app
