#include "train/optimizer.h"

#include <algorithm>
#include <cmath>

#include "memory.h"

namespace nflow {
namespace {

// Parameters are treated in chunks whose bounds do not depend on the number of threads.
constexpr Index kChunk = 16384;

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

/// Share of the newest parameters in their average; the first steps get more, so that the start
/// fades.
constexpr double kAverageShare = 0.005;

}  // namespace

template <class T>
Optimizer<T>::Optimizer(const Blueprint& blueprint, const Settings& settings, Index shards,
                        Ranks* ranks)
    : settings_(settings),
      ranks_(ranks),
      addends_(shards),
      received_(ranks ? shards : 0),
      grad_(large_zeros<T>(blueprint.parameter_count())),
      squares_((blueprint.parameter_count() + kChunk - 1) / kChunk) {
  state.m = large_zeros<T>(blueprint.parameter_count());
  state.v = large_zeros<T>(blueprint.parameter_count());
  state.average = large_zeros<T>(blueprint.parameter_count());
  find_spans(blueprint);
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
void Optimizer<T>::find_spans(const Blueprint& blueprint) {
  const auto add = [&](Index first, Index last) {
    for (Index end; first < last; first = end) {
      end = std::min(last, (first / kChunk + 1) * kChunk);
      const bool goes_on = !spans_.empty() && spans_.back().last == first && first % kChunk != 0;
      if (goes_on) {
        spans_.back().last = end;
      } else {
        spans_.push_back({first, end});
      }
    }
  };
  for (std::size_t t = 0; t < blueprint.tensors().size(); ++t) {
    const TensorPlace& place = blueprint.tensors()[t];
    const std::vector<Index>& live = blueprint.starts()[t].live;
    for (Index r = 0; r < place.rows; ++r) {
      const Index first = place.offset + r * place.cols;
      add(first, first + (live.empty() ? place.cols : live[r]));
    }
  }
  std::size_t span = 0;
  for (std::size_t chunk = 0; chunk <= squares_.size(); ++chunk) {
    const Index begin = static_cast<Index>(chunk) * kChunk;
    while (span < spans_.size() && spans_[span].first < begin) ++span;
    first_span_.push_back(static_cast<Index>(span));
  }
}

template <class T>
bool Optimizer<T>::step(ThreadPool& pool, const std::vector<T*>& grads, double rate,
                        std::vector<T>& theta) {
  reduce(pool, grads);
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
    for (Index s = first_span_[chunk]; s < first_span_[chunk + 1]; ++s) {
      const Index first = spans_[s].first;
      AdamArgs<T> part = a;
      part.n = spans_[s].last - first;
      part.theta = theta.data() + first;
      part.grad = grad_.data() + first;
      part.m = state.m.data() + first;
      part.v = state.v.data() + first;
      part.decay = decay_.empty() ? nullptr : decay_.data() + first;
      kernels<T>().adam(part);
      T* average = state.average.data() + first;
      for (Index i = 0; i < part.n; ++i) average[i] += share * (part.theta[i] - average[i]);
    }
  });
  return true;
}

/// Whole chunks.
template <class T>
Part Optimizer<T>::parameters_of_rank(int rank) const {
  const auto count = static_cast<Index>(grad_.size());
  const Part chunks = part_of_rank(ranks_, static_cast<Index>(squares_.size()), rank);
  return {std::min(count, chunks.first * kChunk), std::min(count, chunks.last * kChunk)};
}

/// The sum of all shards' gradients, in their order, and its squares.
template <class T>
void Optimizer<T>::reduce(ThreadPool& pool, const std::vector<T*>& grads) {
  trade(grads);
  const Part own = parameters_of_rank(ranks_ ? ranks_->rank() : 0);
  pool.run((own.size() + kChunk - 1) / kChunk, [&](Index chunk, int) {
    const Index number = own.first / kChunk + chunk;
    squares_[number] = 0;
    for (Index s = first_span_[number]; s < first_span_[number + 1]; ++s) {
      const Span& span = spans_[s];
      squares_[number] += kernels<T>().reduce_gradients(
          span.last - span.first, static_cast<Index>(addends_.size()), addends_.data(),
          span.first - own.first, grad_.data() + span.first);
    }
  });
  if (!ranks_) return;
  std::vector<std::size_t> ends;
  ends.reserve(static_cast<std::size_t>(ranks_->count()));
  for (int r = 0; r < ranks_->count(); ++r) ends.push_back(sizeof(T) * parameters_of_rank(r).last);
  ranks_->gather_parts(grad_.data(), ends);
  gather(ranks_, squares_);
}

/// Gives the other ranks this one's gradients of their parameters, and takes theirs of its own.
template <class T>
void Optimizer<T>::trade(const std::vector<T*>& grads) {
  const auto shards = static_cast<Index>(addends_.size());
  const Part own = parameters_of_rank(ranks_ ? ranks_->rank() : 0);
  const Index first_shard = own_part(ranks_, shards).first;
  for (std::size_t i = 0; i < grads.size(); ++i) {
    addends_[first_shard + static_cast<Index>(i)] = grads[i] + own.first;
  }
  if (!ranks_) return;
  std::vector<Ranks::Message> sends, receives;
  for (int peer = 0; peer < ranks_->count(); ++peer) {
    if (peer == ranks_->rank()) continue;
    const Part theirs = parameters_of_rank(peer), their_shards = part_of_rank(ranks_, shards, peer);
    for (T* grad : grads) {
      sends.push_back({peer, grad + theirs.first, sizeof(T) * theirs.size()});
    }
    for (Index s = their_shards.first; s < their_shards.last; ++s) {
      received_[s].resize(own.size());
      receives.push_back({peer, received_[s].data(), sizeof(T) * own.size()});
      addends_[s] = received_[s].data();
    }
  }
  ranks_->exchange(sends, receives);
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace nflow
