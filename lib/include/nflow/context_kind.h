#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nflow/cells.h"
#include "nflow/table.h"

namespace nflow {

/// What a context column holds, and the numbers by which a chain sees it, its features: of numbers
/// the number itself, and whether it is missing where that may be; of labels an indicator for each
/// bin of labels but the first, which has zeros alone. Rare labels share a bin, as in Cells.
struct ContextKind {
  std::shared_ptr<const Cells> labels = nullptr;  ///< null: numbers
  bool holes = false;                             ///< may values be missing?
  double fill = 0;                                ///< the number shown where one is missing

  bool is_plain() const { return !labels && !holes; }  ///< numbers, none of them missing
  Index features() const;
  /// Can a row have this value?
  bool contains(double value) const;
  /// Writes features() numbers.
  void show(double value, double* features) const;
};

/// The kind of column `i`: plain numbers where there are no kinds.
ContextKind context_kind_at(const std::vector<ContextKind>& kinds, std::size_t i);

/// The features of so many columns; without kinds all are plain numbers.
Index feature_count(const std::vector<ContextKind>& kinds, std::size_t columns);

/// N x columns to N x feature_count(): what Dataset::context and an Evaluator take.
RowMatrix context_features(RowMatrix rows, const std::vector<ContextKind>& kinds);

/// "sex" of numbers; "sex (missing)", "sex (m)" or "sex (m, ...)" of an indicator.
std::vector<std::string> feature_names(const std::vector<std::string>& names,
                                       const std::vector<ContextKind>& kinds);

}  // namespace nflow
