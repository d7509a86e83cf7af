#pragma once

#include <memory>
#include <vector>

#include "nflow/support.h"
#include "stats/labelled_mixture.h"

namespace nflow {

/// How a column's values become numbers or labels of HoledRows, and how draws of these become
/// values again.
class ImputedColumn {
 public:
  virtual ~ImputedColumn() = default;

  /// 0: its values are numbers.
  virtual Index levels() const { return 0; }
  /// What stands for a value in HoledRows: a number of about unit scale, or a label, from 0 on.
  /// `place`, in [0, 1), says where the value stands among those of rows that have the same.
  virtual double score(double value, double place) const = 0;
  virtual double value(double score) const = 0;
};

/// `values` are those that are there, one at least.
std::unique_ptr<ImputedColumn> imputed_column(const Support& support, std::vector<double> values);

}  // namespace nflow
