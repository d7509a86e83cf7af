#pragma once

#include <string>

#include "nflow/flow_spec.h"

namespace nflow::app {

/// "a mixture of 16", "marginal": what a chain begins with.
std::string start_of(const FlowSpec& spec);

/// One of default_flows() in short: "mixture:components=64:fits=1:fixed=no, 5 x (conv1x1, nsf-cl)
/// with hidden 128,128, dropout 0.1".
std::string describe_default(const FlowSpec& spec);

}  // namespace nflow::app
