#include "standardised.h"

#include <limits>

#include "scaler.h"

namespace nflow {

Model standardised(Model model) {
  for (Support& support : model.supports) {
    support = support.kind == Support::Kind::circular ? Support{Support::Kind::circular, -0.5, 0.5}
                                                      : Support{};
  }
  model.scaler.mean.assign(model.columns.size(), 0);
  model.scaler.deviation.assign(model.columns.size(), 1);
  return model;
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
      double u = support.to_line(x);
      if (support.kind == Support::Kind::integer) {
        u = x +
            random.uniform(first + static_cast<std::uint64_t>(i), static_cast<std::uint32_t>(j));
      }
      x = standard_score(u, model.scaler, j);
    }
  }
  return rows;
}

}  // namespace nflow
