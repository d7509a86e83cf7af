#include "nflow/check.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/command.h"
#include "nflow/error.h"
#include "nflow/model_file.h"
#include "nflow/output_file.h"
#include "nflow/printable.h"
#include "options/options.h"
#include "processes/world.h"
#include "report/log.h"
#include "report/progress.h"
#include "tables/sample_of_rows.h"

namespace nflow::app {
namespace {

const Index kLeastRows = 20;
const std::uint64_t kRows = 5000, kMostRows = 100000;

}  // namespace

Syntax check_syntax() {
  return {
      "check",
      {"check -m MODEL [DATA...] [--alpha P] [--subset N] [--json] [options]"},
      "Checks that a model is a density, and, given rows that it was not trained on, that it is\n"
      "theirs. Ends with status 1 where something is off. DATA is a CSV file, or - for standard\n"
      "input; its columns are found by name, or by position where it has no header.\n",
      {"nflow check -m data.nflow", "nflow check -m data.nflow test.csv",
       "nflow check -m data.nflow test.csv --json | jq .ok"},
      {model_group(),
       {"Checking",
        {{"alpha", 0, real_number("P", {1e-4, 0.5}),
          "chance of finding fault with a right model (default: 0.01)"},
         {"subset",
          0,
          whole_number("N", kLeastRows, kMostRows),
          "rows of DATA to look at, drawn by the seed (default: 5000)",
          {},
          false,
          "rows"}}},
       input_group(),
       {"Output",
        {{"json", 0, "", "for programs"},
         output_option("where the text goes (default: standard output)")}}},
      "",
      "DATA",
      true};
}

namespace {

using Verdict = Finding::Verdict;

const char* word(Verdict verdict) {
  if (verdict == Verdict::open) return "open";
  return verdict == Verdict::ok ? "ok" : "OFF";
}

std::string plain_text(const std::vector<Finding>& findings) {
  std::size_t width = 0;
  for (const Finding& finding : findings) width = std::max(width, shown(finding.name).size());
  std::string text =
      fmt::format("{:<{}}  {:>9}  {:>9}  {:<4}\n", "check", width, "figure", "limit", "verdict");
  for (const Finding& finding : findings) {
    const std::string figure = fmt::format("{}{:.2g}", finding.is_p ? "p = " : "", finding.figure);
    const std::string limit = fmt::format("{} {:.2g}", finding.is_p ? ">=" : "<=", finding.limit);
    text += fmt::format("{:<{}}  {:>9}  {:>9}  {:<4}  {}\n", shown(finding.name), width, figure,
                        limit, word(finding.verdict), shown(finding.detail));
  }
  return text;
}

std::string json_text(const std::vector<Finding>& findings, bool fine) {
  nlohmann::ordered_json json;
  json["ok"] = fine;
  json["findings"] = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    json["findings"].push_back({{"name", finding.name},
                                {"kind", finding.is_p ? "p" : "deviation"},
                                {"figure", finding.figure},
                                {"limit", finding.limit},
                                {"verdict", word(finding.verdict)},
                                {"detail", finding.detail}});
  }
  return shown_json(json.dump(2)) + "\n";
}

std::vector<Finding> looked_at(const Model& model, const std::optional<Dataset>& data,
                               CheckOptions options) {
  TrainingProgress progress("checking");
  options.begins = [&](const std::string& what) { progress.wait("checks " + what); };
  return check_model(model, data ? &*data : nullptr, options);
}

/// The names of what is off, in the order of the table.
std::string faults(const std::vector<Finding>& findings) {
  std::vector<std::string> names;
  for (const Finding& finding : findings) {
    if (finding.verdict == Verdict::off) names.push_back(finding.name);
  }
  return joined(names);
}

}  // namespace

int run_check(const Arguments& arguments) {
  CheckOptions options;
  options.alpha = arguments.real("alpha", options.alpha);
  options.seed = seed(arguments, 0);
  options.threads = threads(arguments);
  const auto rows = static_cast<Index>(arguments.count("subset", kRows));
  const std::string path = arguments.required("model");

  std::optional<ModelInput> input;
  std::optional<Dataset> data;
  if (!arguments.operand()) {
    const std::string table = "DATA, of which none is given ('-' is standard input)";
    refuse_input_options(arguments, table);
    if (arguments.given("subset")) {
      throw UsageError(arguments.spelling("subset") + " is for " + table);
    }
  } else {
    input.emplace(arguments);
    data = sample_of_rows(*input, arguments, kLeastRows, rows);
  }
  const Model model = input ? input->model() : load_model(path);
  if (!model.context.empty() && !data) {
    throw UsageError("the model is conditioned on columns: name a table with values of them");
  }
  if (!first_rank()) return 0;  // one process does it all
  const std::vector<Finding> findings = looked_at(model, data, options);
  const std::string off = faults(findings);
  write_file(arguments.text("output", "-"),
             arguments.given("json") ? json_text(findings, off.empty()) : plain_text(findings));
  if (!data) log_info("no DATA was given, and so the model alone was looked at");
  if (!off.empty()) throw Error((path == "-" ? "standard input" : path) + ": off: " + off);
  return 0;
}

}  // namespace nflow::app
