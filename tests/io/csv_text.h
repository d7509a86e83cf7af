#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "io/scratch_folder.h"
#include "nflow/csv.h"
#include "nflow/error.h"

// Reads CSV text through a file a.csv.

namespace csv_text {

struct Content {
  bool has_header = false;
  std::string header;
  std::vector<std::string> names;
  std::vector<std::vector<double>> rows;
  std::vector<std::string> text;
  std::vector<std::size_t> line;
  std::size_t dropped = 0;
  std::vector<std::uint64_t> begin;
};

inline Content read_all(nflow::CsvReader& reader, nflow::Index rows_at_once = 1000) {
  reader.keep_text();
  Content content{reader.has_header(), reader.header_text(), reader.names(), {}, {}, {}, 0, {}};
  nflow::CsvChunk chunk;
  while (reader.read(chunk, rows_at_once)) {
    CHECK(chunk.rows.rows() <= rows_at_once);
    REQUIRE(chunk.rows.rows() == static_cast<nflow::Index>(chunk.line.size()));
    for (nflow::Index i = 0; i < chunk.rows.rows(); ++i) {
      const auto row = chunk.rows.row(i);
      content.rows.emplace_back(row.begin(), row.end());
    }
    content.text.insert(content.text.end(), chunk.text.begin(), chunk.text.end());
    content.line.insert(content.line.end(), chunk.line.begin(), chunk.line.end());
    content.begin.insert(content.begin.end(), chunk.begin.begin(), chunk.begin.end());
  }
  CHECK(chunk.rows.rows() == 0);
  content.dropped = reader.dropped();
  return content;
}

inline Content parse(const std::string& text, nflow::CsvFormat format = {}) {
  const ScratchFolder folder;
  nflow::CsvReader reader(folder.write("a.csv", text), format);
  return read_all(reader);
}

inline std::vector<std::vector<double>> rows_of(const std::string& text,
                                                nflow::CsvFormat format = {}) {
  return parse(text, format).rows;
}

/// What the reader complains of; empty where it does not.
inline std::string error_of(const std::string& text, nflow::CsvFormat format = {}) {
  const ScratchFolder folder;
  try {
    nflow::CsvReader reader(folder.write("a.csv", text), format);
    read_all(reader);
  } catch (const nflow::Error& error) {
    return folder.without_folder(error.what());
  }
  return "";
}

/// What it says that may help; nothing where it does not complain.
inline nflow::CsvHelp help_of(const std::string& text, nflow::CsvFormat format = {}) {
  const ScratchFolder folder;
  try {
    nflow::CsvReader reader(folder.write("a.csv", text), format);
    read_all(reader);
  } catch (const nflow::CsvError& error) {
    return error.help();
  }
  return {};
}

/// Its kind and its mark, where that is all it has.
inline bool is(const nflow::CsvHelp& help, nflow::CsvHelp::Kind kind, char mark = '\0') {
  return help.kind == kind && help.mark == mark && help.text.empty() && help.columns.empty() &&
         help.label_column.empty();
}

/// The columns, counted from 1, and the names of those that have one of their own.
inline std::vector<std::string> columns_of(const nflow::CsvHelp& help) {
  std::vector<std::string> columns;
  for (const nflow::CsvHelp::Column& column : help.columns) {
    columns.push_back(std::to_string(column.place + 1) + " " + column.name);
  }
  return columns;
}

using Help = nflow::CsvHelp::Kind;
using Rows = std::vector<std::vector<double>>;
using Names = std::vector<std::string>;
using Lines = std::vector<std::size_t>;

}  // namespace csv_text
