#include "nflow/compare.h"

#include <nlohmann/json.hpp>

#include "commands/command.h"
#include "commands/far_contexts.h"
#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/model_file.h"
#include "nflow/output_file.h"
#include "nflow/printable.h"
#include "processes/processes.h"
#include "report/log.h"
#include "report/progress.h"
#include "tables/models_input.h"

namespace nflow::app {
namespace {

const std::uint64_t kDraws = 10000, kMostDraws = 1000000000;

}  // namespace

Syntax compare_syntax() {
  Option models = model_group().options.front();
  models.help = "a model; give it twice or more often";
  models.repeats = true;
  return {
      "compare",
      {"compare [DATA] -m A -m B ... [--json] [-o FILE] [options]",
       "compare -m A -m B [-n N] [--seed N] [options]"},
      "Which model knows more about these rows? Writes the mean log p of each model with its\n"
      "standard error, and its mean difference to the first with that of the difference. DATA is\n"
      "a CSV file, or - for standard input. Without DATA it writes how far each model is from\n"
      "each other, their Kullback-Leibler divergences, from rows that it draws from them.\n",
      {"nflow compare test.csv -m a.nflow -m b.nflow",
       "nflow compare test.csv -m a.nflow -m b.nflow -m c.nflow --json | jq .pairs",
       "nflow compare -m a.nflow -m b.nflow -n 100000"},
      {{"Models", {models}},
       {"Divergence",
        {{"rows", 'n', whole_number("N", 2, kMostDraws),
          "rows to draw from each model (default: 10000)"}}},
       input_group(reject_options()),
       {"Output",
        {{"json", 0, "", "for programs, with each pair of models"},
         output_option("where the text goes (default: standard output)")}}},
      "",
      "DATA"};
}

namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string>;

/// The models of a command line, and how it calls them.
struct Compared {
  Names names;
  std::vector<Model> models;
};

Compared load(const Arguments& arguments) {
  Compared all;
  arguments.required("model");
  all.names = arguments.all("model");
  if (all.names.size() < 2) throw UsageError("nflow compare needs two models: -m A -m B");
  const std::string data = arguments.operand().value_or("");
  for (std::size_t m = 0; m < all.names.size(); ++m) {
    refuse_two_standard_inputs(all.names[m], data, "MODEL and DATA");
    refuse_shared_input(all.names[m]);
    for (std::size_t k = 0; k < m; ++k) {
      refuse_two_standard_inputs(all.names[k], all.names[m], "two models");
    }
  }
  for (const std::string& name : all.names) all.models.push_back(load_model(name));
  for (std::size_t m = 1; m < all.names.size(); ++m) {
    const std::string problem =
        not_comparable(all.models[0], all.names[0], all.models[m], all.names[m]);
    if (problem.empty()) continue;
    throw Error("log p of different columns cannot be compared: " + problem);
  }
  return all;
}

/// Has the value of the column in this model a probability of its own?
std::string measure_of(const Support& support) {
  if (support.kind == Support::Kind::category) return "labels";
  return support.atoms.empty() ? "numbers" : to_text(support);
}

/// A probability beside a density is a matter of units.
void warn_of_measures(const Compared& all) {
  const Model& first = all.models[0];
  for (std::size_t m = 1; m < all.models.size(); ++m) {
    const Model& other = all.models[m];
    for (std::size_t j = 0; j < first.columns.size(); ++j) {
      const Index k = find_column(other.columns, first.columns[j]);
      const std::string one = measure_of(support_at(first.supports, j));
      const std::string two = measure_of(support_at(other.supports, static_cast<std::size_t>(k)));
      if (one == two) continue;
      log_warning(
          "column '{}' is one of {} to {} and of {} to {}: one log p has a probability where the "
          "other has a density, and their difference depends on the unit",
          printable(first.columns[j]), one, all.names[0], two, all.names[m]);
    }
  }
}

Comparison scored(const Compared& all, const Arguments& arguments) {
  ModelsInput input(arguments, *arguments.operand(), all.models);
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  std::vector<FarContexts> far;
  for (const Model& model : all.models) {
    evaluators.push_back(std::make_unique<Evaluator>(model, threads(arguments)));
    far.emplace_back(model);
  }
  Comparison comparison(all.models.size());
  std::vector<std::vector<double>> log_prob(all.models.size());
  RowProgress progress(arguments.text("output", "-"));
  while (input.read()) {
    for (std::size_t m = 0; m < all.models.size(); ++m) {
      const RowMatrix context = input.context(m);
      evaluators[m]->log_prob(input.data(m), context, log_prob[m]);
      far[m].add(context);
    }
    comparison.add(log_prob);
    progress.add(log_prob.front().size());
  }
  if (comparison.rows() == 0) {
    throw Error(input.name() + ": no row to which all models give a log p above -inf" +
                (comparison.left_out() == 0 ? ", since it has no rows"
                                            : ", of " + std::to_string(comparison.left_out())));
  }
  for (const FarContexts& each : far) each.warn(false);
  return comparison;
}

void append_numbers(std::string& text, std::initializer_list<double> values) {
  for (const double value : values) {
    text += ',';
    append_number(text, value);
  }
}

std::string csv(const Compared& all, const Comparison& comparison) {
  std::string text = "model,rows,mean,stderr,difference,stderr_difference\n";
  for (std::size_t m = 0; m < all.names.size(); ++m) {
    const MeanEstimate mean = comparison.mean(m), difference = comparison.difference(m, 0);
    append_field(text, all.names[m], ',');
    text += ',' + std::to_string(comparison.rows());
    append_numbers(text, {mean.mean, mean.error, difference.mean, difference.error});
    text += '\n';
  }
  return text;
}

std::string json(const Compared& all, const Comparison& comparison) {
  Json json{{"rows", comparison.rows()}, {"left_out", comparison.left_out()}};
  json["models"] = json["pairs"] = Json::array();
  for (std::size_t m = 0; m < all.names.size(); ++m) {
    const MeanEstimate mean = comparison.mean(m);
    json["models"].push_back({{"model", all.names[m]},
                              {"mean", mean.mean},
                              {"stderr", mean.error},
                              {"infinite", comparison.infinite(m)}});
    for (std::size_t k = 0; k < m; ++k) {
      const MeanEstimate difference = comparison.difference(m, k);
      json["pairs"].push_back({{"model", all.names[m]},
                               {"against", all.names[k]},
                               {"difference", difference.mean},
                               {"stderr", difference.error}});
    }
  }
  return shown_json(json.dump(2)) + "\n";
}

void warn_of_infinite(const Compared& all, const Comparison& comparison) {
  if (comparison.left_out() == 0) return;
  Names counts;
  for (std::size_t m = 0; m < all.names.size(); ++m) {
    counts.push_back(std::to_string(comparison.infinite(m)) + " with " + all.names[m]);
  }
  log_warning("{} left out: log p = -inf for {}",
              counted(static_cast<std::int64_t>(comparison.left_out()), "row"), joined(counts));
}

/// The divergence of each model from each other.
struct NamedDivergence {
  std::string p, q;
  Divergence found;
};

std::vector<NamedDivergence> divergences(const Compared& all, const Arguments& arguments) {
  for (const Model& model : all.models) {
    if (model.context.empty()) continue;
    throw UsageError("a model is conditioned on '" + printable(model.context.front()) +
                     "': name a table with values of it");
  }
  std::vector<NamedDivergence> list;
  for (std::size_t m = 0; m < all.models.size(); ++m) {
    for (std::size_t k = 0; k < all.models.size(); ++k) {
      if (k == m) continue;
      const Divergence found =
          divergence(all.models[m], all.models[k], arguments.count("rows", kDraws),
                     seed(arguments, 0), threads(arguments));
      list.push_back({all.names[m], all.names[k], found});
      if (found.lost > 0) {
        log_warning("{}: {} beyond the model's own precision and left out", all.names[m],
                    counted(static_cast<std::int64_t>(found.lost), "draw"));
      }
      if (found.outside > 0) {
        log_warning("{} of {} draws of {} have log p = -inf with {}: the divergence is infinite",
                    found.outside, found.rows, all.names[m], all.names[k]);
      }
    }
  }
  return list;
}

std::string csv(const std::vector<NamedDivergence>& list) {
  std::string text = "p,q,rows,divergence,stderr\n";
  for (const NamedDivergence& each : list) {
    append_field(text, each.p, ',');
    text += ',';
    append_field(text, each.q, ',');
    text += ',' + std::to_string(each.found.rows);
    append_numbers(text, {each.found.estimate.mean, each.found.estimate.error});
    text += '\n';
  }
  return text;
}

std::string json(const std::vector<NamedDivergence>& list) {
  Json json;
  json["divergences"] = Json::array();
  for (const NamedDivergence& each : list) {
    json["divergences"].push_back({{"p", each.p},
                                   {"q", each.q},
                                   {"rows", each.found.rows},
                                   {"outside", each.found.outside},
                                   {"divergence", each.found.estimate.mean},
                                   {"stderr", each.found.estimate.error}});
  }
  return shown_json(json.dump(2)) + "\n";
}

}  // namespace

int run_compare(const Arguments& arguments) {
  const bool as_json = arguments.given("json");
  if (!arguments.operand()) {
    const std::string table = "DATA, of which none is given ('-' is standard input)";
    refuse_input_options(arguments, table);
    for (const Option& option : reject_options()) {
      if (arguments.given(option.name)) {
        throw UsageError(arguments.spelling(option.name) + " is for " + table);
      }
    }
  } else if (arguments.given("rows")) {
    throw UsageError(arguments.spelling("rows") + " is for a comparison without DATA");
  } else {
    refuse_shared_input(*arguments.operand());
  }
  const Compared all = load(arguments);
  warn_of_measures(all);
  if (!first_rank()) return 0;  // one process does it all
  std::string text;
  if (arguments.operand()) {
    const Comparison comparison = scored(all, arguments);
    warn_of_infinite(all, comparison);
    text = as_json ? json(all, comparison) : csv(all, comparison);
  } else {
    const std::vector<NamedDivergence> list = divergences(all, arguments);
    text = as_json ? json(list) : csv(list);
  }
  write_file(arguments.text("output", "-"), text);
  return 0;
}

}  // namespace nflow::app
