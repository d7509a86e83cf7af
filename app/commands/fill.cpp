#include "commands/command.h"
#include "commands/draw_report.h"
#include "commands/far_contexts.h"
#include "commands/fresh_seed.h"
#include "nflow/csv.h"
#include "nflow/csv_record.h"
#include "nflow/error.h"
#include "nflow/labels.h"
#include "nflow/partial.h"
#include "processes/pieces.h"
#include "report/progress.h"
#include "tables/digits.h"
#include "tables/model_input.h"
#include "tables/rows.h"

namespace nflow::app {
namespace {

constexpr std::uint64_t kMostFills = 100000;
constexpr Index kRowsAtOnce = 256;

}  // namespace

Syntax fill_syntax() {
  return {"fill",
          {"fill -m MODEL [DATA...] [-n K] [--best] [--seed N] [-o FILE] [options]"},
          "Writes DATA with its empty cells filled, where they are in columns of the model: drawn\n"
          "from the model's density given what the row has, or by --best the median and the\n"
          "likeliest label. All else stays as it stood.\n",
          {"nflow fill -m data.nflow holes.csv --seed 1 > filled.csv",
           "nflow fill -m data.nflow holes.csv -n 20 --seed 1 > twenty.csv",
           "nflow fill -m data.nflow holes.csv --best > filled.csv"},
          {model_group(),
           {"Filling",
            {{"fills", 'n', whole_number("K", 1, kMostFills),
              "fill each row K times, numbered by a column 'fill' (default: once)"},
             {"best",
              0,
              "",
              "the median, or the likeliest label, instead of draws",
              {"fills", "offset"}},
             {"offset", 0, whole_number("K", 0, std::uint64_t{1} << 62),
              "DATA begins at row K of the whole table, from 0 (default: 0)"}}},
           input_group(reject_options()),
           {"Output",
            {output_option("where the CSV goes (default: standard output)"), no_header_option(),
             digits_option()}}},
          "",
          "DATA",
          true};
}

namespace {

/// Writes records with their empty cells filled.
class Filler {
 public:
  Filler(const Arguments& arguments, const ModelInput& input)
      : input_(input),
        partial_(input.model(), threads(arguments), /*there=*/true),
        digits_(arguments),
        best_(arguments.given("best")),
        numbered_(arguments.given("fills") && arguments.count("fills", 1) > 1),
        fills_(static_cast<Index>(arguments.count("fills", 1))),
        seed_(best_ ? 0 : seed_of(arguments)) {}

  std::string header() const {
    return (numbered_ ? std::string("fill") + input_.delimiter() : "") + input_.header() + '\n';
  }

  /// Appends the lines of the rows just read, of which the first has this number.
  void append(std::string& out, std::uint64_t number) {
    const RowMatrix& rows = input_.data();
    for (Index first = 0; first < rows.rows(); first += kRowsAtOnce) {
      const Index n = std::min(kRowsAtOnce, rows.rows() - first);
      RowMatrix some = rows.middleRows(first, n);
      for (Index i = 0; i < n; ++i) {
        if (!has_holes(some.row(i))) some.row(i).setZero();  // nothing is unknown there
      }
      const RowMatrix context = input_.context().middleRows(first, n);
      const auto at = number + static_cast<std::uint64_t>(first);
      PartialDraws draws = best_ ? partial_.best(some, context)
                                 : partial_.draw(some, context, seed_,
                                                 at * static_cast<std::uint64_t>(fills_), fills_);
      report_.add(draws.effective, draws.enough);
      digits_.cut(draws.rows, input_.model());
      for (Index i = 0; i < n; ++i) {
        for (Index k = 0; k < fills_; ++k) {
          if (numbered_) out += std::to_string(k + 1) + input_.delimiter();
          append_record(out, first + i, some.row(i), draws.rows.row(i * fills_ + k));
          out += '\n';
        }
      }
    }
  }

  void warn() const { report_.warn(); }

 private:
  /// Has the row an empty cell that is to be filled?
  template <class Row>
  bool has_holes(const Row& row) const {
    for (Index j = 0; j < row.size(); ++j) {
      if (input_.places()[static_cast<std::size_t>(j)] >= 0 && is_unknown(row[j])) return true;
    }
    return false;
  }

  template <class Known, class Filled>
  void append_record(std::string& out, Index row, const Known& known, const Filled& filled) {
    const std::string& text = input_.chunk().text[static_cast<std::size_t>(row)];
    fillings_.clear();
    for (Index j = 0; j < known.size(); ++j) {
      const Index place = input_.places()[static_cast<std::size_t>(j)];
      const bool fills = place >= 0 && is_unknown(known[j]) && !is_unknown(filled[j]);
      if (fills) fillings_.emplace_back(static_cast<std::size_t>(place), j);
    }
    if (fillings_.empty()) {
      out += text;
      return;
    }
    std::sort(fillings_.begin(), fillings_.end());
    const auto fields = raw_fields(text, input_.format().delimiter);
    std::size_t done = 0;
    for (const auto& [place, j] : fillings_) {
      if (place >= fields.size()) continue;
      const auto begin = static_cast<std::size_t>(fields[place].data() - text.data());
      out.append(text, done, begin - done);
      const Support support = support_at(input_.model().supports, static_cast<std::size_t>(j));
      append_value_of(out, support.cells.get(), filled[j], input_.delimiter(), input_.decimal());
      done = begin + fields[place].size();
    }
    out.append(text, done, text.size() - done);
  }

  const ModelInput& input_;
  Partial partial_;
  Digits digits_;
  bool best_, numbered_;
  Index fills_;
  std::uint64_t seed_;
  DrawReport report_;
  std::vector<std::pair<std::size_t, Index>> fillings_;  // places in the record, columns
};

}  // namespace

int run_fill(const Arguments& arguments) {
  if (arguments.given("offset") && !arguments.given("seed")) {
    throw UsageError("--offset needs --seed: without it each call draws from a stream of its own");
  }
  ModelInput input(arguments);
  input.open_partial(/*holes_too=*/true, /*keep_text=*/true);
  Filler filler(arguments, input);
  FarContexts far(input.model());
  PieceOutput out(arguments.text("output", "-"));
  if (!arguments.given("no-header")) out.write(filler.header());
  std::uint64_t number = arguments.count("offset", 0);
  RowProgress progress(arguments.text("output", "-"));
  std::string text;
  while (input.read()) {
    text.clear();
    if (out.mine()) {
      filler.append(text, number);
      far.add(input.context());
    }
    out.write_piece(text);
    number += static_cast<std::uint64_t>(input.data().rows());
    progress.add(static_cast<std::uint64_t>(input.data().rows()));
  }
  out.commit();
  filler.warn();
  far.warn(true);
  return 0;
}

}  // namespace nflow::app
