#include <cmath>

#include "commands/command.h"
#include "commands/far_contexts.h"
#include "nflow/conditional.h"
#include "nflow/error.h"
#include "nflow/labels.h"
#include "nflow/printable.h"
#include "options/question_values.h"
#include "processes/pieces.h"
#include "processes/processes.h"
#include "report/log.h"
#include "report/progress.h"
#include "tables/model_input.h"

namespace nflow::app {
namespace {

constexpr Index kRowsAtOnce = 256;  // whose densities are held
constexpr char kDefaultShares[] = "0.05,0.5,0.95";

}  // namespace

Syntax quantile_syntax() {
  return {"quantile",
          {"quantile -m MODEL [DATA] --column NAME [--at P,...] [--mean] [--mode] [--cdf]",
           "quantile -m MODEL [DATA] --column NAME --grid LO,HI,N"},
          "Writes what the model says of one column of each row, given all its others: quantiles,\n"
          "mean, mode, the place of the row's own value, or the density itself; of a column of\n"
          "labels the probability of each. DATA need not have that column.\n",
          {"nflow quantile -m data.nflow new.csv --column y > intervals.csv",
           "nflow quantile -m data.nflow new.csv --column y --at 0.1,0.9 --mean --append",
           "nflow quantile -m data.nflow one.csv --column y --grid 0,10,200 > density.csv"},
          {model_group(),
           {"Questions",
            {{"column", 0, "COLUMN", "the column that is asked for"},
             {"at", 0, "P,...", std::string("quantiles (default: ") + kDefaultShares + ")"},
             {"mean", 0, "", "the mean"},
             {"mode", 0, "", "the densest value, or the likeliest label"},
             {"cdf", 0, "", "the share of the density that is below the row's own value"},
             {"grid",
              0,
              "LO,HI,N",
              "rows row,NAME,density instead, at N values",
              {"at", "mean", "mode", "cdf", "append"}}}},
           input_group(reject_options()),
           {"Output",
            {{"append", 0, "", "write the input's columns, and the answers behind them"},
             output_option("where the CSV goes (default: standard output)"),
             no_header_option()}}},
          "",
          "DATA"};
}

namespace {

/// What is asked of each row.
struct Questions {
  Index column = 0;
  std::vector<Share> shares;
  bool mean = false, mode = false, cdf = false;
  std::optional<ValueGrid> grid;
};

Support support_of(const Model& model, Index column) {
  return support_at(model.supports, static_cast<std::size_t>(column));
}

Questions questions_of(const Arguments& arguments, const Model& model) {
  Questions asked;
  const std::string name = arguments.required("column");
  try {
    asked.column = find_columns(model.columns, name).front();
  } catch (const UsageError& problem) {
    throw UsageError(arguments.spelling("column") + ": the model has " + problem.what());
  }
  asked.mean = arguments.given("mean");
  asked.mode = arguments.given("mode");
  asked.cdf = arguments.given("cdf");
  if (arguments.given("grid")) {
    asked.grid = parse_grid(arguments.spelling("grid"), arguments.text("grid", ""));
  }
  const bool category = support_of(model, asked.column).kind == Support::Kind::category;
  for (const char* option : {"at", "mean", "cdf", "grid"}) {
    if (!category || !arguments.given(option)) continue;
    throw UsageError(arguments.spelling(option) + ": '" + printable(name) +
                     "' is a column of labels, which have no order; what there is are their "
                     "probabilities, and --mode");
  }
  const bool some = asked.mean || asked.mode || asked.cdf || asked.grid;
  if (arguments.given("at") || (!some && !category)) {
    asked.shares = parse_shares(arguments.spelling("at"), arguments.text("at", kDefaultShares));
  }
  return asked;
}

std::vector<std::string> names_of(const Questions& asked, const Model& model) {
  const std::string& name = model.columns[static_cast<std::size_t>(asked.column)];
  if (asked.grid) return {"row", name, "density"};
  std::vector<std::string> names;
  for (const Share& share : asked.shares) names.push_back(name + "_q" + share.text);
  if (asked.mean) names.push_back(name + "_mean");
  if (asked.mode) names.push_back(name + "_mode");
  if (asked.cdf) names.push_back(name + "_cdf");
  const Support support = support_of(model, asked.column);
  if (support.kind == Support::Kind::category) {
    for (const std::string& level : support.cells->data().levels) {
      names.push_back("P(" + level + ")");
    }
  }
  if (support.holes) names.push_back("P(missing)");
  return names;
}

/// Answers rows, block by block.
class Answers {
 public:
  Answers(const Questions& asked, const Model& model, int threads)
      : asked_(asked), model_(model), conditional_(model, threads) {
    for (std::size_t k = 0; asked.grid && k < asked.grid->count; ++k) {
      values_.push_back(asked.grid->value(k));
    }
  }

