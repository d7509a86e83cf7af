#include <doctest/doctest.h>

#include <cmath>

#include "nflow/csv.h"
#include "nflow/evaluator.h"
#include "nflow/labels.h"
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

/// The same in both precisions, of files of that version, and the support of the second column.
void check_version(int version, const std::string& third, const std::string& support) {
  const std::string name = "v" + std::to_string(version);
  check_golden(name + "-float", third, 2e-4);
  check_golden(name + "-double", third, 1e-9);
  const Model model = load_model(kFolder + name + "-double.nflow");
  CHECK(to_text(model.supports[1]) == support);
  CHECK(format_version(model) == version);
}

/// The same of a model of labels, counts, single values and holes, given labels and holes. The file
/// has the context site, hour before the columns.
void check_mixed(const std::string& name, double tolerance) {
  CAPTURE(name);
  const Model model = load_model(kFolder + name + ".nflow");
  CHECK(model.columns == Words{"kind", "count", "rain", "temp", "wind"});
  CHECK(model.context == Words{"site", "hour"});
  CsvFormat format;
  format.missing = CsvFormat::Missing::keep;
  CsvReader reader(kFolder + name + ".csv", format);
  reader.select({2, 3, 4, 5, 6, 0, 1, 7});
  const CsvColumn number = CsvColumn::number, text = CsvColumn::text;
  std::vector<Labels> labels(8);
  labels[0] = Labels(model.supports[0].cells->data().levels);
  labels[5] = Labels(model.context_kinds[0].labels->data().levels);
  reader.set_columns({text, number, number, number, number, text, number, number}, labels);
  reader.set_required({true, true, true, false, true, true, false, true});
  CsvChunk chunk;
  REQUIRE(reader.read(chunk, 1000));
  REQUIRE(chunk.rows.rows() == 40);
  std::vector<double> log_prob;
  Evaluator(model, 1).log_prob(chunk.rows.leftCols(5),
                               context_features(chunk.rows.middleCols(5, 2), model.context_kinds),
                               log_prob);
  for (Index r = 0; r < 40; ++r) {
    const double known = chunk.rows(r, 7);
    CHECK(std::fabs(log_prob[r] - known) < tolerance * (1 + std::fabs(known)));
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

  TEST_CASE("files of version 4, which have cells and kinds of context, keep theirs") {
    check_mixed("v4-float", 2e-4);
    check_mixed("v4-double", 1e-9);
  }

  TEST_CASE("files of version 5, which have scales, keep theirs") {
    check_version(5, "tip", "ASINH[5,1.5]");
  }

  TEST_CASE("files of version 6, whose circles go round with others, keep theirs") {
    check_version(6, "heading", "CIRCULAR[0,360]~[2]");
  }

  TEST_CASE("files of version 7, whose circles drift and go round with later ones, keep theirs") {
    check_version(7, "heading", "CIRCULAR[0,360]");
    const Model model = load_model(kFolder + "v7-double.nflow");
    CHECK(to_text(model.supports[0]) == "CIRCULAR[0,360]~[0,2;2]");
  }

  TEST_CASE("files of version 8, which have a mixture of cells, keep theirs") {
    for (const auto& [name, tolerance] : {std::pair{"v8-float", 2e-4}, {"v8-double", 1e-9}}) {
      CAPTURE(name);
      const Model model = load_model(kFolder + name + ".nflow");
      CHECK(format_version(model) == 8);
      CHECK(model.cell_net.components == 9);
      const RowMatrix rows = read_rows(kFolder + name + ".csv");
      REQUIRE(rows.rows() == 40);
      std::vector<double> log_prob;
      Evaluator(model, 1).log_prob(rows.leftCols(3), RowMatrix(40, 0), log_prob);
      for (Index r = 0; r < rows.rows(); ++r) {
        CHECK(std::fabs(log_prob[r] - rows(r, 3)) < tolerance * (1 + std::fabs(rows(r, 3))));
      }
    }
  }
}
