#include "commands/row_answers.h"

#include <cmath>

#include "nflow/csv.h"
#include "nflow/error.h"
#include "report/log.h"

namespace nflow::app {

std::vector<Option> row_answer_options() {
  return {{"tail", 0, "", "the share of the model's mass that is less probable", {"summary"}},
          {"below",
           0,
           real_number("P", {0, 1, true, false}),
           "only rows whose tail is below P",
           {"summary"}},
          {"tail-samples",
           0,
           whole_number("N", 1, static_cast<std::uint64_t>(TailShares::kMostDraws)),
           "rows of the model to count the share in (default: 10000; for each context 1000)",
           {"summary"}}};
}

RowAnswers::RowAnswers(const Arguments& arguments, const Model& model, Evaluator& evaluator) {
  if (arguments.given("below")) below_ = arguments.real("below", 1);
  if (!arguments.given("tail") && !below_) {
    if (!arguments.given("tail-samples")) return;
    throw UsageError(arguments.spelling("tail-samples") + " is for --tail and --below");
  }
  tail_.emplace(model, evaluator, static_cast<Index>(arguments.count("tail-samples", 0)));
  const double least = 1 / static_cast<double>(tail_->draws() + 1);
  if (below_ && *below_ <= least) {
    throw UsageError(arguments.spelling("below") + ": no tail is below " + number_text(least) +
                     " with " + std::to_string(tail_->draws()) +
                     " rows of the model; --tail-samples takes more");
  }
  log_debug("tail: {} rows of the model: none is below {}, and the standard error at most {:.2g}",
            tail_->draws(), number_text(least), 0.5 * std::sqrt(least));
}

std::string RowAnswers::header(char delimiter) const {
  return tail_ ? std::string(1, delimiter) + "tail" : "";
}

void RowAnswers::find(const RowMatrix&, const RowMatrix& context,
                      const std::vector<double>& log_prob) {
  if (tail_) (*tail_)(context, log_prob, shares_);
}

bool RowAnswers::shows(std::size_t i) const { return !below_ || shares_[i] < *below_; }

void RowAnswers::append(std::string& out, std::size_t i, char delimiter, char decimal) const {
  if (!tail_) return;
  out += delimiter;
  append_number(out, shares_[i], delimiter, decimal);
}

}  // namespace nflow::app
