#include "training/train_kinds.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "nflow/error.h"
#include "nflow/preflight.h"
#include "nflow/printable.h"
#include "nflow/scales.h"
#include "report/log.h"

namespace nflow::app {
namespace {

using Kind = Support::Kind;

const std::size_t kNamesShown = 8;

/// Columns by what was found of them, in the order in which that came up.
class Findings {
 public:
  void add(const std::string& what, const std::string& name) {
    for (auto& [text, names] : found_) {
      if (text == what) return names.push_back(name);
    }
    found_.push_back({what, {name}});
  }
  template <class Tell>
  void each(const Tell& tell) const {
    for (const auto& [what, names] : found_) tell(what, names);
  }

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> found_;
};

std::string kind_of(const Support& support) {
  const std::string holes = support.holes ? ", some missing" : "";
  switch (support.kind) {
    case Kind::category:
      return "CATEGORY" + holes;
    case Kind::grid:
      return to_text(Support{Kind::grid, 0, 0, 0, support.step}) + holes;
    case Kind::integer:
      return "INTEGER";
    default:
      if (!support.atoms.empty()) return "numbers, and single values that many rows have" + holes;
      return "numbers" + holes;
  }
}

ColumnValues values_of(const RowMatrix& rows, std::size_t column, const Labels& labels) {
  const auto place = static_cast<Index>(column);
  ColumnValues values{{rows.col(place).begin(), rows.col(place).end()}};
  values.labels = labels.texts();
  return values;
}

/// Makes holes of marks for missing among numbers. Those that a column is found to have may be most
/// of another, so all columns are looked at again.
void take_all_marks(TrainData& data, RowMatrix& rows, std::vector<Labels>& labels,
                    const std::vector<bool>& given) {
  for (std::size_t k = 0; k < 2 * (given.size() + data.context.size()); ++k) {
    const std::size_t j = k % (given.size() + data.context.size());
    if ((j < given.size() && given[j]) || labels[j].size() == 0) continue;
    ColumnValues values = values_of(rows, j, labels[j]);
    const std::vector<std::string> marks = take_marks(values, data.marks);
    if (marks.empty()) continue;
    data.marks.insert(data.marks.end(), marks.begin(), marks.end());
    std::copy(values.values.begin(), values.values.end(), rows.col(static_cast<Index>(j)).begin());
    labels[j] = Labels();
  }
}

/// Where holes are no values, what the others are does not depend on them.
void leave_out_holes(ColumnValues& column) {
  std::vector<double> there;
  std::copy_if(column.values.begin(), column.values.end(), std::back_inserter(there),
               [](double x) { return !is_hole(x); });
  if (!there.empty()) column.values = std::move(there);
}

/// The kind of each column that was not given; of the others nothing.
std::vector<InferredKind> kinds_of(TrainData& data, RowMatrix& rows, std::vector<Labels>& labels,
                                   const std::vector<bool>& given, bool holes_are_values) {
  std::vector<InferredKind> inferred(data.columns.size());
  take_all_marks(data, rows, labels, given);
  for (std::size_t j = 0; j < inferred.size(); ++j) {
    if (given[j]) continue;
    ColumnValues values = values_of(rows, j, labels[j]);
    if (!holes_are_values) leave_out_holes(values);
    inferred[j] = infer_kind(values);
  }
  leave_some(inferred);
  return inferred;
}

RowMatrix only_columns(const RowMatrix& rows, const std::vector<Index>& columns) {
  return rows(Eigen::all, columns);
}

void keep_labels(std::vector<Labels>& labels, const std::vector<Index>& kept) {
  std::vector<Labels> own;
  own.reserve(kept.size());
  for (const Index j : kept) own.push_back(std::move(labels[static_cast<std::size_t>(j)]));
  labels = std::move(own);
}

/// Leaves `data` the names and supports of these columns, by their places among the modelled ones.
void keep_columns(TrainData& data, const std::vector<Index>& kept) {
  std::vector<std::string> names;
  std::vector<Support> supports;
  for (const Index j : kept) {
    names.push_back(data.columns[static_cast<std::size_t>(j)]);
    if (!data.supports.empty()) supports.push_back(data.supports[static_cast<std::size_t>(j)]);
  }
  data.columns = std::move(names);
  data.supports = std::move(supports);
}

/// Labels that are numbers, and that only rows to validate with have, are labels of the column too:
/// puts them, and a hole where there is one, among its values with no weight.
void add_unweighted(ColumnValues& values, const RowMatrix& validation, Index column, bool labels) {
  std::vector<double> codes;
  for (const double x : validation.col(column)) {
    if (is_hole(x) || (labels && !std::isnan(x))) codes.push_back(x);
  }
  if (codes.empty()) return;
  if (values.weights.empty()) values.weights.assign(values.values.size(), 1);
  values.values.insert(values.values.end(), codes.begin(), codes.end());
  values.weights.resize(values.values.size(), 0);
}

RowMatrix beside(const RowMatrix& left, const RowMatrix& right) {
  RowMatrix both(right.rows(), left.cols() + right.cols());
  both << left, right;
  return both;
}

bool is_given(const TrainData& data, const std::string& name) {
  return std::find(data.given.begin(), data.given.end(), name) != data.given.end();
}

void leave_out(TrainData& data, const std::string& name, const std::string& reason) {
  data.left_out.push_back({name, reason});
}

}  // namespace

std::vector<CsvColumn> reader_columns(const std::vector<Support>& supports,
                                      const std::vector<bool>& given, std::size_t all, bool infer) {
  std::vector<CsvColumn> columns = csv_columns(supports, all);
  for (std::size_t j = 0; j < given.size(); ++j) {
    if (infer && !given[j]) columns[j] = CsvColumn::either;
  }
  return columns;
}

void infer_kinds(TrainData& data, RowMatrix& rows, std::vector<Labels>& labels,
                 const std::vector<bool>& given, bool holes_are_values) {
  std::vector<InferredKind> inferred = kinds_of(data, rows, labels, given, holes_are_values);
  std::vector<Index> kept;
  Findings kinds, reasons;
  for (std::size_t j = 0; j < data.columns.size(); ++j) {
    const std::string& name = data.columns[j];
    if (!inferred[j].left_out.empty()) {
      reasons.add(inferred[j].left_out, name);
      leave_out(data, name, inferred[j].left_out);
      continue;
    }
    kept.push_back(static_cast<Index>(j));
    if (given[j]) continue;
    data.supports[j] = inferred[j].support;
    kinds.add(kind_of(inferred[j].support), name);
  }
  kinds.each([&](const std::string& kind, const std::vector<std::string>& names) {
    log_info("{}: {}: {}", data.name, kind, listed(names, kNamesShown));
  });
  reasons.each([&](const std::string& reason, const std::vector<std::string>& names) {
    log_info("{}: leaves out what {}: {}", data.name, reason, listed(names, kNamesShown));
  });
  std::sort(data.marks.begin(), data.marks.end());
  data.marks.erase(std::unique(data.marks.begin(), data.marks.end()), data.marks.end());
  if (!data.marks.empty()) {
    log_info("{}: takes {} for missing", data.name, listed(data.marks, kNamesShown));
  }
  if (kept.empty()) throw Error(data.name + ": no column is left to model");
  if (kept.size() == data.columns.size()) return;
  std::vector<Index> all = kept;
  for (auto j = static_cast<Index>(data.columns.size()); j < rows.cols(); ++j) all.push_back(j);
  rows = only_columns(rows, all);
  keep_labels(labels, all);
  keep_columns(data, kept);
}

void fit_kinds(TrainData& data, const std::vector<Labels>& labels, std::uint64_t seed, int threads,
               const RowMatrix& others) {
  for (std::size_t j = 0; j < data.supports.size(); ++j) {
    Support& support = data.supports[j];
    if (!support.is_cut() && support.kind != Kind::integer) continue;
    const auto column = data.fit.x.col(static_cast<Index>(j));
    ColumnValues values{{column.begin(), column.end()}, data.fit.weights};
    values.labels = labels[j].texts();
    if (support.kind == Kind::category) {
      add_unweighted(values, data.validation.x, static_cast<Index>(j), true);
      if (others.rows() > 0) add_unweighted(values, others, static_cast<Index>(j), true);
    }
    support = fit_cells(support, values, seed, threads);
  }
  if (data.inferred) {
    std::vector<bool> free;
    for (const std::string& name : data.columns) free.push_back(!is_given(data, name));
    data.supports = choose_scales(data.fit, data.supports, free, {seed, threads});
  }
  if (!any_bounded(data.supports)) data.supports.clear();
  data.cell_net = choose_cell_net(data.fit, data.supports, seed, threads);
}

void fit_context(TrainData& data, const std::vector<Labels>& labels,
                 const std::vector<bool>& categories) {
  Findings found;
  std::vector<ContextKind> kinds;
  for (std::size_t j = 0; j < data.context.size(); ++j) {
    const auto column = data.fit.context.col(static_cast<Index>(j));
    ColumnValues values{{column.begin(), column.end()}, data.fit.weights};
    values.labels = labels[data.columns.size() + j].texts();
    add_unweighted(values, data.validation.context, static_cast<Index>(j),
                   !values.labels.empty() || categories[j]);
    try {
      kinds.push_back(fit_context_kind(values, categories[j]));
    } catch (const Error& problem) {
      throw Error(data.name + ": context column '" + data.context[j] + "' " + problem.what() +
                  "; a --context without " + data.context[j] + " leaves it out");
    }
    const ContextKind& kind = kinds.back();
    for (const double x : data.validation.context.col(static_cast<Index>(j))) {
      if (kind.contains(x)) continue;
      throw Error(data.name + ": a row to validate with has a value of context column '" +
                  data.context[j] + "' that no row to train on has");
    }
    const std::string holes = kind.holes ? ", some missing" : "";
    if (!kind.is_plain())
      found.add((kind.labels ? "CATEGORY" : "numbers") + holes, data.context[j]);
  }
  found.each([&](const std::string& kind, const std::vector<std::string>& names) {
    log_info("{}: context: {}: {}", data.name, kind, listed(names, kNamesShown));
  });
  const bool all_plain = std::all_of(kinds.begin(), kinds.end(),
                                     [](const ContextKind& kind) { return kind.is_plain(); });
  if (all_plain) return;
  const Index features = feature_count(kinds, kinds.size());
  if (data.columns.size() + static_cast<std::size_t>(features) > kMaxColumns) {
    throw Error(data.name + ": the context has too many labels");
  }
  data.context_kinds = std::move(kinds);
  data.fit.context = context_features(std::move(data.fit.context), data.context_kinds);
  data.validation.context =
      context_features(std::move(data.validation.context), data.context_kinds);
}

TrainData without_cut_columns(const TrainData& data) {
  std::vector<Index> kept;
  for (std::size_t j = 0; j < data.columns.size(); ++j) {
    if (!support_at(data.supports, j).is_cut()) kept.push_back(static_cast<Index>(j));
  }
  TrainData plain = data;
  plain.context = feature_names(data.context, data.context_kinds);
  plain.context_kinds.clear();
  if (kept.size() == data.columns.size()) return plain;
  std::vector<Index> grids;
  for (std::size_t j = 0; j < data.columns.size(); ++j) {
    if (data.supports[j].kind != Kind::grid || data.supports[j].holes) continue;
    grids.push_back(static_cast<Index>(j));
    plain.context.push_back(data.columns[j]);
  }
  plain.fit.context = beside(data.fit.context, only_columns(data.fit.x, grids));
  plain.validation.context =
      beside(data.validation.context, only_columns(data.validation.x, grids));
  keep_columns(plain, kept);
  plain.fit.x = only_columns(data.fit.x, kept);
  plain.validation.x = only_columns(data.validation.x, kept);
  return plain;
}

void tell_scales(const TrainData& data) {
  std::vector<std::string> names;
  for (std::size_t j = 0; j < data.columns.size(); ++j) {
    const bool scaled = support_at(data.supports, j).kind == Kind::asinh;
    if (scaled && !is_given(data, data.columns[j])) names.push_back(data.columns[j]);
  }
  if (names.empty()) return;
  log_info("{}: ASINH, a logarithm far out: {}", data.name, listed(names, kNamesShown));
}

void leave_out_dependent(TrainData& data, std::vector<Labels>& labels) {
  const TrainData plain = without_cut_columns(data);
  if (plain.columns.empty()) return;
  const auto context = static_cast<Index>(plain.context.size());
  std::vector<std::string> names;
  for (const Dependence& dependence : inspect(plain.fit).exact) {
    if (dependence.column < context) continue;
    const std::string& name = plain.columns[static_cast<std::size_t>(dependence.column - context)];
    if (!is_given(data, name)) names.push_back(name);
  }
  if (names.empty() || names.size() == data.columns.size()) return;
  std::vector<Index> kept;
  for (std::size_t j = 0; j < data.columns.size(); ++j) {
    const bool out = std::find(names.begin(), names.end(), data.columns[j]) != names.end();
    if (!out) kept.push_back(static_cast<Index>(j));
  }
  for (const std::string& name : names) leave_out(data, name, "is a linear function of others");
  log_info("{}: leaves out what is a linear function of others: {}", data.name,
           listed(names, kNamesShown));
  keep_labels(labels, kept);
  keep_columns(data, kept);
  data.fit.x = only_columns(data.fit.x, kept);
  data.validation.x = only_columns(data.validation.x, kept);
}

}  // namespace nflow::app
