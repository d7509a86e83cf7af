#include "train/optimizer.h"

#include <algorithm>
#include <cmath>

namespace nflow {
namespace {

// Parameters are treated in chunks whose bounds do not depend on the number of threads.
constexpr Index kChunk = 16384;

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

/// Of the newest parameters in their average; the first steps get more, so that the start fades.
constexpr double kAverageShare = 0.005;

}  // namespace

template <class T>
Optimizer<T>::Optimizer(const Blueprint& blueprint, const Settings& settings)
    : settings_(settings),
      grad_(blueprint.parameter_count()),
      squares_((blueprint.parameter_count() + kChunk - 1) / kChunk) {
  state.m.assign(blueprint.parameter_count(), T(0));
  state.v.assign(blueprint.parameter_count(), T(0));
  state.average.assign(blueprint.parameter_count(), T(0));
  if (settings.weight_decay == 0) return;
  decay_.assign(blueprint.parameter_count(), T(0));
  for (std::size_t t = 0; t < blueprint.tensors().size(); ++t) {
    if (!blueprint.starts()[t].decays) continue;
    const TensorPlace& place = blueprint.tensors()[t];
    std::fill_n(decay_.begin() + place.offset, place.rows * place.cols,
                static_cast<T>(settings.weight_decay));
  }
}

template <class T>
bool Optimizer<T>::step(ThreadPool& pool, const std::vector<T*>& grads, double rate,
                        std::vector<T>& theta) {
  const Index count = static_cast<Index>(grad_.size());
  const Index chunks = static_cast<Index>(squares_.size());
  pool.run(chunks, [&](Index chunk, int) {
    const Index first = chunk * kChunk, n = std::min(kChunk, count - first);
    squares_[chunk] = kernels<T>().reduce_gradients(n, static_cast<Index>(grads.size()),
                                                    grads.data(), first, grad_.data() + first);
  });
  double squares = 0;
  for (double s : squares_) squares += s;
  if (!std::isfinite(squares)) return false;

  const double norm = std::sqrt(squares);
  const bool clip = settings_.clip_norm > 0 && norm > settings_.clip_norm;
  ++state.steps;
  const double t = static_cast<double>(state.steps);
  AdamArgs<T> a{};
  a.rate = static_cast<T>(rate);
  a.grad_scale = static_cast<T>(clip ? settings_.clip_norm / norm : 1);
  a.beta1 = static_cast<T>(kBeta1);
  a.beta2 = static_cast<T>(kBeta2);
  a.epsilon = static_cast<T>(kEpsilon);
  a.correction1 = static_cast<T>(1 / (1 - std::pow(kBeta1, t)));
  a.correction2 = static_cast<T>(1 / (1 - std::pow(kBeta2, t)));
  const T share = static_cast<T>(std::max(kAverageShare, 1 / (1 + 0.1 * t)));
  pool.run(chunks, [&](Index chunk, int) {
    AdamArgs<T> part = a;
    const Index first = chunk * kChunk;
    part.n = std::min(kChunk, count - first);
    part.theta = theta.data() + first;
    part.grad = grad_.data() + first;
    part.m = state.m.data() + first;
    part.v = state.v.data() + first;
    part.decay = decay_.empty() ? nullptr : decay_.data() + first;
    kernels<T>().adam(part);
    T* average = state.average.data() + first;
    for (Index i = 0; i < part.n; ++i) average[i] += share * (part.theta[i] - average[i]);
  });
  return true;
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace nflow
