#include "nflow/folds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <unordered_map>

#include "math/random.h"
#include "nflow/error.h"
#include "nflow/labels.h"
#include "nflow/mean_estimate.h"

namespace nflow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void check_folds(Index folds, Index parts, const char* what) {
  if (folds < 2) throw Error("a table is split into two folds at least");
  if (parts >= folds) return;
  throw Error(std::to_string(folds) + " folds need as many " + what + ", and there are " +
              std::to_string(parts));
}

/// Numbers 0 .. count - 1 in an order that the seed draws.
std::vector<Index> drawn_order(Index count, std::uint64_t seed) {
  const Random random(seed, Purpose::folds);
  std::vector<double> keys;
  for (Index i = 0; i < count; ++i)
    keys.push_back(random.uniform(static_cast<std::uint64_t>(i), 0));
  std::vector<Index> order(keys.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return keys[static_cast<std::size_t>(a)] < keys[static_cast<std::size_t>(b)];
  });
  return order;
}

}  // namespace

std::vector<Index> draw_folds(Index rows, Index folds, std::uint64_t seed) {
  check_folds(folds, rows, "rows");
  std::vector<Index> fold(static_cast<std::size_t>(rows));
  Index next = 0;
  for (const Index row : drawn_order(rows, seed)) {
    fold[static_cast<std::size_t>(row)] = next++ % folds;
  }
  return fold;
}

std::vector<Index> draw_folds(const std::vector<double>& groups, Index folds, std::uint64_t seed) {
  std::unordered_map<std::uint64_t, std::size_t> numbers;
  std::vector<std::size_t> of_row;
  std::vector<Index> sizes;
  for (const double group : groups) {
    const std::size_t number = numbers.try_emplace(bits_of(group), numbers.size()).first->second;
    sizes.resize(numbers.size(), 0);
    ++sizes[number];
    of_row.push_back(number);
  }
  check_folds(folds, static_cast<Index>(sizes.size()), "groups");
  std::vector<Index> order = drawn_order(static_cast<Index>(sizes.size()), seed);
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return sizes[static_cast<std::size_t>(a)] > sizes[static_cast<std::size_t>(b)];
  });
  std::vector<Index> rows(static_cast<std::size_t>(folds), 0), of_group(sizes.size());
  for (const Index group : order) {
    const auto least = std::min_element(rows.begin(), rows.end());
    *least += sizes[static_cast<std::size_t>(group)];
    of_group[static_cast<std::size_t>(group)] = least - rows.begin();
  }
  std::vector<Index> fold;
  for (const std::size_t group : of_row) fold.push_back(of_group[group]);
  return fold;
}

FoldEstimate estimate_folds(const std::vector<double>& log_prob, const std::vector<double>& weights,
                            const std::vector<Index>& fold, Index folds) {
  FoldEstimate found;
  found.impossible = std::count(log_prob.begin(), log_prob.end(), -kInfinity);
  std::vector<std::vector<double>> values(static_cast<std::size_t>(folds)), of_values = values;
  for (std::size_t i = 0; i < log_prob.size(); ++i) {
    const auto own = static_cast<std::size_t>(fold[i]);
    values[own].push_back(log_prob[i]);
    if (!weights.empty()) of_values[own].push_back(weights[i]);
  }
  for (std::size_t k = 0; k < values.size(); ++k) {
    const bool none = std::count(values[k].begin(), values[k].end(), -kInfinity) > 0;
    found.of_folds.push_back(none ? -kInfinity : estimate_mean(values[k], of_values[k]).mean);
  }
  if (found.impossible > 0) {
    found.mean = -kInfinity;
    found.error_of_rows = found.error_of_folds = kInfinity;
    return found;
  }
  const MeanEstimate all = estimate_mean(log_prob, weights);
  found.mean = all.mean;
  found.error_of_rows = all.error;
  found.error_of_folds = estimate_mean(found.of_folds, {}).error;
  return found;
}

}  // namespace nflow
