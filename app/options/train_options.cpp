#include "options/train_options.h"

#include <cstdint>
#include <stdexcept>

#include "commands/command.h"
#include "nflow/default_flow.h"
#include "nflow/defaults.h"
#include "nflow/error.h"
#include "nflow/model_file.h"
#include "nflow/registry.h"
#include "processes/processes.h"
#include "report/log.h"
#include "tables/manner.h"
#include "training/journal.h"

namespace nflow::app {
namespace {

const std::uint64_t kMaxCount = std::uint64_t{1} << 62;  // of rows, steps, epochs
const std::uint64_t kMaxBatch = std::uint64_t{1} << 24;
const std::uint64_t kMostFolds = 1000;

std::string flow_list() {
  std::string text = "Transforms for --flow:\n";
  for (const FlowKind* kind : flow_kinds()) {
    std::string name = kind->name;
    name.resize(std::max<std::size_t>(name.size() + 2, 11), ' ');
    text += "  " + name + kind->summary + "\n";
  }
  return text + "Options after a colon hold for one transform: nsf-cl:bins=16:hidden=64,64.\n";
}

/// " (default: ...)"; the value is read from the library's own structs, so that it stands once.
std::string by_default(const std::string& value) { return " (default: " + value + ")"; }
std::string by_default(double value) { return by_default(number_text(value)); }

/// The same of a setting of links, as the text of a link that has it says.
std::string by_default_of_links(const std::string& key) {
  for (const FlowKind* kind : flow_kinds()) {
    const std::string text = to_text(FlowSpec{{{kind->name, {}}}}), before = ":" + key + "=";
    const std::size_t at = text.find(before);
    if (at == text.npos) continue;
    const std::size_t begin = at + before.size();
    return by_default(text.substr(begin, text.find(':', begin) - begin));
  }
  throw std::logic_error("no flow has the setting " + key);
}

Value of_links(const char* name) { return {ValueKind::link, name}; }

/// Settings of the links, for all of the chain that can use them: keys of parse_flow() too.
const std::vector<Option>& link_options() {
  static const std::vector<Option> options{
      {"hidden", 0, of_links("N,N,..."),
       "widths of the networks' hidden layers" + by_default_of_links("hidden")},
      {"net", 0, "residual|mlp", "kind of network" + by_default_of_links("net")},
      {"activation", 0, "relu|tanh|silu",
       "between a network's layers" + by_default_of_links("activation")},
      {"dropout", 0, of_links("P"),
       "share of hidden units zeroed in training" + by_default_of_links("dropout")},
      {"bins", 0, of_links("N"), "bins of a spline" + by_default_of_links("bins")},
      {"tail-bound", 0, of_links("B"),
       "splines act on [-B, B], in deviations" + by_default_of_links("tail-bound")},
      {"components", 0, of_links("N"),
       "normal distributions in a mixture" + by_default_of_links("components")}};
  return options;
}

/// What says which chain it is.
std::vector<Option> chain_options() {
  std::vector<Option> options{
      {"flow", 0, "SPEC", "transforms from data to latent (default: chosen by nflow)"},
      {"layers", 0, whole_number("N", 1, kMaxLinks), "repeat SPEC N times (default: 1)"}};
  options.insert(options.end(), link_options().begin(), link_options().end());
  return options;
}

OptionGroup flow_group() {
  OptionGroup group{"Flow (defaults are for --flow; without it nflow chooses by the table's size)",
                    chain_options()};
  group.options.push_back(
      {"precision", 0, "float|double", "of the model's numbers (default: float)"});
  return group;
}

/// What a model of --init says, and no option beside it.
std::vector<std::string> taken_from_init() {
  std::vector<std::string> names{"columns", "exclude", "context", "support", "infer", "precision"};
  for (const Option& option : chain_options()) names.push_back(option.name);
  return names;
}

OptionGroup training_group() {
  return {"Training",
          {{"epochs", 0, whole_number("N", 1, kMaxCount),
            "passes over the table (default: by the table's size)"},
           {"max-steps", 0, whole_number("N", 1, kMaxCount), "gradient steps at most"},
           {"time-limit", 0, "DURATION", "such as 90s, 20m, 3h30m, 03:30:00; 90 is seconds"},
           {"batch-size", 0, whole_number("N", 1, kMaxBatch),
            "rows for a step" + by_default(static_cast<double>(kDefaultBatchSize))},
           {"learning-rate", 0, real_number("R", kPositive),
            "of Adam, at the start (default: by the table's size)"},
           {"schedule", 0, "cosine|constant", "of the learning rate (default: cosine)"},
           {"weight-decay", 0, real_number("R", kNotNegative),
            "decoupled, on the networks' weights" + by_default(TrainOptions().weight_decay)},
           {"noise", 0, real_number("R", kNotNegative),
            "on training rows, in deviations, falling (default: by the flow)"},
           {"clip-norm", 0, real_number("R", kNotNegative),
            "largest gradient norm; 0 is none" + by_default(TrainOptions().clip_norm)},
           {"patience", 0, whole_number("N", 0, kMaxCount),
            "end N epochs after best; 0: never (default: by the table's size)"},
           {"validation-fraction",
            0,
            real_number("F", {0, 1, true, true}),
            "share of rows to validate with" + by_default(kDefaultValidationFraction),
            {"validation-file"}},
           {"validation-file", 0, "CSV", "rows to validate with, instead of a share"},
           {"history", 0, "FILE", "CSV with a line an epoch"},
           {"init", 0, "MODEL", "go on from this model: its columns, kinds, flow and parameters",
            taken_from_init()}}};
}

OptionGroup folds_group() {
  return {"Folds",
          {{"folds", 0, whole_number("K", 2, kMostFolds),
            "tell log p of each row by a model that has not seen it"},
           {"group", 0, "COLUMN", "no value of this column is in two folds; it is not modelled"},
           {"fold-scores", 0, "FILE", "CSV with a line a row: row,fold,logprob"}}};
}

}  // namespace

Syntax train_syntax() {
  OptionGroup input = input_group(reject_options());
  input.options.push_back({"columns", 0, "LIST", "columns to model, e.g. a,b,4-6 (default: all)"});
  input.options.push_back({"exclude", 0, "LIST", "columns to leave out"});
  input.options.push_back({"context", 0, "LIST", "columns to condition on: p(columns | context)"});
  input.options.push_back({"weights", 0, "COLUMN", "a weight, 0 or more, for each row"});
  input.options.push_back({"support",
                           0,
                           "COLUMN=SUPPORT",
                           "REAL, POSITIVE, [lo,hi], CATEGORY, GRID[step], ...",
                           {},
                           true});
  input.options.push_back(
      {"infer", 0, "yes|no", "infer the kinds of columns without --support (default: yes)"});
  input.options.push_back({"missing", 0, "error|drop|model|fit",
                           "model: a hole is a value; fit: it is unknown (default: model)"});
  input.options.push_back(
      {"memory", 0, "SIZE", "for a large table's rows, e.g. 4G (default: half of what is free)"});
  OptionGroup output{"Output", {output_option("the model, written whole or not at all")}};
  output.options[0].value = "MODEL";
  return {
      "train",
      {"train [DATA...] -o MODEL [options]"},
      "Fits a density to the rows of a CSV table. DATA is a file, or - or nothing for standard\n"
      "input; several files of one header are one table. The model kept is the one with the best\n"
      "log p on the validation rows.\n",
      {"nflow train data.csv -o data.nflow",
       "nflow train data.csv --exclude id -o data.nflow --time-limit 10m",
       "nflow train data.csv -o data.nflow --flow actnorm,conv1x1,nsf-ar --layers 3",
       "nflow train data.csv -o data.nflow --resume-if-exists data.ckpt",
       "nflow train data.csv -o data.nflow --folds 5 --fold-scores scores.csv",
       "nflow train more.csv -o more.nflow --init data.nflow",
       "nflow train - -o - < data.csv | nflow sample -m - -n 100"},
      {output, input, flow_group(), training_group(), folds_group(), checkpoint_group()},
      flow_list(),
      "DATA",
      true};
}

namespace {

/// Settings for all links of the chain, as the command line gives them.
std::map<std::string, std::string> link_settings(const Arguments& arguments) {
  std::map<std::string, std::string> defaults;
  for (const Option& option : link_options()) {
    if (const auto value = arguments.find(option.name)) defaults[option.name] = *value;
  }
  return defaults;
}

/// The net of columns that are cut into cells goes by these too.
bool is_of_nets(const std::string& option) {
  return option == "hidden" || option == "net" || option == "activation" || option == "dropout";
}

/// An option for the chain, where there are no columns for one, does nothing. That is no mistake
/// where it is nflow that cut columns into cells.
void tell_of_idle_options(const Arguments& arguments, bool cut) {
  for (const Option& option : chain_options()) {
    if (!arguments.given(option.name)) continue;
    if (cut && is_of_nets(option.name)) continue;
    const std::string reason = "--" + option.name +
                               ": all columns are circular or cut into cells, and the flow has "
                               "none to map";
    if (!cut) throw UsageError(reason);
    return log_warning("{}", reason);
  }
}

/// Mistakes in the flow are told before the table is read.
void check_flow(const Arguments& arguments) {
  const std::string flow =
      arguments.given("flow") ? arguments.required("flow") : "mixture,conv1x1,nsf-cl";
  const FlowSpec spec =
      parse_flow(flow, static_cast<Index>(arguments.count("layers", 1)), link_settings(arguments));
  if (arguments.given("weight-decay") && !has_option(spec, "hidden")) {
    throw UsageError("no flow of '" + flow +
                     "' has a network, whose weights --weight-decay is for");
  }
}

Index count_of(const Arguments& arguments, const std::string& name, Index fallback) {
  return static_cast<Index>(arguments.count(name, static_cast<std::uint64_t>(fallback)));
}

}  // namespace

std::map<std::string, std::string> flow_settings(const Arguments& arguments) {
  std::map<std::string, std::string> settings;
  for (const Option& option : flow_group().options) {
    settings["--" + option.name] = arguments.text(option.name, "default");
  }
  return settings;
}

bool chooses_neural_mixture(const Arguments& arguments, const TrainData& data) {
  const bool own = arguments.given("flow") || arguments.given("layers");
  return !own &&
         nflow::chooses_neural_mixture(data.fit, data.supports, {0, link_settings(arguments)});
}

std::vector<FlowSpec> flows_of(const Arguments& arguments, const TrainData& data,
                               const TrainOptions& options, const Interruption& interruption) {
  if (front_columns(data.supports) == data.fit.x.cols()) {
    if (options.init) return {FlowSpec{}};
    tell_of_idle_options(arguments, cut_columns(data.supports) > 0);
    return {FlowSpec{}};
  }
  if (options.init) return {options.init->flow};
  const bool own = arguments.given("flow");
  const auto layers = static_cast<Index>(arguments.count("layers", own ? 1 : 0));
  if (own) return {parse_flow(arguments.required("flow"), layers, link_settings(arguments))};
  return default_flows(data.fit, data.supports, {layers, link_settings(arguments)}, options.seed,
                       options.threads, interruption);
}

CellNet cell_net_of(const Arguments& arguments, const TrainData& data) {
  return with_settings(data.cell_net, link_settings(arguments));
}

double time_limit(const Arguments& arguments) {
  return arguments.duration("time-limit", std::numeric_limits<double>::infinity());
}

TrainOptions train_options(const Arguments& arguments) {
  TrainOptions options;
  check_flow(arguments);
  const bool wide = arguments.text("precision", "float") == "double";
  options.precision = wide ? Precision::float64 : Precision::float32;
  options.seed = seed(arguments, 0);
  options.threads = threads(arguments);
  options.batch_size = count_of(arguments, "batch-size", options.batch_size);
  options.epochs = count_of(arguments, "epochs", 0);
  options.max_steps = count_of(arguments, "max-steps", 0);
  options.learning_rate = arguments.real("learning-rate", options.learning_rate);
  const bool constant = arguments.text("schedule", "cosine") == "constant";
  options.schedule = constant ? TrainOptions::Schedule::constant : TrainOptions::Schedule::cosine;
  options.weight_decay = arguments.real("weight-decay", options.weight_decay);
  options.noise = arguments.real("noise", options.noise);
  options.clip_norm = arguments.real("clip-norm", options.clip_norm);
  options.patience = count_of(arguments, "patience", 0);
  return options;
}

namespace {

void read_init(const Arguments& arguments, DataOptions& data) {
  const auto path = arguments.find("init");
  if (!path) return;
  refuse_shared_input(*path);
  for (const std::string& table : data.paths) {
    refuse_two_standard_inputs(*path, table, "--init and DATA");
  }
  refuse_two_standard_inputs(*path, data.validation_path.value_or(""),
                             "--init and --validation-file");
  data.init = std::make_shared<const Model>(load_model(*path));
  data.format.like = like_table_of(*data.init, arguments);
}

}  // namespace

DataOptions data_options(const Arguments& arguments, const TrainOptions& options) {
  DataOptions data;
  data.format = csv_format(arguments);
  data.format.doubts_labels = true;
  data.format.patient = true;
  data.rejects = parse_reject_options(arguments);
  if (data.rejects.skip && ranks()) {
    throw UsageError("--on-error skip is for one process: several read parts of the table");
  }
  data.columns = arguments.find("columns");
  data.exclude = arguments.find("exclude");
  data.context = arguments.find("context");
  data.weights = arguments.find("weights");
  data.folds = count_of(arguments, "folds", 0);
  data.group = arguments.find("group");
  for (const char* option : {"group", "fold-scores"}) {
    if (data.folds > 0 || !arguments.given(option)) continue;
    throw UsageError(arguments.spelling(option) + " is for --folds K");
  }
  data.supports = parse_support_options(arguments.all("support"), arguments.spelling("support"));
  data.infer = arguments.text("infer", "yes") == "yes";
  data.threads = options.threads;
  const std::string missing = arguments.text("missing", data.infer ? "model" : "error");
  if (missing == "model") {
    if (!data.infer && arguments.given("missing")) {
      throw UsageError("--missing model needs kinds of columns, which --infer no leaves aside");
    }
    data.format.missing = CsvFormat::Missing::keep;
  }
  if (missing == "fit") {
    for (const char* option : {"folds", "init"}) {
      if (!arguments.given(option)) continue;
      throw UsageError(
          arguments.spelling(option) +
          " and --missing fit exclude each other: holes are drawn from a mixture of all "
          "rows");
    }
    data.holes_at_random = true;
    data.format.missing = CsvFormat::Missing::keep;
  }
  data.validation_path = arguments.find("validation-file");
  if (arguments.given("validation-fraction")) {
    data.validation_fraction = arguments.real("validation-fraction", 0);
  }
  data.seed = options.seed;
  data.batch_size = options.batch_size;
  if (arguments.given("memory")) {
    data.memory = parse_size(arguments.spelling("memory"), arguments.required("memory"));
  }
  data.paths = data_paths(arguments);
  for (const std::string& path : data.paths) {
    refuse_two_standard_inputs(path, data.validation_path.value_or(""),
                               "DATA and --validation-file");
  }
  read_init(arguments, data);
  return data;
}

}  // namespace nflow::app
