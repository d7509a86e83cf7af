#include <iostream>
#include <string>
#include <vector>

#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/output_file.h"

// What nflow reads of a table, for against_pandas.py: the names of its columns, a line each, an
// empty line, and the numbers of the columns asked for, rows with missing ones left out.

namespace {

constexpr nflow::Index kChunkRows = 1000;

int run(const std::vector<std::string>& words) {
  nflow::CsvFormat format;
  format.delimiter = words[1].at(0);
  format.decimal = words[2].at(0);
  if (words[3] != "none") format.comment = words[3].at(0);
  format.header =
      words[4] == "yes" ? nflow::CsvFormat::Header::yes : nflow::CsvFormat::Header::automatic;
  format.missing = nflow::CsvFormat::Missing::drop;
  format.na_tokens = {"?", "-999"};
  nflow::CsvReader reader(words[0], format);
  std::string text;
  for (const std::string& name : reader.names()) {
    nflow::append_field(text, name, '\n');
    text += '\n';
  }
  text += '\n';
  reader.select(nflow::find_columns(reader.names(), words[5]));
  nflow::OutputFile out("-");
  nflow::CsvChunk chunk;
  while (reader.read(chunk, kChunkRows)) {
    for (nflow::Index i = 0; i < chunk.rows.rows(); ++i) {
      for (nflow::Index j = 0; j < chunk.rows.cols(); ++j) {
        if (j != 0) text += ',';
        nflow::append_number(text, chunk.rows(i, j));
      }
      text += '\n';
    }
    out.write(text);
    text.clear();
  }
  out.write(text);
  out.commit();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "usage: read-csv FILE DELIMITER DECIMAL COMMENT|none yes|auto COLUMNS\n";
    return 2;
  }
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& problem) {
    std::cerr << "read-csv: " << problem.what() << '\n';
    return 1;
  }
}
