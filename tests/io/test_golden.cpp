#include <doctest/doctest.h>

#include <cmath>

#include "nflow/csv.h"
#include "nflow/evaluator.h"
#include "nflow/model_file.h"

// Model files of every version that was ever released, with the densities they had then. These
// files are never made anew: a reader that cannot read them is wrong.

using namespace nflow;

namespace {

using Words = std::vector<std::string>;

const std::string kFolder = std::string(NFLOW_SOURCE_DIR) + "/tests/golden/";

/// Columns of `path`: context c, modelled a, b, c, and log p.
RowMatrix read_rows(const std::string& path) {
  CsvReader reader(path, {});
  CsvChunk chunk;
  REQUIRE(reader.read(chunk, 1000));
  return chunk.rows;
}

void check_golden(const std::string& name, const std::string& third, double tolerance) {
  CAPTURE(name);
  const Model model = load_model(kFolder + name + ".nflow");
  CHECK(model.columns == std::vector<std::string>{"distance", "fare", third});
  CHECK(model.context == std::vector<std::string>{"hour"});
  const RowMatrix rows = read_rows(kFolder + name + ".csv");
  REQUIRE(rows.rows() == 40);
  Evaluator evaluator(model, 1);
  std::vector<double> log_prob;
  evaluator.log_prob(rows.middleCols(1, 3), rows.leftCols(1), log_prob);
  for (Index r = 0; r < rows.rows(); ++r) {
    CHECK(std::fabs(log_prob[r] - rows(r, 4)) < tolerance * (1 + std::fabs(rows(r, 4))));
  }
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("files of version 1 keep their densities for ever") {
    check_golden("v1-float", "tip", 2e-4);
    check_golden("v1-double", "tip", 1e-9);
  }

  TEST_CASE("files of version 2, which have supports, keep theirs") {
    check_golden("v2-float", "passengers", 2e-4);
    check_golden("v2-double", "passengers", 1e-9);
    Words supports;
    for (const Support& support : load_model(kFolder + "v2-float.nflow").supports) {
      supports.push_back(to_text(support));
    }
    CHECK(supports == Words{"POSITIVE", "[0,150]", "INTEGER"});
  }
}
