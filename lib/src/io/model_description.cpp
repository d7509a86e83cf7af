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

// Above what any list and any object of the document has.
constexpr std::size_t kMostValues = 2 * kMaxColumns;

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
  static constexpr std::array<std::string_view, 6> known{"columns", "context",   "support",
                                                         "flow",    "precision", "training"};
  Json document = Json::object();
  const auto wanted = [](const std::string& parent, const std::string& key) {
    return !parent.empty() || std::find(known.begin(), known.end(), key) != known.end();
  };
  const auto take = [&](const std::string& key, Json&& value) { document[key] = std::move(value); };
  read_header_members(text, {kMostValues, wanted, take});
  return document;
}

}  // namespace

std::string describe_model(const Model& model) {
  check_spelling(model.columns, "column");
  check_spelling(model.context, "context column");
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
  document["flow"] = to_text(model.flow);
  document["precision"] = model.precision() == Precision::float32 ? "float32" : "float64";
  document["training"] = std::move(record);
  return document.dump();
}

DescribedModel read_description(const std::string& text, int version) {
  const Json document = parse_document(text);
  // An earlier reader would take such a file for one without supports.
  if (version < 2 && document.contains("support")) refuse_model("version 1 has no supports");
  Model model;
  model.columns = names_at(document, "columns");
  model.context = names_at(document, "context");
  if (version == 2 || (version == 3 && document.contains("support"))) {
    model.supports = supports_at(document, "support", model.columns.size());
  }
  if (version == 3) {  // filled with its tensors
    model.context_scaler.low.resize(model.context.size());
    model.context_scaler.high.resize(model.context.size());
  }
  const std::string& flow = text_at(document, "flow");
  if (flow.size() > kMaxFlowText) refuse_model("its flow is too long");
  if (!flow.empty()) model.flow = parse_flow(flow);  // empty: see check_names()
  model.training = read_record(document.at("training"));
  return {std::move(model), precision_at(document, "precision")};
}

}  // namespace nflow
