#pragma once

namespace nflow {

/// Places in a bin of Cells take this part of its width, so that in single precision too none is
/// rounded to the next bin: u = bin + kWithin w.
inline constexpr double kWithin = 1 - 0x1p-15;

}  // namespace nflow
