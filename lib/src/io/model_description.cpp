#include "io/model_description.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "io/model_layout.h"
#include "io/safetensors.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

// Above the longest that a chain within parse_flow()'s bounds can have.
constexpr std::size_t kMaxFlowText = std::size_t{1} << 18;

// Above what any list and any object of the document has, but for the cells: a label has three
// values there.
constexpr std::size_t kMostValues = 2 * kMaxColumns, kMostCellValues = std::size_t{1} << 20;

void check_spelling(const std::vector<std::string>& names, const std::string& what) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (is_utf8(names[i])) continue;
    refuse_model("the name of " + what + " " + std::to_string(i + 1) + " is not UTF-8");
  }
}

const std::string& text_at(const Json& object, const char* key) {
  return object.at(key).get_ref<const std::string&>();
}

std::vector<std::string> names_at(const Json& object, const char* key) {
  const Json& names = object.at(key);
  if (!names.is_array() || names.size() > kMaxColumns) {
    refuse_model(std::string(key) + " is not a list of at most " + std::to_string(kMaxColumns));
  }
  return names.get<std::vector<std::string>>();
}

std::uint64_t whole_number_at(const Json& object, const char* key, std::uint64_t limit) {
  const Json& value = object.at(key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > limit) {
    refuse_model(std::string(key) + " is not a whole number");
  }
  return value.get<std::uint64_t>();
}

std::int64_t count_at(const Json& object, const char* key) {
  constexpr auto limit = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(whole_number_at(object, key, limit));
}

double number_at(const Json& object, const char* key) {
  const Json& value = object.at(key);
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!value.is_number()) refuse_model(std::string(key) + " is not a number");
  return value.get<double>();
}

// Where there are supports, some are not REAL: a model is laid out in one way only.
std::vector<Support> supports_at(const Json& object, const char* key, std::size_t columns) {
  const Json& list = object.at(key);
  if (!list.is_array() || list.size() != columns) refuse_model("it has no support for a column");
  std::vector<Support> supports;
  for (const Json& item : list) {
    const auto& text = item.get_ref<const std::string&>();
    supports.push_back(parse_support(text));
    if (to_text(supports.back()) != text) refuse_model("a support is not in its shortest form");
  }
  if (!any_bounded(supports)) refuse_model("all its supports are REAL");
  return supports;
}

std::vector<std::string> support_texts(const Model& model) {
  if (model.supports.size() != model.columns.size()) {
    refuse_model("it has no support for a column");
  }
  std::vector<std::string> texts;
  for (const Support& support : model.supports) {
    texts.push_back(to_text(support));
    parse_support(texts.back());  // ends that cannot be are refused
  }
  return texts;
}

OrderedJson cells_text(const Cells& cells) {
  const CellData& data = cells.data();
  OrderedJson text;
  for (const std::string& level : data.levels) {
    if (!is_utf8(level)) refuse_model("a label is not UTF-8");
  }
  text["levels"] = data.levels;
  text["level_bin"] = data.level_bin;
  text["level_mass"] = data.level_mass;
  text["points"] = data.points;
  text["edges"] = data.edges;
  text["weight"] = data.rest.weight;
  text["mean"] = data.rest.mean;
  text["deviation"] = data.rest.deviation;
  text["ties"] = data.ties;
  text["tie_mass"] = data.tie_mass;
  text["tie_share"] = data.tie_share;
  text["hole"] = data.hole;
  text["mass"] = data.mass;
  return text;
}

/// All values in a part of the document.
std::size_t values_in(const OrderedJson& part) {
  std::size_t values = 1;
  if (part.is_structured()) {
    for (const OrderedJson& item : part) values += values_in(item);
  }
  return values;
}

CellData cells_at(const Json& object) {
  const auto numbers = [&](const char* key) { return object.at(key).get<std::vector<double>>(); };
  return {object.at("levels").get<std::vector<std::string>>(),
          object.at("level_bin").get<std::vector<Index>>(),
          numbers("level_mass"),
          numbers("points"),
          numbers("edges"),
          {numbers("weight"), numbers("mean"), numbers("deviation")},
          numbers("ties"),
          numbers("tie_mass"),
          object.at("tie_share").get<double>(),
          object.at("hole").get<bool>(),
          numbers("mass")};
}

