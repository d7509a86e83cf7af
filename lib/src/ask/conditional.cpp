#include "nflow/conditional.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "ask/asked.h"
#include "ask/cell_column.h"
#include "ask/draws.h"
#include "ask/line_column.h"
#include "ask/line_nodes.h"
#include "nflow/labels.h"

namespace nflow {
namespace {

constexpr Index kRowsAtOnce = 256;
// What rounding leaves of a panel's mass.
constexpr double kNoiseOfFloat = 3e-5, kNoiseOfDouble = 1e-10;

}  // namespace

double ColumnDensity::tail(double value) const {
  if (!is_known()) return std::numeric_limits<double>::quiet_NaN();
  if (is_hole(value)) return missing() > 0.5 ? 1 : missing();
  const std::vector<double> shares = labels();
  if (shares.empty()) {
    const double low = below(value), own = at(value);
    return std::clamp(2 * std::min(low + own, 1 - low), 0.0, 1.0);
  }
  const Index label = is_label(value) ? label_number(value) : -1;
  if (label < 0 || label >= static_cast<Index>(shares.size())) return 0;
  const double own = shares[static_cast<std::size_t>(label)];
  double sum = missing() <= own ? missing() : 0;
  for (const double share : shares) sum += share <= own ? share : 0;
  return std::min(1.0, sum);
}

struct Conditional::Impl {
  using Answers = std::vector<std::unique_ptr<ColumnDensity>>;

  Impl(const Model& model, int threads) : asked(model, threads) {}

  void of_cells(Index column, const RowMatrix& rows, const RowMatrix& context,
                const std::vector<bool>& inside, Answers& answers);
  void of_line(Index column, const RowMatrix& rows, const RowMatrix& context,
               const std::vector<bool>& inside, Answers& answers);
  void search(Index column, const RowMatrix& rows, const RowMatrix& context,
              std::vector<LineSearch>& searches, const std::vector<bool>& inside);

