#include <spdlog/fmt/fmt.h>

#include <nlohmann/json.hpp>

#include "commands/command.h"
#include "nflow/error.h"
#include "nflow/model_file.h"
#include "nflow/output_file.h"
#include "nflow/printable.h"
#include "options/options.h"
#include "tables/manner.h"

namespace nflow::app {

Syntax info_syntax() {
  return {"info",
          {"info MODEL [--json] [options]"},
          "Prints what a model is: its columns, chain and size, and how it was trained.\n",
          {"nflow info data.nflow", "nflow info data.nflow --json"},
          {{"Model", {{"model", 'm', "MODEL", "the same as MODEL alone; - is standard input"}}},
           {"Output",
            {{"json", 0, "", "for programs"},
             output_option("where the text goes (default: standard output)")}}},
          "",
          "MODEL"};
}

namespace {

std::string precision_name(const Model& model) {
  return model.precision() == Precision::float32 ? "float" : "double";
}

nlohmann::ordered_json columns_json(const std::vector<std::string>& names, const Scaler& scaler) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    list.push_back(
        {{"name", names[i]}, {"mean", scaler.mean[i]}, {"deviation", scaler.deviation[i]}});
  }
  return list;
}

/// A context column, whose features begin at that one.
nlohmann::ordered_json context_column_json(const Model& model, std::size_t column, Index feature) {
  const ContextKind kind = context_kind_at(model.context_kinds, column);
  nlohmann::ordered_json json{{"name", model.context[column]}};
  if (kind.labels) {
    json["support"] = kind.holes ? "CATEGORY+{missing}" : "CATEGORY";
    json["labels"] = kind.labels->data().levels;
    return json;
  }
  const Scaler& scaler = model.context_scaler;
  const auto place = static_cast<std::size_t>(feature);
  json["mean"] = scaler.mean[place];
  json["deviation"] = scaler.deviation[place];
  if (!scaler.low.empty()) json["range"] = {scaler.low[place], scaler.high[place]};
  if (kind.holes) json["support"] = "REAL+{missing}";
  return json;
}

nlohmann::ordered_json context_json(const Model& model) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  Index feature = 0;
  for (std::size_t j = 0; j < model.context.size(); ++j) {
    list.push_back(context_column_json(model, j, feature));
    feature += context_kind_at(model.context_kinds, j).features();
  }
  return list;
}

nlohmann::ordered_json links_json(const Model& model) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const LinkSpec& link : model.flow.links) list.push_back(to_text(FlowSpec{{link}}));
  return list;
}

std::string json_text(const Model& model) {
  const TrainingRecord& record = model.training;
  nlohmann::ordered_json json;
  json["format_version"] = format_version(model);
  json["columns"] = columns_json(model.columns, model.scaler);
  for (std::size_t i = 0; i < model.columns.size(); ++i) {
    const Support support = support_at(model.supports, i);
    json["columns"][i]["support"] = to_text(support);
    if (support.kind == Support::Kind::category) {
      json["columns"][i]["labels"] = support.cells->data().levels;
    }
  }
  json["left_out"] = nlohmann::ordered_json::array();
  for (const LeftOut& column : model.left_out) {
    json["left_out"].push_back({{"name", column.column}, {"reason", column.reason}});
  }
  json["context"] = context_json(model);
  if (!model.manner.is_plain()) {
    json["manner"] = nlohmann::ordered_json::parse(to_json(model.manner));
  }
  json["flow"] = links_json(model);
  json["parameters"] = model.parameter_count();
  json["precision"] = precision_name(model);
  json["training"] = {{"rows", record.rows},
                      {"validation_rows", record.validation_rows},
                      {"epochs", record.epochs},
                      {"steps", record.steps},
                      {"seed", record.seed},
                      {"train_log_prob", record.train_log_prob},
                      {"validation_log_prob", record.validation_log_prob},
                      {"version", record.version}};
  return shown_json(json.dump(2)) + "\n";
}

/// What the mean and deviation of a column are of, and where it lives.
std::string support_text(const Support& support) {
  switch (support.kind) {
    case Support::Kind::positive:
      return " of its logarithm, support POSITIVE";
    case Support::Kind::asinh:
      return " on its scale, support " + to_text(support);
    case Support::Kind::interval:
    case Support::Kind::arc:
      return " of its logit, support " + to_text(support);
    case Support::Kind::integer:
      return ", support INTEGER";
    default:
      return "";  // REAL, or cut into cells
  }
}

