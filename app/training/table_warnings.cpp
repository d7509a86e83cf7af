#include "training/table_warnings.h"

#include <algorithm>
#include <cmath>

#include "nflow/error.h"
#include "nflow/preflight.h"
#include "nflow/printable.h"
#include "report/log.h"
#include "training/column_advice.h"

namespace nflow::app {
namespace {

const std::size_t kTermsShown = 4;   // of a dependence; the names alone where there are more
const Index kRowsForAColumn = 10;    // fewer are too few
const double kManyRepeated = 0.05;   // share of the rows
const std::size_t kSpikesShown = 3;  // columns named one by one

using Names = std::vector<std::string>;

/// Names as the preflight counts columns: the context first.
Names all_names(const TrainData& data) {
  Names names = data.context;
  names.insert(names.end(), data.columns.begin(), data.columns.end());
  return names;
}

Names term_names(const Dependence& dependence, const Names& names) {
  Names list;
  for (const Dependence::Term& term : dependence.terms) {
    list.push_back(names[static_cast<std::size_t>(term.column)]);
  }
  return list;
}

/// "2 a - b + 0.5", or "a, b, c, d, e" where that would be long.
std::string right_side(const Dependence& dependence, const Names& names) {
  const bool long_one = dependence.terms.size() > kTermsShown;
  if (long_one) return joined(term_names(dependence, names));
  std::string text;
  const int digits = dependence.residual < kExactResidual ? 6 : 3;
  for (const Dependence::Term& term : dependence.terms) {
    const std::string& name = names[static_cast<std::size_t>(term.column)];
    const std::string factor = fmt::format("{:.{}g}", std::fabs(term.slope), digits);
    const char* sign = term.slope < 0 ? (text.empty() ? "-" : " - ") : (text.empty() ? "" : " + ");
    text += sign + (factor == "1" ? "" : factor + " ") + name;
  }
  if (dependence.intercept == 0) return text;
  return text + fmt::format(" {} {:.{}g}", dependence.intercept < 0 ? '-' : '+',
                            std::fabs(dependence.intercept), digits);
}

/// "'c' repeats 'a'", "'c' is 2 a - b", "'c' is a linear function of a, b, d, e, f".
std::string relation(const Dependence& dependence, const Names& names) {
  const std::string own = "'" + names[static_cast<std::size_t>(dependence.column)] + "'";
  const std::string right = right_side(dependence, names);
  const bool same = dependence.terms.size() == 1 && dependence.intercept == 0 &&
                    right == names[static_cast<std::size_t>(dependence.terms[0].column)];
  if (same) return own + " repeats '" + right + "'";
  const bool long_one = dependence.terms.size() > kTermsShown;
  return own + (long_one ? " is a linear function of " : " is ") + right;
}

std::string exclude_option(const std::vector<Dependence>& dependences, const Names& names) {
  Names excluded;
  for (const Dependence& dependence : dependences) {
    excluded.push_back(names[static_cast<std::size_t>(dependence.column)]);
  }
  return app::exclude_option(excluded);
}

/// A probability of integers has an upper bound, whatever they depend on.
bool among_integers(const Dependence& dependence, const TrainData& data) {
  const auto context = static_cast<Index>(data.context.size());
  const auto is_integer = [&](Index column) {
    if (column < context) return true;  // not modelled
    const auto place = static_cast<std::size_t>(column - context);
    return support_at(data.supports, place).kind == Support::Kind::integer;
  };
  return is_integer(dependence.column) &&
         std::all_of(dependence.terms.begin(), dependence.terms.end(),
                     [&](const Dependence::Term& term) { return is_integer(term.column); });
}

void drop_integers(std::vector<Dependence>& dependences, const TrainData& data) {
  const auto harmless = [&](const Dependence& d) { return among_integers(d, data); };
  dependences.erase(std::remove_if(dependences.begin(), dependences.end(), harmless),
                    dependences.end());
}

void refuse_dependent_columns(const TrainData& data, const std::vector<Dependence>& found) {
  if (found.empty()) return;
  const Names names = all_names(data);
  std::string others;
  if (found.size() > 1) others = fmt::format(" (and {} more such columns)", found.size() - 1);
  const std::string what =
      data.name + ": column " + relation(found[0], names) + " in every row" + others;
  if (found.size() == data.columns.size()) {
    throw Error(what + ": given the context there is nothing left to model");
  }
  throw Error(what + ", so that no density is the best; " + exclude_option(found, names) +
              " leaves " + (found.size() > 1 ? "them" : "it") + " out");
}

void warn_of_near_dependences(const TrainData& data, const std::vector<Dependence>& found) {
  const Names names = all_names(data);
  if (found.empty()) return;
  std::string others;
  if (found.size() > 1) others = fmt::format(" (and {} more such columns)", found.size() - 1);
  log_warning("{}: column {}, but for {:.1g} of its deviation{}; if that is rounding, {}",
              data.name, relation(found[0], names), found[0].residual, others,
              exclude_option(found, names));
}

/// Warns of columns whose density a spike makes unbounded; those modelled as integers have none.
/// Columns that hold only integers, and spikes at an end, get their advice with
/// warn_of_likely_supports().
void warn_of_spikes(const TrainData& data, std::vector<Spike> spikes) {
  const auto context = static_cast<Index>(data.context.size());
  const auto gets_a_hint = [&](const Spike& spike) {
    const auto place = spike.column - context;
    const auto values = data.fit.x.col(place).array();
    if ((values == values.floor()).all()) return true;
    const bool at_end = spike.value == values.minCoeff() || spike.value == values.maxCoeff();
    return at_end &&
           support_at(data.supports, static_cast<std::size_t>(place)).kind == Support::Kind::real;
  };
  spikes.erase(std::remove_if(spikes.begin(), spikes.end(), gets_a_hint), spikes.end());
  std::stable_sort(spikes.begin(), spikes.end(),
                   [](const Spike& a, const Spike& b) { return a.share > b.share; });
  const Names names = all_names(data);
  for (std::size_t i = 0; i < std::min(spikes.size(), kSpikesShown); ++i) {
    const std::string& name = names[static_cast<std::size_t>(spikes[i].column)];
    log_warning(
        "{}: column '{}' is {} in {:.0f}% of the rows: log p will tell of this spike first; "
        "--exclude, --context or noise on the column helps",
        data.name, name, number_text(spikes[i].value), 100 * spikes[i].share);
  }
  if (spikes.size() > kSpikesShown) {
    log_warning("{}: {} more columns have such spikes", data.name, spikes.size() - kSpikesShown);
  }
}

/// One line for all columns: what is wrong with one is often wrong with others.
void warn_of_far_out(const TrainData& data, const std::vector<FarOut>& found) {
  if (found.empty()) return;
  const Names names = all_names(data);
  const FarOut& first = found.front();
  std::string others;
  if (found.size() > 1) {
    others = fmt::format(" (and {} more such columns)", found.size() - 1);
  }
  log_warning(
      "{}: column '{}' is over {} deviations away from its other values in {}, such as {}{}; "
      "if that is an error or a code, leave such rows out, or name the code by --na",
      data.name, names[static_cast<std::size_t>(first.column)], kFarOutDeviations,
      counted(first.rows, "row"), number_text(first.value), others);
}

void warn_of_rows(const TrainData& data, double repeated) {
  const auto rows = data.fit.rows();
  const auto columns = static_cast<Index>(data.columns.size() + data.context.size());
  const double worth = effective_sample_size(data.fit);
  const auto enough = static_cast<double>(kRowsForAColumn * columns);
  if (static_cast<double>(rows) < enough) {
    log_warning("{}: {} training rows are few for {}; more rows or fewer --columns help", data.name,
                rows, counted(columns, "column"));
  } else if (worth < enough) {
    log_warning(
        "{}: by their weights in '{}' the {} training rows are worth {:.1f}, which are few for {}; "
        "a few of the weights are far above the others",
        data.name, data.weights, rows, worth, counted(columns, "column"));
  }
  const bool all_integers =
      !data.supports.empty() &&
      std::all_of(data.supports.begin(), data.supports.end(),
                  [](const Support& s) { return s.kind == Support::Kind::integer; });
  if (repeated > kManyRepeated && !all_integers) {
    log_warning(
        "{}: {:.0f}% of the training rows repeat others exactly, and so may validation rows; "
        "if that is no accident, count them in a column for --weights",
        data.name, 100 * repeated);
  }
}

}  // namespace

void check_before_training(const TrainData& data, bool all) {
  Preflight found = inspect(data.fit);
  drop_integers(found.exact, data);
  drop_integers(found.near, data);
  refuse_dependent_columns(data, found.exact);
  warn_of_near_dependences(data, found.near);
  warn_of_spikes(data, found.spikes);
  warn_of_far_out(data, found.far_out);
  warn_of_rows(data, all ? found.repeated : 0);
}

}  // namespace nflow::app
