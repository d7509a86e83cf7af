#pragma once

#include "nflow/front.h"

namespace nflow {

/// Has a chain far more parameters than `limit`? Told without making it, which takes some memory
/// for every hidden unit and output: so that a few lines of text cannot ask for much.
bool is_far_larger(const FlowSpec& flow, Index columns, Index context, const Front& front,
                   Index limit);

}  // namespace nflow
