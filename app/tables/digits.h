#pragma once

#include <vector>

#include "nflow/model.h"
#include "options/options.h"

namespace nflow::app {

/// --digits: cuts numbers before they are written. Without the option they stay as they are.
class Digits {
 public:
  explicit Digits(const Arguments& arguments);

  double cut(double value) const;
  void cut(std::vector<double>& values) const;
  void cut(RowMatrix& rows) const;
  /// Rows of the model's columns. What is no measure stays as it is: labels, whole numbers, grids,
  /// single values with a mass of their own; and what would leave its support.
  void cut(RowMatrix& rows, const Model& model) const;

 private:
  int count_;  // 0: all
};

}  // namespace nflow::app
