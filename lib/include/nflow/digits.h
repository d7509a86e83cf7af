#pragma once

namespace nflow {

/// The number that `value` is to `digits` significant digits, 1 to 17; one that would not be finite
/// stays as it is.
double to_significant(double value, int digits);

}  // namespace nflow
