#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>

#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostLines = 1000000, kMostStyles = 4096;

struct StyleName {
  NumberStyle style;
  const char* name;
};

constexpr StyleName kStyles[] = {
    {NumberStyle::fortran, "fortran"}, {NumberStyle::thousands, "thousands"},
    {NumberStyle::percent, "percent"}, {NumberStyle::boolean, "boolean"},
    {NumberStyle::date, "date"},
};

const StyleName* find_style(NumberStyle style) {
  const auto* found = std::find_if(std::begin(kStyles), std::end(kStyles),
                                   [&](const StyleName& own) { return own.style == style; });
  return found == std::end(kStyles) ? nullptr : found;
}

[[noreturn]] void refuse(const std::string& key) {
  throw Error("the manner of its table has another " + key + " than there can be");
}

/// Can it part fields or begin comments? Others are not remembered.
bool may_be_mark(char c) {
  return c >= ' ' && c < 0x7F && std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '"' &&
         c != '+' && c != '-' && c != '.';
}

char mark_at(const Json& object, const char* key) {
  const auto& text = object.at(key).get_ref<const std::string&>();
  if (text.size() != 1 || !may_be_mark(text[0])) refuse(key);
  return text[0];
}

char decimal_at(const Json& object, const char* key) {
  const Json& text = object.at(key);
  if (text != "." && text != ",") refuse(key);
  return text == "." ? '.' : ',';
}

char delimiter_at(const Json& object) {
  const Json& text = object.at("delimiter");
  if (text == "blanks") return kBlanks;
  return text == "\t" ? '\t' : mark_at(object, "delimiter");
}

std::size_t lines_at(const Json& object, const char* key) {
  const Json& value = object.at(key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kMostLines) refuse(key);
  return value.get<std::size_t>();
}

void read_styles(const Json& object, TableManner& manner) {
  const Json& styles = object.at("styles");
  if (!styles.is_object() || styles.size() > kMostStyles) refuse("styles");
  for (const auto& [name, text] : styles.items()) {
    const auto* found =
        std::find_if(std::begin(kStyles), std::end(kStyles),
                     [&own = text](const StyleName& known) { return own == known.name; });
    if (found == std::end(kStyles)) refuse("styles");
    manner.styles.emplace_back(name, found->style);
  }
}

}  // namespace

bool TableManner::is_plain() const { return to_json(*this) == "{}"; }

std::string to_json(const TableManner& manner) {
  Json json = Json::object();
  const bool tab = manner.delimiter == '\t';
  if (manner.delimiter == kBlanks) {
    json["delimiter"] = "blanks";
  } else if (manner.delimiter != ',' && (tab || may_be_mark(manner.delimiter))) {
    json["delimiter"] = std::string(1, manner.delimiter);
  }
  if (manner.decimal == ',') json["decimal"] = ",";
  if (manner.thousands != '\0') json["thousands"] = std::string(1, manner.thousands);
  if (may_be_mark(manner.comment)) json["comment"] = std::string(1, manner.comment);
  if (manner.titles > 0) json["skip"] = manner.titles;
  if (manner.units > 0) json["units"] = manner.units;
  if (!manner.header) json["header"] = "no";
  for (const auto& [name, style] : manner.styles) {
    const StyleName* found = find_style(style);
    if (found != nullptr && is_utf8(name)) json["styles"][name] = found->name;
  }
  return json.dump();
}

TableManner parse_manner(const std::string& json) {
  const Json object = Json::parse(json);
  if (!object.is_object()) refuse("form");
  TableManner manner;
  if (object.contains("delimiter")) manner.delimiter = delimiter_at(object);
  if (object.contains("decimal")) manner.decimal = decimal_at(object, "decimal");
  if (object.contains("thousands")) manner.thousands = decimal_at(object, "thousands");
  if (object.contains("comment")) manner.comment = mark_at(object, "comment");
  if (object.contains("skip")) manner.titles = lines_at(object, "skip");
  if (object.contains("units")) manner.units = lines_at(object, "units");
  if (object.contains("header")) manner.header = object.at("header") != "no";
  if (object.contains("styles")) read_styles(object, manner);
  if (manner.thousands == manner.decimal) refuse("thousands");
  return manner;
}

}  // namespace nflow
