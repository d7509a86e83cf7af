#include "standardised.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "scaler.h"

namespace nflow {

Model standardised(Model model) {
  model = with_cell_numbers(std::move(model));
  for (Support& support : model.supports) {
    if (support.cells) continue;
    support = support.kind == Support::Kind::circular ? support.in_turns() : Support{};
  }
  model.scaler.mean.assign(model.columns.size(), 0);
  model.scaler.deviation.assign(model.columns.size(), 1);
  return model;
}

Model with_cell_numbers(Model model) {
  for (Support& support : model.supports) {
    if (support.cells) support.cells = Cells::on_line(*support.cells);
  }
  return model;
}

bool holds_cell_numbers(const Model& model) {
  return std::all_of(model.supports.begin(), model.supports.end(), [](const Support& support) {
    return !support.cells || support.cells->holds_numbers();
  });
}

RowMatrix cell_numbers(const Model& model, RowMatrix rows, const Random& random) {
  for (std::size_t j = 0; j < model.supports.size(); ++j) {
    if (!model.supports[j].cells) continue;
    const auto column = static_cast<Index>(j);
    for (Index i = 0; i < rows.rows(); ++i) {
      rows(i, column) = model.supports[j].to_line(
          rows(i, column),
          random.uniform(static_cast<std::uint64_t>(i), static_cast<std::uint32_t>(j)));
    }
  }
  return rows;
}

RowMatrix standardised_rows(const Model& model, RowMatrix rows, const Random& random,
                            std::uint64_t first) {
  for (Index j = 0; j < rows.cols(); ++j) {
    const auto place = static_cast<std::size_t>(j);
    const Support support = support_at(model.supports, place);
    for (Index i = 0; i < rows.rows(); ++i) {
      double& x = rows(i, j);
      if (!support.contains(x)) {
        x = std::numeric_limits<double>::quiet_NaN();
        continue;
      }
      const double v =
          random.uniform(first + static_cast<std::uint64_t>(i), static_cast<std::uint32_t>(j));
      x = standard_score(support.to_line(x, v), model.scaler, j);
    }
  }
  return rows;
}

}  // namespace nflow