/// The bins of the columns that are cut into cells, in their order.
void read_cells(const Json& document, Model& model) {
  const Json& list = document.at("cells");
  std::size_t next = 0;
  for (Support& support : model.supports) {
    if (!support.is_cut()) continue;
    if (!list.is_array() || next >= list.size()) refuse_model("a column has no cells");
    CellData data = cells_at(list.at(next++));
    if (data.hole && !support.holes) refuse_model("a column has holes that its support has not");
    support.cells = std::make_shared<const Cells>(support, std::move(data));
  }
  if (next == 0 || next != list.size()) refuse_model("it has cells that are no column's");
  model.cell_net = parse_net(text_at(document, "cell_net"));
}

OrderedJson context_kinds_text(const std::vector<ContextKind>& kinds) {
  OrderedJson list = OrderedJson::array();
  for (const ContextKind& kind : kinds) {
    if (kind.is_plain()) {
      list.push_back(nullptr);
    } else if (kind.labels) {
      list.push_back(cells_text(*kind.labels));
    } else {
      list.push_back({{"fill", kind.fill}});
    }
  }
  return list;
}

std::vector<ContextKind> context_kinds_at(const Json& document, std::size_t columns) {
  const Json& list = document.at("context_kinds");
  std::vector<ContextKind> kinds;
  for (const Json& item : list) {
    ContextKind kind;
    if (item.contains("fill")) {
      kind.holes = true;
      kind.fill = item.at("fill").get<double>();
    } else if (!item.is_null()) {
      CellData data = cells_at(item);
      Support support = parse_support("CATEGORY");
      kind.holes = support.holes = data.hole;
      kind.labels = std::make_shared<const Cells>(support, std::move(data));
    }
    kinds.push_back(std::move(kind));
  }
  const bool all_plain = std::all_of(kinds.begin(), kinds.end(),
                                     [](const ContextKind& kind) { return kind.is_plain(); });
  if (kinds.size() != columns || all_plain) refuse_model("it has no kind for a context column");
  return kinds;
}

TrainingRecord read_record(const Json& record) {
  TrainingRecord training;
  training.rows = count_at(record, "rows");
  training.validation_rows = count_at(record, "validation_rows");
  training.epochs = count_at(record, "epochs");
  training.steps = count_at(record, "steps");
  training.seed = whole_number_at(record, "seed", std::numeric_limits<std::uint64_t>::max());
  training.train_log_prob = number_at(record, "train_log_prob");
  training.validation_log_prob = number_at(record, "validation_log_prob");
  training.version = text_at(record, "version");
  return training;
}

Precision precision_at(const Json& object, const char* key) {
  const std::string& text = text_at(object, key);
  if (text == "float32") return Precision::float32;
  if (text == "float64") return Precision::float64;
  refuse_model(std::string(key) + " is neither float32 nor float64");
}

Json parse_document(const std::string& text) {
  static constexpr std::array<std::string_view, 12> known{
      "columns",   "context",  "support",  "cells",   "cell_net",      "flow",
      "precision", "training", "left_out", "missing", "context_kinds", "manner"};
  Json document = Json::object();
  const auto wanted = [](const std::string& parent, const std::string& key) {
    return !parent.empty() || std::find(known.begin(), known.end(), key) != known.end();
  };
  const auto take = [&](const std::string& key, Json&& value) { document[key] = std::move(value); };
  const auto most_values = [](const std::string& key) {
    return key == "cells" || key == "context_kinds" ? kMostCellValues : kMostValues;
  };
  read_header_members(text, {most_values, wanted, take});
  return document;
}

}  // namespace

