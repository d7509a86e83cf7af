#include "nflow/compare.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "nflow/evaluator.h"
#include "nflow/labels.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

constexpr Index kBlock = 8192;  // draws at once

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string only_one_has(const Model& one, const std::string& name, const Model& other) {
  for (const std::string& column : one.columns) {
    if (!has(other.columns, column)) {
      return "only " + name + " has the column '" + printable(column) + "'";
    }
  }
  return "";
}

/// Rows of one model as rows of another with the same columns: each in its place there, labels by
/// their texts.
class Translation {
 public:
  Translation(const Model& from, const Model& to) {
    for (std::size_t j = 0; j < to.columns.size(); ++j) {
      const auto found = std::find(from.columns.begin(), from.columns.end(), to.columns[j]);
      const auto place = static_cast<std::size_t>(found - from.columns.begin());
      columns_.push_back({static_cast<Index>(place), {}});
      const Support before = support_at(from.supports, place);
      if (before.kind != Support::Kind::category) continue;
      const Support after = support_at(to.supports, j);
      const bool category = after.kind == Support::Kind::category;
      const Labels known(category ? after.cells->data().levels : std::vector<std::string>{});
      for (const std::string& level : before.cells->data().levels) {
        columns_.back().values.push_back(value_of(level, known, category));
      }
    }
  }

  RowMatrix operator()(const RowMatrix& rows) const {
    RowMatrix translated(rows.rows(), static_cast<Index>(columns_.size()));
    for (std::size_t j = 0; j < columns_.size(); ++j) {
      const Column& column = columns_[j];
      for (Index i = 0; i < rows.rows(); ++i) {
        const double value = rows(i, column.place);
        const bool label = is_label(value) && !column.values.empty();
        translated(i, static_cast<Index>(j)) =
            label ? column.values[static_cast<std::size_t>(label_number(value))] : value;
      }
    }
    return translated;
  }

 private:
  struct Column {
    Index place;
    std::vector<double> values;  // of the labels, by number; none for a column of numbers
  };

  /// A label's text may be a number, for a model that takes the column for one.
  static double value_of(const std::string& level, const Labels& known, bool category) {
    if (category) return label_value(known.find(level).value_or(Labels::kUnseen));
    return parse_number(level).value_or(label_value(Labels::kUnseen));
  }

  std::vector<Column> columns_;
};

}  // namespace

Comparison::Comparison(std::size_t models)
    : means_(models), pairs_(models * (models - 1) / 2), infinite_(models, 0) {}

void Comparison::add(const std::vector<std::vector<double>>& log_prob) {
  for (std::size_t i = 0; i < log_prob.front().size(); ++i) {
    bool all = true;
    for (std::size_t m = 0; m < means_.size(); ++m) {
      const bool finite = std::isfinite(log_prob[m][i]);
      infinite_[m] += finite ? 0 : 1;
      all = all && finite;
    }
    ++(all ? rows_ : left_out_);
    if (!all) continue;
    std::size_t at = 0;
    for (std::size_t m = 0; m < means_.size(); ++m) {
      means_[m].add(log_prob[m][i]);
      for (std::size_t k = 0; k < m; ++k) pairs_[at++].add(log_prob[m][i] - log_prob[k][i]);
    }
  }
}

const Summary& Comparison::pair(std::size_t high, std::size_t low) const {
  return pairs_[high * (high - 1) / 2 + low];
}

MeanEstimate Comparison::difference(std::size_t model, std::size_t other) const {
  if (model == other) return {0, 0};
  const MeanEstimate found = pair(std::max(model, other), std::min(model, other)).mean();
  return {model > other ? found.mean : 0 - found.mean, found.error};
}

std::string not_comparable(const Model& a, const std::string& name_a, const Model& b,
                           const std::string& name_b) {
  const std::string first = only_one_has(a, name_a, b);
  return first.empty() ? only_one_has(b, name_b, a) : first;
}

Divergence divergence(const Model& p, const Model& q, std::uint64_t n, std::uint64_t seed,
                      int threads) {
  Evaluator at_p(p, threads), at_q(q, threads);
  const Translation translated(p, q);
  Summary ratio;
  Divergence result{{}, 0, 0, 0};
  RowMatrix rows;
  std::vector<double> log_p, log_q;
  for (std::uint64_t first = 0; first < n; first += static_cast<std::uint64_t>(rows.rows())) {
    const auto count = static_cast<Index>(std::min<std::uint64_t>(kBlock, n - first));
    const RowMatrix none(count, 0);
    at_p.sample(seed, first, count, none, 1, rows);
    at_p.log_prob(rows, none, log_p);
    at_q.log_prob(translated(rows), none, log_q);
    for (std::size_t i = 0; i < log_p.size(); ++i) {
      if (!std::isfinite(log_p[i])) {
        ++result.lost;
        continue;
      }
      result.outside += std::isfinite(log_q[i]) ? 0 : 1;
      ratio.add(log_p[i] - log_q[i]);
    }
  }
  result.estimate = ratio.mean();
  result.rows = ratio.count();
  return result;
}

}  // namespace nflow