  /// Appends the lines of rows, of which the first has this number, from 1.
  void append(std::string& out, const ModelInput& input, std::uint64_t number, bool keep_text) {
    const RowMatrix& rows = input.data();
    for (Index first = 0; first < rows.rows(); first += kRowsAtOnce) {
      const Index n = std::min(kRowsAtOnce, rows.rows() - first);
      const auto found = conditional_.given(asked_.column, rows.middleRows(first, n),
                                            input.context().middleRows(first, n));
      for (Index i = 0; i < n; ++i) {
        const ColumnDensity& density = *found[static_cast<std::size_t>(i)];
        unknown_ += density.is_known() ? 0 : 1;
        inaccurate_ += density.is_accurate() ? 0 : 1;
        if (asked_.grid) {
          append_grid(out,
                      conditional_.density(asked_.column, rows.row(first + i),
                                           input.context().row(first + i), density, values_),
                      number + static_cast<std::uint64_t>(first + i));
          continue;
        }
        if (keep_text) {
          out += input.chunk().text[static_cast<std::size_t>(first + i)] + input.delimiter();
        }
        append_line(out, density, rows(first + i, asked_.column),
                    keep_text ? input.delimiter() : ',', keep_text ? input.decimal() : '.');
      }
    }
  }

  void warn() const {
    const std::uint64_t unknown = sum_of_all(unknown_), inaccurate = sum_of_all(inaccurate_);
    const auto rows = [](std::uint64_t n) { return counted(static_cast<std::int64_t>(n), "row"); };
    if (unknown > 0) {
      log_warning("{} without an answer: the other columns have no density under the model",
                  rows(unknown));
    }
    if (inaccurate > 0) {
      log_warning("{} whose density is too jagged: the answers are less accurate than they should",
                  rows(inaccurate));
    }
  }

 private:
  void append_grid(std::string& out, const std::vector<double>& density,
                   std::uint64_t number) const {
    for (std::size_t k = 0; k < values_.size(); ++k) {
      out += std::to_string(number) + ',';
      append_number(out, values_[k]);
      out += ',';
      append_number(out, density[k]);
      out += '\n';
    }
  }

  void append_line(std::string& out, const ColumnDensity& density, double own, char delimiter,
                   char decimal) const {
    bool first = true;
    const auto next = [&](double value) {
      if (!first) out += delimiter;
      first = false;
      append_number(out, value, delimiter, decimal);
    };
    for (const Share& share : asked_.shares) next(density.quantile(share.value));
    if (asked_.mean) next(density.mean());
    if (asked_.mode) {
      const double mode = density.mode();
      if (is_label(mode)) {
        if (!first) out += delimiter;
        first = false;
        append_value(out, mode, support_of(model_, asked_.column).cells->data().levels, delimiter,
                     decimal);
      } else {
        next(mode);
      }
    }
    if (asked_.cdf) next(is_hole(own) || is_label(own) ? std::nan("") : density.place(own));
    for (const double share : density.labels()) next(share);
    if (support_of(model_, asked_.column).holes) next(density.missing());
    out += '\n';
  }

  const Questions& asked_;
  const Model& model_;
  Conditional conditional_;
  std::vector<double> values_;  // of the grid
  std::uint64_t unknown_ = 0, inaccurate_ = 0;
};

}  // namespace

int run_quantile(const Arguments& arguments) {
  const bool append = arguments.given("append");
  ModelInput input(arguments);
  const Model& model = input.model();
  const Questions asked = questions_of(arguments, model);
  if (!input.open_without(asked.column, append) && asked.cdf) {
    throw Error(input.name() + ": no column '" +
                printable(model.columns[static_cast<std::size_t>(asked.column)]) +
                "', whose values --cdf is asked of");
  }
  Answers answers(asked, model, threads(arguments));
  PieceOutput out(arguments.text("output", "-"));
  std::string text;
  const char delimiter = append ? input.delimiter() : ',';
  if (append) text = input.header() + delimiter;
  append_names(text, names_of(asked, model), delimiter);
  if (!arguments.given("no-header")) out.write(text + '\n');
  FarContexts far(model);
  RowProgress progress(arguments.text("output", "-"));
  std::uint64_t number = 1;
  while (input.read()) {
    text.clear();
    if (out.mine()) {
      answers.append(text, input, number, append);
      far.add(input.context());
    }
    out.write_piece(text);
    number += static_cast<std::uint64_t>(input.data().rows());
    progress.add(static_cast<std::uint64_t>(input.data().rows()));
  }
  out.commit();
  answers.warn();
  far.warn(true);
  return 0;
}

}  // namespace nflow::app
