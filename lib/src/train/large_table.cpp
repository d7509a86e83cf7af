#include "train/large_table.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "io/digest.h"
#include "math/random.h"
#include "stats/weights.h"

namespace nflow {
namespace {

/// More rows than begin in a block: each takes two bytes at least.
constexpr int kRowBits = 20;

/// The sample is not so small that it says nothing, however many columns there are.
constexpr Index kFewestSampled = 1024;

void append_row(const RowMatrix& rows, Index row, std::vector<double>& to) {
  to.insert(to.end(), rows.row(row).begin(), rows.row(row).end());
}

Dataset gather_dataset(Ranks* ranks, std::vector<double> own, const RowLayout& layout) {
  const std::vector<double> all = gather_all(ranks, std::move(own));
  const Index rows = static_cast<Index>(all.size()) / layout.count();
  return to_dataset(Eigen::Map<const RowMatrix>(all.data(), rows, layout.count()), layout);
}

}  // namespace

LargeTable::LargeTable(BlockStore store, const Shape& shape, Ranks* ranks)
    : store_(std::move(store)),
      shape_(shape),
      ranks_(ranks),
      own_lanes_(own_part(ranks, shape.lanes)),
      lane_rows_(static_cast<std::size_t>(shape.lanes)) {
  if (own_lanes_.size() > 0) first_block_ = blocks_of(own_lanes_.first).first;
}

Part LargeTable::blocks_of(Index lane) const {
  return {shape_.blocks * lane / shape_.lanes, shape_.blocks * (lane + 1) / shape_.lanes};
}

Index LargeTable::rows_of_block(Index block) const {
  return block_rows_[static_cast<std::size_t>(block - first_block_)];
}

std::uint64_t LargeTable::first_id(Index block) {
  return static_cast<std::uint64_t>(block) << kRowBits;
}

/// A number that is uniform in [0, 1) decides.
LargeTable::Use LargeTable::use_of(const Block& block, Index row) const {
  const RowLayout& layout = shape_.layout;
  if (layout.weighted && block.rows(row, layout.count() - 1) == 0) return Use::none;
  const Random random(seed_, Purpose::split);
  const double key = random.uniform(block.ids[static_cast<std::size_t>(row)], 0);
  if (key < validation_share_) return Use::validation;
  return key < validation_share_ + sample_share_ ? Use::sample : Use::fit;
}

void LargeTable::read_all(Index block, Block& to) const {
  store_.read(block, to.rows);
  if (shape_.layout.weighted) {
    for (double& w : to.rows.col(shape_.layout.count() - 1)) {
      w = scaled_weight(w, shape_.weight_exponent);
    }
  }
  to.ids.resize(static_cast<std::size_t>(to.rows.rows()));
  std::iota(to.ids.begin(), to.ids.end(), first_id(block));
}

void LargeTable::read(Index block, Block& to) const {
  read_all(block, to);
  Index kept = 0;
  for (Index row = 0; row < to.rows.rows(); ++row) {
    const Use use = use_of(to, row);
    if (use != Use::fit && use != Use::sample) continue;
    to.rows.row(kept) = to.rows.row(row);
    to.ids[static_cast<std::size_t>(kept++)] = to.ids[static_cast<std::size_t>(row)];
  }
  to.rows.conservativeResize(kept, to.rows.cols());
  to.ids.resize(static_cast<std::size_t>(kept));
}

LargeSplit LargeTable::split(double fraction, bool capped, std::uint64_t seed) {
  const RowLayout& layout = shape_.layout;
  const Index most = std::max(kFewestSampled, shape_.sizes.sample_numbers / layout.count());
  const double share = static_cast<double>(most) / static_cast<double>(shape_.rows);
  seed_ = seed;
  validation_share_ = capped ? std::min(fraction, share) : fraction;
  sample_share_ = share;

  std::vector<double> sample, validation;
  std::vector<double> lane_weights(lane_rows_.size());
  Block block;
  for (Index lane = own_lanes_.first; lane < own_lanes_.last; ++lane) {
    const auto place = static_cast<std::size_t>(lane);
    for (Index b = blocks_of(lane).first; b < blocks_of(lane).last; ++b) {
      read_all(b, block);
      Index kept = 0;
      for (Index row = 0; row < block.rows.rows(); ++row) {
        const Use use = use_of(block, row);
        if (use == Use::validation) append_row(block.rows, row, validation);
        if (use == Use::sample) append_row(block.rows, row, sample);
        if (use != Use::sample && use != Use::fit) continue;
        ++kept;
        lane_weights[place] += layout.weighted ? block.rows(row, layout.count() - 1) : 1;
      }
      block_rows_.push_back(static_cast<std::uint32_t>(kept));
      lane_rows_[place] += kept;
    }
  }
  gather(ranks_, lane_rows_);
  gather(ranks_, lane_weights);
  rows_ = std::accumulate(lane_rows_.begin(), lane_rows_.end(), Index{0});
  mean_weight_ = std::accumulate(lane_weights.begin(), lane_weights.end(), 0.0) /
                 static_cast<double>(std::max<Index>(rows_, 1));
  return {gather_dataset(ranks_, std::move(sample), layout),
          gather_dataset(ranks_, std::move(validation), layout)};
}

std::string LargeTable::digest() const {
  using Text = std::array<char, kDigestDigits>;
  std::vector<Text> lanes(lane_rows_.size());
  RowMatrix rows;
  for (Index lane = own_lanes_.first; lane < own_lanes_.last; ++lane) {
    Digest digest;
    for (Index b = blocks_of(lane).first; b < blocks_of(lane).last; ++b) {
      store_.read(b, rows);
      digest.add(rows.data(), static_cast<std::size_t>(rows.size()) * sizeof(double));
    }
    const std::string text = digest.text();
    std::copy(text.begin(), text.end(), lanes[static_cast<std::size_t>(lane)].begin());
  }
  gather(ranks_, lanes);
  Digest digest;
  for (const Text& text : lanes) digest.add(text.data(), text.size());
  return digest.text();
}

}  // namespace nflow