/// What a column that is cut into cells holds.
std::string cells_text(const Support& support) {
  const CellData& data = support.cells->data();
  std::string text = "support " + shown(to_text(support));
  if (!data.levels.empty()) {
    text += ", " + counted(static_cast<std::int64_t>(data.levels.size()), "label");
  }
  return text + ", " + counted(data.bins(), "bin");
}

void append_columns(std::string& text, const Model& model) {
  const std::vector<std::string>& names = model.columns;
  const Scaler& scaler = model.scaler;
  text += fmt::format("{:<17}{}\n", "columns", names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Support support = support_at(model.supports, i);
    if (support.is_cut()) {
      text += "  " + shown(names[i]) + ": " + cells_text(support) + "\n";
      continue;
    }
    if (support.kind == Support::Kind::circular) {
      text += "  " + shown(names[i]) + ": in turns, support " + to_text(support) + "\n";
      continue;
    }
    text += fmt::format("  {}: mean {:.6g}, deviation {:.6g}{}\n", shown(names[i]), scaler.mean[i],
                        scaler.deviation[i], support_text(support));
  }
}

void append_context_columns(std::string& text, const Model& model) {
  const Scaler& scaler = model.context_scaler;
  text += fmt::format("{:<17}{}\n", "context",
                      model.context.empty() ? "none" : std::to_string(model.context.size()));
  std::size_t feature = 0;
  for (std::size_t j = 0; j < model.context.size(); ++j) {
    const ContextKind kind = context_kind_at(model.context_kinds, j);
    const std::string holes = kind.holes ? ", some missing" : "";
    text += "  " + shown(model.context[j]) + ": ";
    if (kind.labels) {
      const auto labels = static_cast<std::int64_t>(kind.labels->data().levels.size());
      text += "CATEGORY, " + counted(labels, "label") + holes + "\n";
    } else {
      text += fmt::format("mean {:.6g}, deviation {:.6g}", scaler.mean[feature],
                          scaler.deviation[feature]);
      if (!scaler.low.empty()) {
        text += fmt::format(", range {:.6g} to {:.6g}", scaler.low[feature], scaler.high[feature]);
      }
      text += holes + "\n";
    }
    feature += static_cast<std::size_t>(kind.features());
  }
}

std::string plain_text(const Model& model, const std::string& path) {
  const TrainingRecord& record = model.training;
  std::string text =
      fmt::format("{:<17}{} (format version {})\n", "model",
                  path == "-" ? "standard input" : shown(path), format_version(model));
  append_columns(text, model);
  append_context_columns(text, model);
  for (const LeftOut& column : model.left_out) {
    text += fmt::format("{:<17}{}: {}\n", "left out", shown(column.column), shown(column.reason));
  }
  if (cut_columns(model.supports) > 0) {
    text += fmt::format("{:<17}{}\n", "net of cells", net_text(model.cell_net));
  }
  const auto circular = circular_columns(model.supports);
  if (circular > 0) {
    text += fmt::format("{:<17}for {}\n", "circular splines", counted(circular, "column"));
  }
  const std::string manner = manner_text(model.manner);
  if (!manner.empty()) text += fmt::format("{:<17}{}\n", "read as", shown(manner));
  const auto links = static_cast<std::int64_t>(model.flow.links.size());
  text += fmt::format("{:<17}{}, from data to latent\n", "flow", counted(links, "transform"));
  for (const LinkSpec& link : model.flow.links) text += "  " + to_text(FlowSpec{{link}}) + "\n";
  text += fmt::format("{:<17}{}\n", "parameters", model.parameter_count());
  text += fmt::format("{:<17}{}\n", "precision", precision_name(model));
  text += fmt::format("{:<17}{}, {} more to validate with\n", "trained on",
                      counted(record.rows, "row"), record.validation_rows);
  // A time limit may have left no time for a step.
  const bool trained = record.steps > 0;
  const std::string length =
      trained ? counted(record.epochs, "epoch") + ", " + counted(record.steps, "step") : "no step";
  text += fmt::format("{:<17}{}, seed {}, by nflow {}\n", "training", length, record.seed,
                      shown(record.version));
  if (trained) text += fmt::format("{:<17}{:.4f} nats/row\n", "train log p", record.train_log_prob);
  text += fmt::format("{:<17}{:.4f} nats/row\n", "validation log p", record.validation_log_prob);
  return text;
}

}  // namespace

int run_info(const Arguments& arguments) {
  const std::string path = model_path(arguments);
  const Model model = load_model(path);
  write_file(arguments.text("output", "-"),
             arguments.given("json") ? json_text(model) : plain_text(model, path));
  return 0;
}

}  // namespace nflow::app
