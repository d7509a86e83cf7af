#include "tables/digits.h"

#include <algorithm>

#include "nflow/digits.h"

namespace nflow::app {

Digits::Digits(const Arguments& arguments)
    : count_(static_cast<int>(arguments.count("digits", 0))) {}

double Digits::cut(double value) const {
  return count_ == 0 ? value : to_significant(value, count_);
}

void Digits::cut(std::vector<double>& values) const {
  for (double& value : values) value = cut(value);
}

void Digits::cut(RowMatrix& rows) const {
  for (double& value : rows.reshaped()) value = cut(value);
}

void Digits::cut(RowMatrix& rows, const Model& model) const {
  if (count_ == 0) return;
  using Kind = Support::Kind;
  for (Index j = 0; j < rows.cols(); ++j) {
    const Support support = support_at(model.supports, static_cast<std::size_t>(j));
    if (support.kind == Kind::category || support.kind == Kind::grid ||
        support.kind == Kind::integer) {
      continue;
    }
    const Support base = support.base();
    for (double& value : rows.col(j)) {
      if (std::find(support.atoms.begin(), support.atoms.end(), value) != support.atoms.end()) {
        continue;
      }
      const double shorter = cut(value);
      if (base.contains(shorter)) value = shorter;
    }
  }
}

}  // namespace nflow::app
