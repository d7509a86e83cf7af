#include "nflow/kinds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "nflow/csv_manner.h"
#include "nflow/error.h"
#include "nflow/labels.h"

namespace nflow {
namespace {

using Kind = Support::Kind;

/// Text is free text where so many distinct labels have fewer rows each than this in the mean.
constexpr double kFreeText = 30, kFewestRowsOfLabel = 2;

/// Rows from which on 1, 2, 3, ... is a counter.
constexpr double kFewestRowsOfCounter = 8;

/// A column is one of numbers though some fields are text where so many of its distinct values and
/// at least half of its rows are numbers, and the texts are few.
constexpr std::size_t kFewestNumbers = 20, kMostMarks = 3;

/// Where all of these texts are known marks for missing, so many numbers do.
constexpr std::size_t kFewestKnown = 3;

/// A single value is an atom where this share of the rows has it, and so many.
constexpr double kLeastAtom = 0.05, kFewestRowsOfAtom = 5;

/// A value that so many rows have is tied.
constexpr double kFewestTies = 2;

/// Decimals are a grid where a distinct one has so many rows in the mean, and few are distinct:
/// coordinates to two digits are better off in a chain, which sees how they lie together.
constexpr double kFewestRowsOfStep = 5;

/// Whole numbers have bins where so few are distinct, or where this share of the rows has a value
/// that many have.
constexpr double kFewWhole = 256, kOftenShare = 0.3, kOften = 1.0 / 256;

/// Values this near to a multiple of a step, in steps, are on its grid, if they are no more steps
/// away from 0 than numbers can tell apart.
constexpr double kOnGrid = 1e-6, kMostSteps = 1e9;

/// Rows that share a value beyond chance, so many of all, are beyond a chain; a density is smooth
/// over so many values on either side.
constexpr double kManyTies = 0.15;
constexpr std::size_t kNeighbours = 20;

constexpr double kHole = std::numeric_limits<double>::quiet_NaN();

constexpr int kMostDecimals = 6;
constexpr double kMostWhole = 0x1p53;

/// What a column's numbers look like.
struct Look {
  std::map<double, double> counts;  // rows by value
  double rows = 0;                  // with a number
  bool holes = false, whole = true, counter = true;
};

Look look_at(const std::vector<double>& values) {
  Look look;
  double before = 0;
  for (const double x : values) {
    if (is_label(x)) continue;
    if (std::isnan(x)) {
      look.holes = true;
      continue;
    }
    look.counter = look.counter && (look.rows == 0 || x == before + 1);
    before = x;
    look.rows += 1;
    look.counts[x + 0.0] += 1;
    look.whole = look.whole && x == std::floor(x) && std::fabs(x) < kMostWhole;
  }
  return look;
}

/// The power of ten that all values are multiples of; 0 where there is none that small.
double step_of(const Look& look) {
  double per_unit = 1;
  for (int decimals = 1; decimals <= kMostDecimals; ++decimals) {
    per_unit *= 10;
    const auto on_grid = [&](const auto& item) {
      const double steps = item.first * per_unit;
      return std::fabs(steps - std::round(steps)) <= kOnGrid && std::fabs(steps) < kMostSteps;
    };
    if (std::all_of(look.counts.begin(), look.counts.end(), on_grid)) return 1 / per_unit;
  }
  return 0;
}

/// Share of the rows whose value many others have.
double often_share(const Look& look) {
  double rows = 0;
  for (const auto& [value, count] : look.counts) {
    if (count >= std::max(kFewestTies, kOften * look.rows)) rows += count;
  }
  return rows / look.rows;
}

/// How many more rows share a value than a smooth density about them would have, as a share of all.
double tie_excess(const Look& look) {
  std::vector<double> values, before;
  double rows = 0, tied = 0, chance = 0;
  for (const auto& [value, count] : look.counts) {
    values.push_back(value);
    before.push_back(rows);
    rows += count;
    if (count > 1) tied += count;
  }
  before.push_back(rows);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const std::size_t low = k < kNeighbours ? 0 : k - kNeighbours;
    const std::size_t high = std::min(values.size() - 1, k + kNeighbours);
    const double density = (before[high + 1] - before[low]) / (values[high] - values[low] + 1);
    chance += (before[k + 1] - before[k]) * (1 - std::exp(-density));
  }
  return (tied - chance) / rows;
}

/// Are bins of use for whole numbers?
bool fits_bins(const Look& look) {
  return static_cast<double>(look.counts.size()) <= kFewWhole || often_share(look) >= kOftenShare ||
         tie_excess(look) >= kManyTies;
}

/// Numbers that are not all whole.
Support infer_decimals(const Look& look) {
  const auto distinct = static_cast<double>(look.counts.size());
  Support support;
  support.holes = look.holes;
  const double step = step_of(look);
  if (step > 0 && look.rows >= kFewestRowsOfStep * distinct && distinct <= kFewWhole) {
    support.kind = Kind::grid;
    support.step = step;
    return support;
  }
  bool positive = true;
  for (const auto& [value, count] : look.counts) {
    if (count >= std::max(kFewestRowsOfAtom, kLeastAtom * look.rows)) {
      support.atoms.push_back(value);
    } else {
      positive = positive && value > 0;
    }
  }
  if (support.is_cut() && positive) support.kind = Kind::positive;
  return support;
}

Support infer_whole(const Look& look) {
  Support support;
  support.holes = look.holes;
  if (look.counts.size() <= 2 && look.rows > static_cast<double>(look.counts.size())) {
    support.kind = Kind::category;
  } else if (fits_bins(look) || look.holes) {
    support.kind = Kind::grid;
    support.step = 1;
  } else {
    support.kind = Kind::integer;
  }
  return support;
}

InferredKind infer_numbers(const Look& look) {
  if (look.counts.size() == 1 && !look.holes) return {{}, "is the same in all rows"};
  if (!look.whole) return {infer_decimals(look), ""};
  const bool counter =
      look.counter && look.counts.size() > 2 && !look.holes && look.rows >= kFewestRowsOfCounter;
  if (counter) return {{}, "counts the rows"};
  return {infer_whole(look), ""};
}

}  // namespace