  Asked asked;
  std::map<Index, std::unique_ptr<CellColumn>> cells;
  std::map<Index, std::unique_ptr<LineNodes>> nodes;
};

Conditional::Conditional(const Model& model, int threads)
    : impl_(std::make_unique<Impl>(model, threads)) {}
Conditional::~Conditional() = default;

std::vector<std::unique_ptr<ColumnDensity>> Conditional::given(Index column, const RowMatrix& rows,
                                                               const RowMatrix& context) {
  RowMatrix line = rows;
  const std::vector<bool> inside = impl_->asked.to_line(line, column);
  const Support support =
      support_at(impl_->asked.model().supports, static_cast<std::size_t>(column));
  Impl::Answers answers;
  for (Index first = 0; first < line.rows(); first += kRowsAtOnce) {
    const Index n = std::min(kRowsAtOnce, line.rows() - first);
    const RowMatrix some = line.middleRows(first, n), given = context.middleRows(first, n);
    const std::vector<bool> known(inside.begin() + first, inside.begin() + first + n);
    if (support.cells) {
      impl_->of_cells(column, some, given, known, answers);
    } else {
      impl_->of_line(column, some, given, known, answers);
    }
  }
  return answers;
}

std::vector<double> Conditional::density(Index column, const RowMatrix& row,
                                         const RowMatrix& context, const ColumnDensity& found,
                                         const std::vector<double>& values) {
  const Support support =
      support_at(impl_->asked.model().supports, static_cast<std::size_t>(column));
  std::vector<double> density, log_density;
  const auto* line = dynamic_cast<const LineColumn*>(&found);
  if (!line || !line->is_known() || support.kind == Support::Kind::integer) {
    for (const double value : values) density.push_back(found.density(value));
    return density;
  }
  RowMatrix own = row;
  impl_->asked.to_line(own, column);
  for (std::size_t first = 0; first < values.size(); first += kAskedRows) {
    const std::size_t end = std::min(first + kAskedRows, values.size());
    const auto n = static_cast<Index>(end - first);
    RowMatrix rows = own.replicate(n, 1);
    for (Index i = 0; i < n; ++i) {
      const double value = values[first + static_cast<std::size_t>(i)];
      rows(i, column) = support.contains(value) ? support.to_line(value) : 0;
    }
    impl_->asked.log_density(column, rows, context.replicate(n, 1), log_density);
    for (std::size_t i = first; i < end; ++i) {
      const double value = values[i];
      const double log = log_density[i - first] - line->log_mass();
      density.push_back(support.contains(value) ? std::exp(log + support.log_slope(value)) : 0);
    }
  }
  return density;
}

/// A pass for each bin.
void Conditional::Impl::of_cells(Index column, const RowMatrix& rows, const RowMatrix& context,
                                 const std::vector<bool>& inside, Answers& answers) {
  std::unique_ptr<CellColumn>& own = cells[column];
  if (!own) {
    own = std::make_unique<CellColumn>(
        support_at(asked.model().supports, static_cast<std::size_t>(column)));
  }
  const Index bins = own->bins(), most = std::max<Index>(1, kAskedRows / bins);
  std::vector<double> log_density;
  for (Index first = 0; first < rows.rows(); first += most) {
    const Index n = std::min(most, rows.rows() - first);
    RowMatrix many = each_repeated(rows.middleRows(first, n), bins);
    for (Index i = 0; i < many.rows(); ++i) {
      many(i, column) = static_cast<double>(i % bins) + 0.5;
    }
    asked.log_density(column, many, each_repeated(context.middleRows(first, n), bins), log_density);
    for (Index i = 0; i < n; ++i) {
      const auto begin = log_density.begin() + i * bins;
      const bool known = inside[static_cast<std::size_t>(first + i)];
      answers.push_back(
          own->with(known ? std::vector<double>(begin, begin + bins) : std::vector<double>{}));
    }
  }
}

/// By quadrature, in rounds: each asks for places of all rows that are not done.
void Conditional::Impl::of_line(Index column, const RowMatrix& rows, const RowMatrix& context,
                                const std::vector<bool>& inside, Answers& answers) {
  std::unique_ptr<LineNodes>& own = nodes[column];
  if (!own) own = std::make_unique<LineNodes>(asked, column);
  const Support support = support_at(asked.model().supports, static_cast<std::size_t>(column));
  const bool closed = support.kind == Support::Kind::circular;
  const double noise =
      asked.model().precision() == Precision::float32 ? kNoiseOfFloat : kNoiseOfDouble;
  std::vector<LineSearch> searches;
  for (std::vector<double>& places : own->of(rows, context)) {
    searches.emplace_back(std::move(places), closed, noise);
  }
  search(column, rows, context, searches, inside);
  for (std::size_t i = 0; i < searches.size(); ++i) {
    LineDensity density = inside[i] ? searches[i].result() : LineDensity{};
    answers.push_back(std::make_unique<LineColumn>(support, std::move(density)));
  }
}

void Conditional::Impl::search(Index column, const RowMatrix& rows, const RowMatrix& context,
                               std::vector<LineSearch>& searches, const std::vector<bool>& inside) {
  std::vector<double> log_density;
  while (true) {
    Index count = 0;
    for (std::size_t i = 0; i < searches.size(); ++i) {
      if (inside[i]) count += static_cast<Index>(searches[i].wanted().size());
    }
    if (count == 0) return;
    RowMatrix many(count, rows.cols()), given(count, context.cols());
    Index at = 0;
    for (std::size_t i = 0; i < searches.size(); ++i) {
      if (!inside[i]) continue;
      for (const double place : searches[i].wanted()) {
        many.row(at) = rows.row(static_cast<Index>(i));
        given.row(at) = context.row(static_cast<Index>(i));
        many(at++, column) = place;
      }
    }
    asked.log_density(column, many, given, log_density);
    const double* next = log_density.data();
    for (std::size_t i = 0; i < searches.size(); ++i) {
      const std::size_t own = inside[i] ? searches[i].wanted().size() : 0;
      if (own == 0) continue;
      searches[i].take(next);
      next += own;
    }
  }
}

}  // namespace nflow
