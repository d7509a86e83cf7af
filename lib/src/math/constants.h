#pragma once

namespace nflow {

// Nothing of the standard library: the kernels include this too.

inline constexpr double kPi = 3.14159265358979323846;
inline constexpr double kTwoPi = 2 * kPi;
/// log(2 pi) / 2: what a standard normal log-density has beside -z^2/2.
inline constexpr double kHalfLogTwoPi = 0.91893853320467274178;

}  // namespace nflow