InferredKind infer_kind(const ColumnValues& column) {
  const Look look = look_at(column.values);
  const auto labelled = static_cast<double>(std::count_if(
      column.values.begin(), column.values.end(), [](double x) { return is_label(x); }));
  if (labelled == 0 && look.rows == 0) return {{}, "has no value in any row"};
  if (labelled == 0) return infer_numbers(look);
  const double distinct = static_cast<double>(column.labels.size() + look.counts.size());
  InferredKind inferred;
  inferred.support.kind = Kind::category;
  inferred.support.holes = look.holes;
  if (distinct > kFreeText && labelled + look.rows < kFewestRowsOfLabel * distinct) {
    inferred.left_out = "is text that hardly repeats";
  } else if (distinct > static_cast<double>(kMostLevels)) {
    inferred.left_out = "has too many labels";
  } else if (distinct == 1 && !look.holes) {
    inferred.left_out = "is the same in all rows";
  }
  return inferred;
}

ContextKind fit_context_kind(const ColumnValues& column, bool category) {
  const InferredKind inferred = infer_kind(column);
  const bool labels = category || std::any_of(column.values.begin(), column.values.end(), is_label);
  ContextKind kind;
  kind.holes = std::any_of(column.values.begin(), column.values.end(), is_hole);
  if (labels) {
    if (!category && !inferred.left_out.empty()) throw Error(inferred.left_out);
    Support support;
    support.kind = Kind::category;
    support.holes = kind.holes;
    kind.labels = fit_cells(support, column, 0, 1).cells;
  } else if (kind.holes) {
    double sum = 0, total = 0;
    for (std::size_t i = 0; i < column.values.size(); ++i) {
      if (std::isnan(column.values[i])) continue;
      const double weight = column.weights.empty() ? 1 : column.weights[i];
      sum += weight * column.values[i];
      total += weight;
    }
    if (total == 0) throw Error("has no value in any row");
    kind.fill = sum / total;
  }
  return kind;
}

std::vector<std::string> take_marks(ColumnValues& column, const std::vector<std::string>& found) {
  std::vector<double> numbers;
  std::vector<std::string> marks;
  for (const std::string& label : column.labels) {
    const std::optional<double> number = parse_number(label);
    numbers.push_back(number.value_or(kHole));
    if (!number) marks.push_back(label);
  }
  // What tables put where nothing is known needs no such evidence as other texts do.
  const bool known = std::all_of(marks.begin(), marks.end(), [&](const std::string& mark) {
    return is_missing_mark(mark) || std::find(found.begin(), found.end(), mark) != found.end();
  });
  if (marks.empty() || (!known && marks.size() > kMostMarks)) return {};
  std::vector<double> values = column.values, seen;
  std::size_t texts = 0;
  for (double& x : values) {
    const bool label = is_label(x);
    if (label) {  // one of those that are too many to be kept is no mark
      const auto number = static_cast<std::size_t>(label_number(x));
      if (number >= numbers.size()) return {};
      x = numbers[number];
    }
    texts += label && std::isnan(x) ? 1 : 0;
    if (!std::isnan(x)) seen.push_back(x);
  }
  const std::size_t rows = seen.size();
  std::sort(seen.begin(), seen.end());
  const auto distinct = std::unique(seen.begin(), seen.end()) - seen.begin();
  const std::size_t needed = known ? kFewestKnown : kFewestNumbers;
  if (static_cast<std::size_t>(distinct) < needed || (!known && rows < texts)) return {};
  column.values = std::move(values);
  column.labels.clear();
  return marks;
}

void leave_some(std::vector<InferredKind>& kinds) {
  const bool any = std::any_of(kinds.begin(), kinds.end(),
                               [](const InferredKind& kind) { return kind.left_out.empty(); });
  for (InferredKind& kind : kinds) {
    if (!any && kind.support.kind == Kind::category) kind.left_out.clear();
  }
}

bool holds_few_whole(const ColumnValues& column) { return fits_bins(look_at(column.values)); }

}  // namespace nflow
