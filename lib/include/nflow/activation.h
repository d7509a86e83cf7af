#pragma once

namespace nflow {

/// What a network's units do between its layers: max(0, x), tanh x, or x / (1 + e^-x).
enum class Activation { relu, tanh, silu };

}  // namespace nflow
