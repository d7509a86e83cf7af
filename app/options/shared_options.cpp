// The options that several commands share, and what they mean.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <utility>

#include "nflow/error.h"
#include "nflow/threads.h"
#include "options/options.h"
#include "report/log.h"

namespace nflow::app {
namespace {

const std::uint64_t kMaxThreads = 1024;
const std::uint64_t kMostLines = 1000000;
const std::uint64_t kMaxSeed = std::numeric_limits<std::uint64_t>::max();

}  // namespace

OptionGroup model_group() {
  return {"Model", {{"model", 'm', "MODEL", "the model; - is standard input"}}};
}

OptionGroup input_group(const std::vector<Option>& more) {
  const Value mark(ValueKind::mark, "C");
  OptionGroup group{
      "Input",
      {{"delimiter",
        0,
        {ValueKind::delimiter, "C"},
        "between fields (default: a comma); \\t: tab, or blanks"},
       {"decimal",
        0,
        {ValueKind::decimal, "C"},
        "the decimal mark, a point or a comma (default: a point)"},
       {"thousands",
        0,
        {ValueKind::decimal, "C"},
        "a mark between thousands, a point or a comma (default: none)"},
       {"comment", 0, mark, "leave out lines that begin with it (default: none)"},
       {"skip", 0, whole_number("N", 0, kMostLines),
        "lines above the table (default: those that are seen)"},
       {"units", 0, whole_number("N", 0, kMostLines),
        "rows of units (default: those that are seen)"},
       {"header", 0, "yes|no|auto", "is the first line a header? (default: auto)"},
       {"na", 0, "TOKENS", "more spellings of missing, comma-separated, e.g. \"?,-999\""}}};
  group.options.insert(group.options.end(), more.begin(), more.end());
  return group;
}

Option no_header_option() {
  return {"no-header", 0, "", "rows alone, to be appended to those of another run"};
}

Option digits_option() {
  return {"digits", 0, whole_number("D", 1, 17),
          "significant digits of the numbers written (default: all they have)"};
}

Option output_option(const std::string& help) { return {"output", 'o', "FILE", help}; }

OptionGroup common_group(const std::string& command) {
  std::string seed = "taken by every command; this one draws no random numbers";
  if (command == "train") seed = "of start, split, batches and dropout (default: 0)";
  if (command == "check" || command == "plot") seed = "of all that is drawn (default: 0)";
  if (command == "compare") seed = "of the rows that are drawn without DATA (default: 0)";
  if (command == "fill") seed = "same seed, same fillings (default: fresh ones at each call)";
  if (command == "sample") seed = "same seed, same rows (default: fresh rows at each call)";
  return {"Common",
          {{"seed", 0, whole_number("N", 0, kMaxSeed), seed},
           {"threads", 0, whole_number("N", 1, kMaxThreads),
            "threads to use (default: the processors this process may use)"},
           {"config", 0, "FILE", "options as lines 'name = value'; the command line wins"},
           {"print-config", 0, "", "write this command line as such a file, and do no more"},
           {"quiet", 'q', "", "only errors on standard error"},
           {"verbose", 'v', "", "more on standard error", {"quiet"}},
           {"log-format", 0, "text|json", "json: an object a line, for programs (default: text)"},
           {"help", 'h', "", "this text"},
           {"version", 'V', "", "nflow's version; with -v what it was built with"}}};
}

CsvFormat csv_format(const Arguments& arguments) {
  CsvFormat format;
  format.find_delimiter = !arguments.given("delimiter");
  format.find_decimal = format.find_delimiter && !arguments.given("decimal");
  if (arguments.given("delimiter")) {
    format.delimiter =
        parse_delimiter(arguments.spelling("delimiter"), arguments.text("delimiter", ""));
  }
  format.find = true;
  format.skip = arguments.count("skip", 0);
  format.finds_titles = !arguments.given("skip");
  if (arguments.given("units")) format.units = arguments.count("units", 0);
  if (arguments.given("thousands")) {
    format.thousands =
        parse_decimal(arguments.spelling("thousands"), arguments.text("thousands", ""));
  }
  format.decimal = parse_decimal(arguments.spelling("decimal"), arguments.text("decimal", "."));
  if (arguments.given("comment")) {
    format.comment = parse_mark(arguments.spelling("comment"), arguments.text("comment", ""));
  }
  const std::string header = arguments.text("header", "auto");
  if (header == "yes") format.header = CsvFormat::Header::yes;
  if (header == "no") format.header = CsvFormat::Header::no;
  if (arguments.text("missing", "error") == "drop") format.missing = CsvFormat::Missing::drop;
  std::string token;
  for (const char c : arguments.text("na", "") + ",") {
    if (c != ',') {
      token += c;
    } else if (!token.empty()) {
      format.na_tokens.push_back(std::exchange(token, ""));
    }
  }
  return format;
}

int threads(const Arguments& arguments) {
  if (!arguments.given("threads")) return available_threads();
  return static_cast<int>(arguments.count("threads", 1));
}

std::uint64_t seed(const Arguments& arguments, std::uint64_t fallback) {
  return arguments.count("seed", fallback);
}

std::string data_path(const Arguments& arguments) { return data_paths(arguments).front(); }

std::vector<std::string> data_paths(const Arguments& arguments) {
  const std::vector<std::string>& files = arguments.operands();
  if (std::count(files.begin(), files.end(), "-") > 1) {
    throw UsageError("DATA: - is named twice, and standard input can be read once");
  }
  if (!files.empty()) return files;
  if (::isatty(STDIN_FILENO) != 0) {
    if (logs_text()) std::fputs(short_help(arguments.syntax()).c_str(), stderr);
    throw UsageError("no data: name a CSV file, pipe one in, or see 'nflow " +
                     arguments.syntax().command + " --help'");
  }
  return {"-"};
}

void refuse_input_options(const Arguments& arguments, const std::string& table) {
  for (const Option& option : input_group().options) {
    if (!arguments.given(option.name)) continue;
    throw UsageError(arguments.spelling(option.name) + " is for " + table);
  }
}

std::string model_path(const Arguments& arguments) {
  const bool as_operand = arguments.syntax().operand == "MODEL" && arguments.operand();
  if (as_operand && arguments.given("model")) throw UsageError("the model is given twice");
  std::string path = as_operand ? *arguments.operand() : arguments.required("model");
  if (path == "-" && ::isatty(STDIN_FILENO) != 0) {
    throw UsageError("no model: standard input is a terminal; name a file, or pipe one in");
  }
  return path;
}

void refuse_two_standard_inputs(const std::string& first, const std::string& second,
                                const std::string& what) {
  if (first == "-" && second == "-") {
    throw UsageError(what + " cannot both be standard input; name a file for one of them");
  }
}

}  // namespace nflow::app
