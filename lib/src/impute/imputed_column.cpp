#include "impute/imputed_column.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "nflow/labels.h"
#include "nflow/order.h"
#include "stats/distributions.h"

namespace nflow {
namespace {

using Kind = Support::Kind;

/// Plain numbers: on the line, about their median, in units of half the middle two thirds.
class LineColumn final : public ImputedColumn {
 public:
  LineColumn(const Support& support, std::vector<double> values) : support_(support) {
    for (double& x : values) x = support_.to_line(x);
    std::sort(values.begin(), values.end());
    middle_ = sorted_quantile(values, 0.5);
    const double low = sorted_quantile(values, 1.0 / 6), high = sorted_quantile(values, 5.0 / 6);
    scale_ = high > low ? (high - low) / 2 : (values.back() - values.front()) / 2;
    if (!(scale_ > 0)) scale_ = 1;
  }

  double score(double value, double) const override {
    return (support_.to_line(value) - middle_) / scale_;
  }
  double value(double score) const override { return support_.from_line(middle_ + scale_ * score); }

 private:
  Support support_;
  double middle_, scale_;
};

/// Numbers by their ranks: a draw is a value that the column has.
class RankColumn final : public ImputedColumn {
 public:
  explicit RankColumn(std::vector<double> values) : values_(std::move(values)) {
    std::sort(values_.begin(), values_.end());
  }

  double score(double value, double place) const override {
    const auto range = std::equal_range(values_.begin(), values_.end(), value);
    const double low = static_cast<double>(range.first - values_.begin());
    const double high = static_cast<double>(range.second - values_.begin());
    const double all = static_cast<double>(values_.size());
    const double rank = low + place * std::max(high - low, 0.0);
    return normal_quantile(std::clamp(rank, 0.5, all - 0.5) / all);
  }
  double value(double score) const override {
    const double all = static_cast<double>(values_.size());
    const double rank = std::min(normal_tails(score).below * all, all - 1);
    return values_[static_cast<std::size_t>(rank)];
  }

 private:
  std::vector<double> values_;  // ascending
};

/// Labels, and numbers in a column of labels.
class LabelColumn final : public ImputedColumn {
 public:
  explicit LabelColumn(const std::vector<double>& values) {
    for (const double x : values) {
      const auto found = numbers_.insert({bits_of(x), static_cast<Index>(values_.size())});
      if (found.second) values_.push_back(x);
    }
  }

  Index levels() const override { return static_cast<Index>(values_.size()); }
  double score(double value, double) const override {
    const auto found = numbers_.find(bits_of(value));
    return found == numbers_.end() ? -1 : static_cast<double>(found->second);
  }
  double value(double score) const override { return values_[static_cast<std::size_t>(score)]; }

 private:
  std::vector<double> values_;
  std::unordered_map<std::uint64_t, Index> numbers_;
};

}  // namespace

std::unique_ptr<ImputedColumn> imputed_column(const Support& support, std::vector<double> values) {
  if (support.kind == Kind::category) return std::make_unique<LabelColumn>(values);
  const bool plain = support.kind == Kind::real || support.kind == Kind::positive ||
                     support.kind == Kind::interval || support.kind == Kind::arc;
  if (plain && support.atoms.empty()) {
    return std::make_unique<LineColumn>(support.base(), std::move(values));
  }
  return std::make_unique<RankColumn>(std::move(values));
}

}  // namespace nflow
