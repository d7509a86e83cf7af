#include "nets/dropout.h"

#include <algorithm>

#include "math/random.h"

namespace nflow {

template <class T>
void apply_dropout(const Pass<T>& pass, double rate, Index first_unit, View<T> units) {
  if (!pass.dropout || rate == 0) return;
  const Random random(pass.dropout->seed, Purpose::dropout);
  const auto threshold = static_cast<std::uint32_t>(rate * 65536);
  const T kept = static_cast<T>(1 / (1 - rate));
  // Eight units share the 128 bits of one draw.
  for (Index j = 0; j < units.cols;) {
    const Index block = (first_unit + j) / 8;
    const Index end = std::min(units.cols, (block + 1) * 8 - first_unit);
    for (Index r = 0; r < units.rows; ++r) {
      const auto bits = random.bits(pass.dropout->first_row + r, static_cast<std::uint32_t>(block));
      for (Index u = j; u < end; ++u) {
        const Index lane = (first_unit + u) % 8;
        const std::uint32_t draw = (bits[lane / 2] >> (16 * (lane % 2))) & 0xffff;
        units.col(u)[r] *= draw < threshold ? T(0) : kept;
      }
    }
    j = end;
  }
}

template void apply_dropout(const Pass<float>&, double, Index, View<float>);
template void apply_dropout(const Pass<double>&, double, Index, View<double>);

}  // namespace nflow
