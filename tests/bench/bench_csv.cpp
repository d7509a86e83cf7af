#include <iostream>

#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/output_file.h"

// What reading and writing CSV take without a flow between, for csv_pipeline.py:
//   read    parses the file and prints its number of rows
//   score   parses it and prints one number a row, as `nflow logprob` does
//   copy    parses it and prints all of it, as `nflow transform` does

namespace nflow::bench {
namespace {

constexpr Index kChunkRows = 8192;  // the command's

int run(const std::string& mode, const std::string& path) {
  const bool score = mode == "score", copy = mode == "copy";
  if (!score && !copy && mode != "read") throw UsageError("expected read, score or copy");
  CsvReader reader(path, {});
  OutputFile out("-");
  CsvChunk chunk;
  std::string text;
  Index rows = 0;
  while (reader.read(chunk, kChunkRows)) {
    rows += chunk.rows.rows();
    text.clear();
    for (Index r = 0; r < chunk.rows.rows(); ++r) {
      if (score) append_number(text, chunk.rows.row(r).sum());
      for (Index j = 0; copy && j < chunk.rows.cols(); ++j) {
        if (j > 0) text += ',';
        append_number(text, chunk.rows(r, j));
      }
      if (score || copy) text += '\n';
    }
    out.write(text);
  }
  if (mode == "read") out.write(std::to_string(rows) + '\n');
  out.commit();
  return 0;
}

}  // namespace
}  // namespace nflow::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: bench-csv read|score|copy FILE\n";
    return 2;
  }
  try {
    return nflow::bench::run(argv[1], argv[2]);
  } catch (const std::exception& problem) {
    std::cerr << "bench-csv: " << problem.what() << '\n';
    return 1;
  }
}
