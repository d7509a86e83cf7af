#include "commands/row_answers.h"

#include <algorithm>
#include <cmath>

#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/printable.h"
#include "processes/processes.h"
#include "report/log.h"

namespace nflow::app {
namespace {

constexpr std::size_t kRowsAtOnce = 256;  // whose densities are held

}  // namespace

std::vector<Option> row_answer_options() {
  return {{"tail", 0, "", "the share of the model's mass that is less probable", {"summary"}},
          {"below",
           0,
           real_number("P", {0, 1, true, false}),
           "only rows whose tail is below P",
           {"summary"}},
          {"explain",
           0,
           "one|all",
           "the column least expected given the others, and its tail",
           {"summary"},
           false,
           "",
           "one"},
          {"tail-samples",
           0,
           whole_number("N", 1, static_cast<std::uint64_t>(TailShares::kMostDraws)),
           "rows to count it among (default: 10000; for each context 1000)",
           {"summary"}},
          {"marginal",
           0,
           "",
           "log p of what a row has, over all else that it might; and stderr",
           {"tail", "below", "explain", "tail-samples"}}};
}

RowAnswers::RowAnswers(const Arguments& arguments, const Model& model, Evaluator& evaluator)
    : model_(model), evaluator_(evaluator) {
  if (arguments.given("marginal")) partial_ = std::make_unique<Partial>(model, threads(arguments));
  if (arguments.given("explain")) {
    conditional_ = std::make_unique<Conditional>(model, threads(arguments));
    all_columns_ = arguments.text("explain", "one") == "all";
  }
  if (arguments.given("below")) below_ = arguments.real("below", 1);
  if (!arguments.given("tail") && !below_) {
    if (!arguments.given("tail-samples")) return;
    throw UsageError(arguments.spelling("tail-samples") + " is for --tail and --below");
  }
  tail_.emplace(model, evaluator, static_cast<Index>(arguments.count("tail-samples", 0)));
  const double least = 1 / static_cast<double>(tail_->draws() + 1);
  if (below_ && *below_ <= least) {
    throw UsageError(arguments.spelling("below") + ": no tail is below one in " +
                     std::to_string(tail_->draws() + 1) + "; --tail-samples takes more rows");
  }
  log_debug("tail: counted among {} rows of the model, with a standard error of at most {:.2g}",
            tail_->draws(), 0.5 * std::sqrt(least));
}

std::string RowAnswers::header(char delimiter) const {
  std::vector<std::string> names;
  if (partial_) names.emplace_back("stderr");
  if (tail_) names.emplace_back("tail");
  if (conditional_) names.insert(names.end(), {"odd_column", "odd_tail"});
  for (const std::string& column : model_.columns) {
    if (all_columns_) names.push_back(column + "_tail");
  }
  std::string text;
  for (const std::string& name : names) {
    text += delimiter;
    append_field(text, name, delimiter);
  }
  return text;
}

void RowAnswers::score(const RowMatrix& rows, const RowMatrix& context,
                       std::vector<double>& log_prob) {
  if (!partial_) return evaluator_.log_prob(rows, context, log_prob);
  log_prob.clear();
  errors_.clear();
  for (const KnownDensity& known : partial_->log_prob(rows, context)) {
    log_prob.push_back(known.log_prob);
    errors_.push_back(known.error);
    inaccurate_ += known.enough ? 0 : 1;
  }
}

void RowAnswers::warn(bool shared) const {
  const std::uint64_t rows = shared ? sum_of_all(inaccurate_) : inaccurate_;
  if (rows == 0) return;
  log_warning("{} whose log p is less accurate than it should be: see stderr",
              counted(static_cast<std::int64_t>(rows), "row"));
}

void RowAnswers::find(const RowMatrix& rows, const RowMatrix& context,
                      const std::vector<double>& log_prob) {
  if (tail_) (*tail_)(context, log_prob, shares_);
  if (conditional_) explain(rows, context);
}

void RowAnswers::explain(const RowMatrix& rows, const RowMatrix& context) {
  column_tails_.resize(rows.rows(), rows.cols());
  std::vector<Index> shown;
  for (Index i = 0; i < rows.rows(); ++i) {
    if (shows(static_cast<std::size_t>(i))) shown.push_back(i);
  }
  for (std::size_t first = 0; first < shown.size(); first += kRowsAtOnce) {
    const std::vector<Index> places(
        shown.begin() + static_cast<Index>(first),
        shown.begin() + static_cast<Index>(std::min(first + kRowsAtOnce, shown.size())));
    const RowMatrix some = rows(places, Eigen::all), given = context(places, Eigen::all);
    for (Index j = 0; j < rows.cols(); ++j) {
      const auto found = conditional_->given(j, some, given);
      for (std::size_t i = 0; i < places.size(); ++i) {
        column_tails_(places[i], j) = found[i]->tail(rows(places[i], j));
      }
    }
  }
}

bool RowAnswers::shows(std::size_t i) const { return !below_ || shares_[i] < *below_; }

void RowAnswers::append(std::string& out, std::size_t i, char delimiter, char decimal) const {
  const auto next = [&](double value) {
    out += delimiter;
    append_number(out, value, delimiter, decimal);
  };
  if (partial_) next(errors_[i]);
  if (tail_) next(shares_[i]);
  if (!conditional_) return;
  const auto tails = column_tails_.row(static_cast<Index>(i));
  Index odd = -1;
  for (Index j = 0; j < tails.cols(); ++j) {
    if (!std::isnan(tails[j]) && (odd < 0 || tails[j] < tails[odd])) odd = j;
  }
  out += delimiter;
  if (odd >= 0) append_field(out, model_.columns[static_cast<std::size_t>(odd)], delimiter);
  next(odd >= 0 ? tails[odd] : std::nan(""));
  for (Index j = 0; all_columns_ && j < tails.cols(); ++j) next(tails[j]);
}

}  // namespace nflow::app
