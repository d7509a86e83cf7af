#pragma once

#include <functional>
#include <vector>

#include "nflow/model.h"
#include "nflow/support.h"
#include "nflow/table.h"

namespace nflow {

/// The places of a table's columns in the chain, which wants circles first, each behind those that
/// it goes round with, and then columns with cells: chain column c is table column order[c].
/// Otherwise they stay as they are. Throws Error where circles go round with each other.
std::vector<Index> chain_order(const std::vector<Support>& supports, Index columns);

/// `values` of the table's columns in the chain's order, and back.
template <class Value>
std::vector<Value> in_chain_order(const std::vector<Value>& values,
                                  const std::vector<Index>& order) {
  std::vector<Value> chain;
  chain.reserve(order.size());
  for (const Index column : order) chain.push_back(values[static_cast<std::size_t>(column)]);
  return chain;
}
template <class Value>
std::vector<Value> in_table_order(const std::vector<Value>& values,
                                  const std::vector<Index>& order) {
  std::vector<Value> table(values.size());
  for (std::size_t c = 0; c < order.size(); ++c) {
    table[static_cast<std::size_t>(order[c])] = values[c];
  }
  return table;
}

/// The scaler of a model's columns as its chain has them.
Scaler scaler_in_chain_order(const Model& model);

/// The stage between the table and the scaler: columns from their supports to the real line or the
/// turns of their circles, in the chain's order, and back. Models without supports do not pass
/// here.
class SupportMap {
 public:
  using CellPlace = std::function<double(Index row, Index column)>;

  /// One support a column, or none where all are REAL.
  explicit SupportMap(const std::vector<Support>& supports);

  bool identity() const { return supports_.empty(); }
  /// The columns that hold integers the chain maps, as it counts them.
  const std::vector<Index>& integers() const { return integers_; }

  /// Takes rows to the line, and gives each row's log-slope. A row outside its support has -inf
  /// there, and becomes any finite row. Values with a cell go to its middle, or where `place(row,
  /// chain column)` says, in [0, 1).
  std::vector<double> to_line(RowMatrix& rows, const CellPlace& place = {}) const;
  /// Takes rows back.
  void from_line(RowMatrix& rows) const;

 private:
  std::vector<Index> order_;       // of chain_order()
  std::vector<Support> supports_;  // in it
  std::vector<Index> integers_;
};

}  // namespace nflow
