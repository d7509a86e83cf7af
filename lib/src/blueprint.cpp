#include "blueprint.h"

#include <numeric>
#include <utility>

#include "math/random.h"

namespace nflow {
namespace {

/// Fisher and Yates' shuffle of 0 .. n - 1, the draws numbered by `stream`.
std::vector<std::int64_t> shuffled(Index n, std::uint64_t seed, std::uint32_t stream) {
  const Random random(seed, Purpose::permutation);
  std::vector<std::int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  for (Index i = n - 1; i > 0; --i) {
    std::swap(order[i], order[random.below(i + 1, i, stream)]);
  }
  return order;
}

}  // namespace

Blueprint::Blueprint(Index columns, Index context, std::uint64_t seed,
                     const std::vector<Permutation>* known)
    : columns_(columns), context_(context), numbers_(context), seed_(seed), known_(known) {}

std::string Blueprint::path(const std::string& name) const {
  std::string full;
  for (const auto& room : rooms_) full += room + ".";
  return full + name;
}

Param Blueprint::param(const std::string& name, Index rows, Index cols, Start start) {
  const Param place{parameter_count_, rows, cols};
  tensors_.push_back({path(name), place.offset, rows, cols});
  starts_.push_back(std::move(start));
  parameter_count_ += place.size();
  return place;
}

Index Blueprint::factor(const Factor& factor) {
  factors_.push_back(factor);
  return static_cast<Index>(factors_.size()) - 1;
}

Slot Blueprint::tape(Index cols) {
  const Slot slot{tape_cols_, cols};
  tape_cols_ += cols;
  return slot;
}

Slot Blueprint::scratch(Index cols) {
  const Slot slot{scratch_cols_, cols};
  scratch_cols_ += cols;
  return slot;
}

const std::vector<std::int64_t>& Blueprint::permutation(const std::string& name) {
  const std::size_t at = permutations_.size();
  permutations_.push_back(
      {path(name),
       known_ ? (*known_)[at].index : shuffled(columns_, seed_, static_cast<std::uint32_t>(at))});
  return permutations_.back().index;
}

void Blueprint::begin_link(const std::string& name, Index context, Index numbers) {
  context_ = context;
  numbers_ = numbers;
  rooms_ = {std::to_string(++links_) + "." + name};
  tape_cols_ = 0;
  scratch_cols_ = 0;
}

void Blueprint::begin_head(const std::string& name) {
  rooms_ = {name};
  tape_cols_ = 0;
  scratch_cols_ = 0;
}

void Blueprint::enter(const std::string& prefix) { rooms_.push_back(prefix); }
void Blueprint::leave() { rooms_.pop_back(); }

std::vector<double> Blueprint::initial_parameters(std::uint64_t seed) const {
  const Random random(seed, Purpose::parameters);
  std::vector<double> theta(parameter_count_);
  for (std::size_t t = 0; t < tensors_.size(); ++t) {
    const TensorPlace& place = tensors_[t];
    const Start& start = starts_[t];
    for (Index i = 0; i < place.rows * place.cols; ++i) {
      if (!start.live.empty() && i % place.cols >= start.live[i / place.cols]) continue;
      const std::uint64_t at = place.offset + i;
      switch (start.kind) {
        case Start::Kind::constant:
          theta[at] = start.value;
          break;
        case Start::Kind::uniform:
          theta[at] = start.value * (2 * random.uniform(at, 0) - 1);
          break;
        case Start::Kind::normal:
          theta[at] = start.value * random.normal_pair(at, 0)[0];
          break;
      }
    }
  }
  return theta;
}

}  // namespace nflow
