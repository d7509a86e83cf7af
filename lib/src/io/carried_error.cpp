#include "io/carried_error.h"

#include <nlohmann/json.hpp>

#include "nflow/csv_help.h"

namespace nflow {
namespace {

using Json = nlohmann::json;

Json to_json(const CsvHelp& help) {
  Json columns = Json::array();
  for (const CsvHelp::Column& column : help.columns) {
    columns.push_back(Json::array({column.place, column.name}));
  }
  return {static_cast<int>(help.kind), help.mark,        help.text, help.joined, help.first_row,
          std::move(columns),          help.label_column};
}

CsvHelp from_json(const Json& json) {
  CsvHelp help;
  help.kind = static_cast<CsvHelp::Kind>(json[0].get<int>());
  help.mark = json[1].get<char>();
  help.text = json[2].get<std::string>();
  help.joined = json[3].get<std::string>();
  help.first_row = json[4].get<bool>();
  for (const Json& column : json[5]) {
    help.columns.push_back({column[0].get<std::size_t>(), column[1].get<std::string>()});
  }
  help.label_column = json[6].get<std::string>();
  return help;
}

}  // namespace

/// As MessagePack, which takes any bytes for a string and says where it ends.
std::string carried(const Error& error) {
  const auto* const of_table = dynamic_cast<const CsvError*>(&error);
  const CsvHelp help = of_table ? of_table->help() : CsvHelp();
  std::string bytes;
  Json::to_msgpack(Json::array({std::string(error.what()), to_json(help)}), bytes);
  return bytes;
}

void throw_carried(const std::vector<char>& bytes) {
  const Json json = Json::from_msgpack(bytes.begin(), bytes.end(), /*strict=*/false);
  const auto text = json[0].get<std::string>();
  const CsvHelp help = from_json(json[1]);
  if (help.empty()) throw Error(text);
  throw CsvError(text, help);
}

}  // namespace nflow
