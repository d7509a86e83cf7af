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
Optimizer<T>::Optimizer(const Blueprint& blueprint, const Settings& settings, Index shards,
                        Ranks* ranks)
    : settings_(settings),
      ranks_(ranks),
      first_chunk_(0),
      last_chunk_((blueprint.parameter_count() + kChunk - 1) / kChunk),
      shards_(shards),
      grad_(blueprint.parameter_count()),
      squares_(last_chunk_) {
  if (ranks) {
    first_shard_ = share_of_rank(shards, ranks->rank(), ranks->count());
    first_chunk_ = share_of_rank(last_chunk_, ranks->rank(), ranks->count());
    last_chunk_ = share_of_rank(last_chunk_, ranks->rank() + 1, ranks->count());
    received_.resize(shards);
  }
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
  reduce(pool, grads);
  const Index count = static_cast<Index>(grad_.size());
  const Index chunks = static_cast<Index>(squares_.size());
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

/// The sum of all shards' gradients, in their order, and its squares.
template <class T>
void Optimizer<T>::reduce(ThreadPool& pool, const std::vector<T*>& grads) {
  const Index count = static_cast<Index>(grad_.size()),
              base = std::min(count, first_chunk_ * kChunk);
  trade(grads);
  pool.run(last_chunk_ - first_chunk_, [&](Index own, int) {
    const Index chunk = first_chunk_ + own, first = chunk * kChunk;
    const Index n = std::min(kChunk, count - first);
    squares_[chunk] = kernels<T>().reduce_gradients(n, shards_, addends_.data(), first - base,
                                                    grad_.data() + first);
  });
  if (!ranks_) return;
  std::vector<std::size_t> sums, squares;
  for (int r = 1; r <= ranks_->count(); ++r) {
    const std::size_t chunks = share_of_rank(squares_.size(), r, ranks_->count());
    squares.push_back(sizeof(double) * chunks);
    sums.push_back(sizeof(T) * std::min<std::size_t>(grad_.size(), chunks * kChunk));
  }
  ranks_->gather_parts(grad_.data(), sums);
  ranks_->gather_parts(squares_.data(), squares);
}

/// Gives the other ranks this one's gradients of their parameters, and takes theirs of its own.
template <class T>
void Optimizer<T>::trade(const std::vector<T*>& grads) {
  const Index count = static_cast<Index>(grad_.size()),
              base = std::min(count, first_chunk_ * kChunk);
  addends_.resize(shards_);
  for (std::size_t own = 0; own < grads.size(); ++own) {
    addends_[first_shard_ + static_cast<Index>(own)] = grads[own] + base;
  }
  if (!ranks_) return;
  const auto chunks = static_cast<Index>(squares_.size());
  const Index size = std::min(count, last_chunk_ * kChunk) - std::min(count, base);
  std::vector<Ranks::Message> sends, receives;
  for (int peer = 0; peer < ranks_->count(); ++peer) {
    if (peer == ranks_->rank()) continue;
    const auto place = [&](int after) {
      return std::min(count, kChunk * share_of_rank(chunks, peer + after, ranks_->count()));
    };
    for (T* grad : grads) {
      sends.push_back({peer, grad + place(0), sizeof(T) * (place(1) - place(0))});
    }
    for (Index s = share_of_rank(shards_, peer, ranks_->count());
         s < share_of_rank(shards_, peer + 1, ranks_->count()); ++s) {
      received_[s].resize(size);
      receives.push_back({peer, received_[s].data(), sizeof(T) * size});
      addends_[s] = received_[s].data();
    }
  }
  ranks_->exchange(sends, receives);
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace nflow
