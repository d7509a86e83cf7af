#pragma once

#include <cmath>
#include <random>

#include "nflow/evaluator.h"
#include "nflow/kinds.h"
#include "nflow/labels.h"
#include "train/toy.h"

namespace nflow::testing {

/// Labels, counts, decimals with zeros, decimals with holes, an angle, a share and whole numbers,
/// which hang together.
inline Dataset mixed(Index rows, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  Dataset data{RowMatrix(rows, 7), RowMatrix(rows, 0)};
  for (Index r = 0; r < rows; ++r) {
    const double a = normal(random);
    const int kind = uniform(random) < 0.5 ? 0 : (a > 0 ? 1 : 2);
    data.x.row(r) << label_value(kind), std::floor(3 + std::exp(0.5 * a)),
        uniform(random) < 0.4 ? 0 : std::exp(a + 0.3 * normal(random)),
        uniform(random) < 0.2 ? std::nan("") : kind + 0.2 * normal(random),
        std::fmod(20 + a + 0.5 * normal(random), 6.0), 1 / (1 + std::exp(-a - normal(random))),
        std::floor(100 * std::exp(0.3 * a + 0.1 * normal(random)));
  }
  return data;
}

/// A model of the first so many of these columns.
inline Model mixed_model(Dataset data, std::size_t columns) {
  TrainOptions options = quick("nsf-ar:hidden=16:bins=4,reverse", 60);
  for (const char* text :
       {"CATEGORY", "GRID[1]", "REAL+{0}", "REAL+{missing}", "CIRCULAR[0,6]", "[0,1]", "INTEGER"}) {
    options.supports.push_back(parse_support(text));
  }
  options.cell_net.components = 5;
  options.supports.resize(columns);
  data.x = RowMatrix(data.x.leftCols(Index(columns)));
  Dataset held_out = mixed(100, 9);
  held_out.x = RowMatrix(held_out.x.leftCols(Index(columns)));
  std::vector<std::string> names{"kind", "count", "rain", "temp", "angle", "share", "many"};
  names.resize(columns);
  for (std::size_t j = 0; j < options.supports.size(); ++j) {
    ColumnValues values;
    values.values = {data.x.col(Index(j)).begin(), data.x.col(Index(j)).end()};
    if (j == 0) values.labels = {"x", "y", "z"};
    if (options.supports[j].is_cut()) {
      options.supports[j] = fit_cells(options.supports[j], values, 0, 1);
    }
  }
  return train(names, {}, data, held_out, options, nullptr);
}

/// The first rows of a model's stream.
inline RowMatrix rows_of(const Model& model, Index n, std::uint64_t seed) {
  RowMatrix rows;
  Evaluator(model, 1).sample(seed, 0, n, RowMatrix(n, 0), 1, rows);
  return rows;
}

}  // namespace nflow::testing
