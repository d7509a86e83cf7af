#include "nflow/region.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ask/draws.h"
#include "math/random.h"

namespace nflow {
namespace {

constexpr Index kFirstDrawsGiven = 1024;  // for a context at once

/// Contexts whose masses are kept, for those that may come again.
constexpr std::size_t kMostKept = std::size_t{1} << 16;

}  // namespace

double RegionMass::mass() const {
  return draws == 0 ? 0 : static_cast<double>(inside) / static_cast<double>(draws);
}

double RegionMass::error() const {
  const double q = static_cast<double>(inside + 1) / static_cast<double>(draws + 2);
  return std::sqrt(q * (1 - q) / static_cast<double>(std::max<Index>(1, draws)));
}

RegionMasses::RegionMasses(const Model& model, Evaluator& evaluator, Condition& condition,
                           Index most, double temperature)
    : evaluator_(evaluator),
      condition_(condition),
      columns_(static_cast<Index>(model.columns.size())),
      context_(static_cast<Index>(model.context.size())),
      most_(most > 0 ? most : (context_ > 0 ? kMostDrawsGiven : kMostDraws)),
      temperature_(temperature) {}

RegionMass RegionMasses::operator()(const RowMatrix& context, Index row) {
  const RowKey key = context_ > 0 ? key_of(context, row) : RowKey{};
  const auto before = known_.find(key);
  if (before != known_.end()) return before->second;
  if (known_.size() >= kMostKept) known_.clear();
  const RowMatrix own = context_ > 0 ? RowMatrix(context.middleRows(row, 1)) : RowMatrix(1, 0);
  return known_[key] = estimate(own);
}

RegionMass RegionMasses::estimate(const RowMatrix& context) {
  const Index at_once = context_ > 0 ? kFirstDrawsGiven : kAskedRows;
  RegionMass found;
  std::vector<char> inside;
  while (found.draws < most_) {
    const Index count = std::min(at_once, most_ - found.draws);
    const RowMatrix latent = temperature_ * fixed_latent(found.draws, count, columns_);
    condition_.find(draws_given(evaluator_, latent, context), inside);
    found.inside += std::accumulate(inside.begin(), inside.end(), Index{0});
    found.draws += count;
    if (found.inside > 0 && found.error() < kRelativeError * found.mass()) break;
  }
  return found;
}

RegionRows::RegionRows(Evaluator& evaluator, Condition& condition, Index columns,
                       std::uint64_t seed, double temperature)
    : evaluator_(evaluator),
      condition_(condition),
      columns_(columns),
      seed_(seed),
      temperature_(temperature) {}

Index RegionRows::sample(std::uint64_t first, Index n, const RowMatrix& context, RowMatrix& rows) {
  rows.resize(n, columns_);
  waiting_.resize(static_cast<std::size_t>(n));
  std::iota(waiting_.begin(), waiting_.end(), Index{0});
  tried_ = 0;
  Index each = 1;
  while (!waiting_.empty() && tried_ < kMostDraws) {
    // What fills a batch of the evaluator, but no more than have been in vain.
    const Index room = std::max<Index>(1, kAskedRows / static_cast<Index>(waiting_.size()));
    each = std::min({each, room, kMostDraws - tried_});
    attempt(first, each, context, rows);
    each = tried_;
  }
  return waiting_.empty() ? n : waiting_.front();
}

void RegionRows::attempt(std::uint64_t first, Index count, const RowMatrix& context,
                         RowMatrix& rows) {
  const auto waiting = static_cast<Index>(waiting_.size());
  latent_.resize(waiting * count, columns_);
  given_.resize(waiting * count, context.cols());
  for (Index i = 0; i < waiting; ++i) {
    const Index row = waiting_[static_cast<std::size_t>(i)];
    given_.middleRows(i * count, count).rowwise() = context.row(row);
    for (Index k = 0; k < count; ++k) {
      draw(first + static_cast<std::uint64_t>(row), tried_ + k, latent_.row(i * count + k).data());
    }
  }
  evaluator_.from_latent(latent_, given_, drawn_);
  condition_.find(drawn_, inside_);
  if (tried_ == 0) {
    first_draws_.draws += waiting;
    first_draws_.inside += std::accumulate(inside_.begin(), inside_.end(), Index{0});
  }
  std::size_t kept = 0;
  for (Index i = 0; i < waiting; ++i) {
    const auto begin = inside_.begin() + i * count;
    const auto hit = std::find(begin, begin + count, 1) - begin;
    const Index row = waiting_[static_cast<std::size_t>(i)];
    if (hit == count) {
      waiting_[kept++] = row;
    } else {
      rows.row(row) = drawn_.row(i * count + hit);
    }
  }
  waiting_.resize(kept);
  tried_ += count;
}

/// The latent numbers of a row's draw of that number.
void RegionRows::draw(std::uint64_t row, Index number, double* latent) const {
  const Random random(seed_, Purpose::region);
  const auto pairs = static_cast<std::uint32_t>((columns_ + 1) / 2);
  const std::uint32_t pair = static_cast<std::uint32_t>(number) * pairs;
  for (Index j = 0; j < columns_; ++j) {
    latent[j] = temperature_ *
                random.normal_pair(
                    row, pair + static_cast<std::uint32_t>(j / 2))[static_cast<std::size_t>(j % 2)];
  }
}

}  // namespace nflow
