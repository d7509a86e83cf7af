#pragma once

#include <vector>

#include "nflow/support.h"
#include "nflow/table.h"

namespace nflow {

/// The stage between the table and the scaler: columns from their supports to the real line, and
/// back. Models without supports do not pass here.
class SupportMap {
 public:
  /// One support a column, or none where all are REAL.
  explicit SupportMap(std::vector<Support> supports);

  bool identity() const { return supports_.empty(); }
  /// The columns that hold integers.
  const std::vector<Index>& integers() const { return integers_; }

  /// Takes rows to the line, integers to the middles of their cells, and gives each row's
  /// log-slope. A row outside its support has -inf there, and becomes any finite row.
  std::vector<double> to_line(RowMatrix& rows) const;
  /// Takes rows back.
  void from_line(RowMatrix& rows) const;

 private:
  std::vector<Support> supports_;
  std::vector<Index> integers_;
};

}  // namespace nflow
