#pragma once

#include <random>
#include <string>

#include "io/scratch_folder.h"
#include "nflow/csv.h"
#include "nflow/read_table.h"
#include "thread_ranks.h"

namespace nflow::testing {

/// Sizes that make a table of some thousand numbers large.
inline LargeTableSizes small_sizes() {
  LargeTableSizes sizes;
  sizes.most_numbers = 1000;
  sizes.sample_numbers = 4500;
  sizes.window_numbers = 1200;
  sizes.block_bytes = 256;
  return sizes;
}

/// x,y,c,w sorted by x: y follows x and c, c has whole numbers, w is 0, 1 or 2. The numbers get
/// longer from row to row, so that equal stretches of bytes have more rows at the beginning.
inline std::string sorted_table(int rows, const std::string& quote = "", unsigned seed = 4) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::string text = "x,y,c,w\n";
  for (int i = 0; i < rows; ++i) {
    const double x = (i + 0.5) / rows;
    const int c = static_cast<int>(random() % 5);
    const double y = std::sin(6 * x) + 0.1 * c + 0.1 * normal(random);
    const std::string zeros(30 * static_cast<std::size_t>(i) / static_cast<std::size_t>(rows), '0');
    text += quote + std::to_string(x) + zeros + quote + ',' + std::to_string(y) + ',' +
            std::to_string(c) + ',' + std::to_string(random() % 3) + '\n';
  }
  return text;
}

/// All four columns: x and y modelled, c the context or none, w the weight or none.
struct Columns {
  bool context = true, weighted = true;
  RowLayout layout() const { return {context ? 2 : 3, context ? 1 : 0, weighted}; }
  std::vector<Index> positions() const {
    return weighted ? std::vector<Index>{0, 1, 2, 3} : std::vector<Index>{0, 1, 2};
  }
};

inline TableRows read_rows(CsvReader& reader, const Columns& columns, Ranks* ranks,
                           std::uint64_t memory = ~std::uint64_t{0},
                           const LargeTableSizes& sizes = small_sizes()) {
  reader.select(columns.positions());
  TableReading reading;
  reading.layout = columns.layout();
  reading.batch_size = 128;
  reading.memory = memory;
  reading.ranks = ranks;
  reading.sizes = sizes;
  return read_table(reader, reading);
}

inline TableRows read_rows(const std::string& path, const Columns& columns, Ranks* ranks,
                           std::uint64_t memory = ~std::uint64_t{0},
                           const LargeTableSizes& sizes = small_sizes()) {
  CsvReader reader(path, {});
  return read_rows(reader, columns, ranks, memory, sizes);
}

}  // namespace nflow::testing
