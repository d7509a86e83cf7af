
#include <algorithm>
#include <cmath>

#include "commands/command.h"
#include "commands/far_contexts.h"
#include "commands/region.h"
#include "commands/row_answers.h"
#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/printable.h"
#include "nflow/summary.h"
#include "options/options.h"
#include "processes/pieces.h"
#include "processes/processes.h"
#include "report/log.h"
#include "report/progress.h"
#include "tables/column_supports.h"
#include "tables/digits.h"
#include "tables/model_input.h"
#include "tables/rows.h"

namespace nflow::app {

namespace {

OptionGroup questions_group() {
  OptionGroup group{"Questions", row_answer_options()};
  group.options.push_back(where_option("log p given the region where this holds, -inf outside",
                                       {"tail", "below", "explain", "marginal"}));
  return group;
}

}  // namespace

Syntax logprob_syntax() {
  return {
      "logprob",
      {"logprob -m MODEL [DATA...] [--append] [--tail] [--summary] [-o FILE] [options]",
       "logprob -m MODEL [DATA...] --where EXPRESSION"},
      "Writes log p of each row in nats, in the units of the columns. DATA is a CSV file, or -\n"
      "or nothing for standard input; its columns are found by name, or by position where it\n"
      "has no header.\n",
      {"nflow logprob -m data.nflow new.csv > scores.csv",
       "nflow logprob -m data.nflow new.csv --append -o scored.csv",
       "nflow logprob -m data.nflow test.csv --summary",
       "nflow logprob -m data.nflow new.csv --append --below 0.001",
       "nflow logprob -m data.nflow some-columns.csv --marginal",
       "nflow logprob -m data.nflow new.csv --where 'x > 0 && y < 2 * x'",
       "tail -f log.csv | nflow logprob -m data.nflow"},
      {model_group(),
       input_group(reject_options()),
       questions_group(),
       {"Output",
        {{"append", 0, "", "write the input's columns and logprob behind them"},
         {"summary",
          0,
          "",
          "write one row instead: rows,mean,stderr,min,max of log p",
          {"append", "no-header"}},
         output_option("where the CSV goes (default: standard output)"),
         no_header_option(),
         digits_option()}}},
      "",
      "DATA",
      true};
}

namespace {

std::string csv(const Summary& summary, const Digits& digits) {
  const MeanEstimate mean = summary.mean();
  std::string text = "rows,mean,stderr,min,max\n" + std::to_string(summary.count());
  for (const double value : {mean.mean, mean.error, summary.min(), summary.max()}) {
    text += ',';
    append_number(text, digits.cut(value));
  }
  return text + '\n';
}

void append_scores(std::string& out, const std::vector<double>& scores, const ModelInput& input,
                   bool append, const RowAnswers& answers, const GivenRegion& region) {
  const char decimal = append ? input.decimal() : '.';
  const char delimiter = append ? input.delimiter() : ',';
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!answers.shows(i) || !region.shows(i)) continue;
    if (append) out += input.chunk().text[i] + delimiter;
    append_number(out, scores[i], delimiter, decimal);
    answers.append(out, i, delimiter, decimal);
    out += '\n';
  }
}

const std::size_t kColumnsTold = 3;  // one by one

/// Counts rows of log p = -inf by their reasons.
class InfiniteRows {
 public:
  explicit InfiniteRows(const Model& model) : model_(model), outside_(model.supports.size(), 0) {}

  void add(const RowMatrix& rows, const std::vector<double>& scores) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (!std::isinf(scores[i])) continue;
      const Index j = first_outside(model_.supports, rows.row(static_cast<Index>(i)).data());
      ++(j < 0 ? too_far_ : outside_[static_cast<std::size_t>(j)]);
    }
  }

  /// `shared`: has each process counted its own rows only?
  void warn(bool shared) const {
    const auto all = [&](std::uint64_t rows) { return shared ? sum_of_all(rows) : rows; };
    std::size_t told = 0;
    std::uint64_t others = 0;
    for (std::size_t j = 0; j < outside_.size(); ++j) {
      const Support& support = model_.supports[j];
      const std::uint64_t rows = all(outside_[j]);
      if (rows != 0 && ++told > kColumnsTold) {
        others += rows;
        continue;
      }
      warn_of(rows, "column '" + model_.columns[j] +
                        (support.kind == Support::Kind::category
                             ? "' has a label that the model does not have"
                             : "' is outside its support " + to_text(support)));
    }
    warn_of(others, "outside the supports of " +
                        counted(static_cast<std::int64_t>(told - std::min(told, kColumnsTold)),
                                "more column"));
    warn_of(all(too_far_), "too far out for the model's precision");
  }

 private:
  static void warn_of(std::uint64_t rows, const std::string& reason) {
    if (rows == 0) return;
    log_warning("{} {} log p = -inf ({})", rows, rows == 1 ? "row has" : "rows have", reason);
  }

  const Model& model_;
  std::vector<std::uint64_t> outside_;  // by the first column that is
  std::uint64_t too_far_ = 0;
};

}  // namespace

int run_logprob(const Arguments& arguments) {
  const bool append = arguments.given("append");
  const bool summarise = arguments.given("summary");

  ModelInput input(arguments);
  if (arguments.given("marginal")) {
    input.open_partial(/*holes_too=*/false, append);
  } else {
    input.open(input.model().columns, append);
  }
  Evaluator evaluator(input.model(), threads(arguments));
  RowAnswers answers(arguments, input.model(), evaluator);
  GivenRegion region(arguments, input.model(), evaluator);
  PieceOutput out(arguments.text("output", "-"));
  std::string text;
  if (!summarise) {
    if (append) text = input.header() + input.delimiter();
    if (!arguments.given("no-header")) {
      out.write(text + "logprob" + answers.header(append ? input.delimiter() : ',') + "\n");
    }
  }
  Summary summary;
  InfiniteRows infinite(input.model());
  FarContexts far(input.model());
  std::vector<double> scores;
  const Digits digits(arguments);
  RowProgress progress(arguments.text("output", "-"));
  while (input.read()) {
    progress.add(static_cast<std::uint64_t>(input.data().rows()));
    text.clear();
    if (summarise || out.mine()) {
      answers.score(input.data(), input.context(), scores);
      infinite.add(input.data(), scores);
      region.apply(input, scores);
      far.add(input.context());
    }
    if (summarise) {
      for (std::size_t i = 0; i < scores.size(); ++i) {
        if (region.shows(i)) summary.add(scores[i]);
      }
      continue;
    }
    if (out.mine()) {
      answers.find(input.data(), input.context(), scores);
      digits.cut(scores);
      append_scores(text, scores, input, append, answers, region);
    }
    out.write_piece(text);
  }
  if (summarise) {
    if (summary.count() == 0) throw Error(input.name() + ": no rows to summarise");
    out.write(csv(summary, digits));
  }
  out.commit();
  infinite.warn(!summarise);
  answers.warn(!summarise);
  far.warn(!summarise);
  region.tell(!summarise);
  return 0;
}

}  // namespace nflow::app
