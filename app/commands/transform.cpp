#include "commands/command.h"
#include "commands/far_contexts.h"
#include "nflow/evaluator.h"
#include "options/options.h"
#include "options/values.h"
#include "processes/pieces.h"
#include "report/progress.h"
#include "tables/digits.h"
#include "tables/model_input.h"
#include "tables/rows.h"

namespace nflow::app {

Syntax transform_syntax() {
  return {"transform",
          {"transform -m MODEL [DATA...] [--inverse] [--append] [-o FILE] [options]"},
          "Takes rows to the model's latent space, where they are standard normal, as z1,z2,...;\n"
          "with --inverse takes z1,z2,... back to rows. DATA is a CSV file, or - or nothing for\n"
          "standard input; its columns are found by name, or by position where it has no header.\n",
          {"nflow transform -m data.nflow new.csv > latent.csv",
           "nflow transform -m data.nflow --inverse latent.csv > rows.csv",
           "nflow transform -m data.nflow new.csv --append -o both.csv"},
          {model_group(),
           input_group(reject_options()),
           {"Output",
            {{"inverse", 0, "", "from latent space to the model's columns"},
             {"offset", 0, whole_number("K", 0, std::uint64_t{1} << 62),
              "the first row is row K of a table, of which other runs do the rest"},
             {"append", 0, "", "write the input's columns and the new ones behind them"},
             output_option("where the CSV goes (default: standard output)"),
             no_header_option(),
             digits_option()}}},
          "",
          "DATA",
          true};
}

namespace {

std::vector<std::string> latent_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= count; ++i) names.push_back("z" + std::to_string(i));
  return names;
}

void append_rows(std::string& out, ModelInput& input, const RowMatrix& rows, bool inverse,
                 bool append) {
  // Appended columns are like the input's; what we write alone has commas and points.
  const char delimiter = append ? input.delimiter() : ',';
  const char decimal = append ? input.decimal() : '.';
  for (Index i = 0; i < rows.rows(); ++i) {
    const auto place = static_cast<std::size_t>(i);
    const double* row = rows.row(i).data();
    if (inverse ? !is_complete(input.model(), row) : !rows.row(i).allFinite()) {
      input.refuse(i, "the row is too far out for the model's precision");
      continue;
    }
    if (append) out += input.chunk().text[place] + delimiter;
    if (inverse) {
      append_row(out, input.model(), row, delimiter, decimal);
    } else {
      append_numbers(out, row, rows.cols(), delimiter, decimal);
    }
    out += '\n';
  }
}

}  // namespace

int run_transform(const Arguments& arguments) {
  const bool inverse = arguments.given("inverse");
  const bool append = arguments.given("append");

  ModelInput input(arguments);
  const std::vector<std::string>& columns = input.model().columns;
  const std::vector<std::string> latent = latent_names(columns.size());
  input.open(inverse ? latent : columns, append);
  if (!inverse) input.refuse_outside();
  // In double whatever the model's precision: a row must come back as it went.
  Evaluator evaluator(in_double(input.model()), threads(arguments));
  PieceOutput out(arguments.text("output", "-"));
  std::string text;
  if (append) text = input.header() + input.delimiter();
  append_names(text, inverse ? columns : latent, append ? input.delimiter() : ',');
  if (!arguments.given("no-header")) out.write(text + '\n');
  RowMatrix result;
  FarContexts far(input.model());
  const Digits digits(arguments);
  std::uint64_t first = arguments.count("offset", 0);  // number of the next row
  RowProgress progress(arguments.text("output", "-"));
  while (input.read()) {
    progress.add(static_cast<std::uint64_t>(input.data().rows()));
    text.clear();
    if (out.mine()) {
      far.add(input.context());
      if (inverse) {
        evaluator.from_latent(input.data(), input.context(), result);
        digits.cut(result, input.model());
      } else {
        evaluator.to_latent(input.data(), input.context(), result, first);
        digits.cut(result);
      }
      append_rows(text, input, result, inverse, append);
    }
    first += static_cast<std::uint64_t>(input.data().rows());
    out.write_piece(text);
  }
  out.commit();
  far.warn(true);
  return 0;
}

}  // namespace nflow::app