std::string describe_model(const Model& model) {
  check_spelling(model.columns, "column");
  check_spelling(model.context, "context column");
  check_spelling(model.marks, "mark for missing");
  const TrainingRecord& training = model.training;
  OrderedJson record;
  for (const auto& [key, count] : {std::pair{"rows", training.rows},
                                   {"validation_rows", training.validation_rows},
                                   {"epochs", training.epochs},
                                   {"steps", training.steps}}) {
    if (count < 0) refuse_model(std::string("its number of ") + key + " is negative");
    record[key] = count;
  }
  record["seed"] = training.seed;
  // JSON has no NaN: such a number is written as null and read as NaN.
  record["train_log_prob"] = training.train_log_prob;
  record["validation_log_prob"] = training.validation_log_prob;
  record["version"] = training.version;

  OrderedJson document;
  document["columns"] = model.columns;
  document["context"] = model.context;
  if (any_bounded(model.supports)) document["support"] = support_texts(model);
  if (cut_columns(model.supports) > 0) {
    OrderedJson& cells = document["cells"] = OrderedJson::array();
    for (const Support& support : model.supports) {
      if (support.is_cut()) cells.push_back(cells_text(*support.cells));
    }
    if (values_in(cells) > kMostCellValues) refuse_model("its columns have too many labels");
    document["cell_net"] = net_text(model.cell_net);
  }
  if (!model.context_kinds.empty()) {
    const OrderedJson& kinds = document["context_kinds"] = context_kinds_text(model.context_kinds);
    if (values_in(kinds) > kMostCellValues) refuse_model("its context has too many labels");
  }
  document["flow"] = to_text(model.flow);
  document["precision"] = model.precision() == Precision::float32 ? "float32" : "float64";
  document["training"] = std::move(record);
  for (const LeftOut& column : model.left_out) {
    if (!is_utf8(column.column)) continue;  // it is no part of the density
    document["left_out"].push_back({column.column, column.reason});
  }
  if (!model.marks.empty()) document["missing"] = model.marks;
  if (!model.manner.is_plain()) document["manner"] = OrderedJson::parse(to_json(model.manner));
  return document.dump();
}

DescribedModel read_description(const std::string& text, int version) {
  const Json document = parse_document(text);
  // An earlier reader would take such a file for one without supports.
  if (version < 2 && document.contains("support")) refuse_model("version 1 has no supports");
  Model model;
  model.columns = names_at(document, "columns");
  model.context = names_at(document, "context");
  if (version == 2 || (version >= 3 && document.contains("support"))) {
    model.supports = supports_at(document, "support", model.columns.size());
  }
  const bool scaled =
      std::any_of(model.supports.begin(), model.supports.end(),
                  [](const Support& support) { return support.kind == Support::Kind::asinh; });
  if (version < 5 && scaled) refuse_model("an earlier version has no ASINH");
  if (version < 6 && any_winding(model.supports)) {
    refuse_model("an earlier version has no windings");
  }
  if (version < 7 && (any_drift(model.supports) || any_early_winding(model.supports))) {
    refuse_model("an earlier version has no drifts, and no windings about later circles");
  }
  const bool cells = document.contains("cells") || cut_columns(model.supports) > 0;
  if (version < 4 && (cells || document.contains("context_kinds"))) {
    refuse_model("an earlier version has no cells");
  }
  if (cells) read_cells(document, model);
  if (version < 8 && model.cell_net.components > 1) {
    refuse_model("an earlier version has no mixture of cells");
  }
  if (document.contains("context_kinds")) {
    model.context_kinds = context_kinds_at(document, model.context.size());
  }
  if (version >= 3) {  // filled with its tensors
    const auto features = static_cast<std::size_t>(model.context_features());
    model.context_scaler.low.resize(features);
    model.context_scaler.high.resize(features);
  }
  const std::string& flow = text_at(document, "flow");
  if (flow.size() > kMaxFlowText) refuse_model("its flow is too long");
  if (!flow.empty()) model.flow = parse_flow(flow);  // empty: see check_names()
  model.training = read_record(document.at("training"));
  if (document.contains("left_out")) {
    for (const Json& item : document.at("left_out")) {
      model.left_out.push_back({item.at(0).get<std::string>(), item.at(1).get<std::string>()});
    }
  }
  if (document.contains("missing")) model.marks = names_at(document, "missing");
  if (document.contains("manner")) model.manner = parse_manner(document.at("manner").dump());
  return {std::move(model), precision_at(document, "precision")};
}

}  // namespace nflow
