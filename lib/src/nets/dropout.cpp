#include "nets/dropout.h"

#include "math/random.h"

namespace nflow {

template <class T>
void apply_dropout(const Pass<T>& pass, double rate, Index first_unit, View<T> units) {
  if (!pass.dropout || rate == 0) return;
  const DropoutArgs args{
      pass.dropout->seed, static_cast<std::uint32_t>(Purpose::dropout), pass.dropout->first_row,
      first_unit,         static_cast<std::uint32_t>(rate * 65536),     1 / (1 - rate)};
  kernels<T>().dropout(args, units.rows, units.cols, units.data, units.stride);
}

template void apply_dropout(const Pass<float>&, double, Index, View<float>);
template void apply_dropout(const Pass<double>&, double, Index, View<double>);

}  // namespace nflow
