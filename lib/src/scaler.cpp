#include "scaler.h"

#include <cmath>

#include "nflow/error.h"

namespace nflow {

Scaler fit_scaler(const RowMatrix& rows, const std::vector<std::string>& names) {
  Scaler scaler;
  for (Index j = 0; j < rows.cols(); ++j) {
    // Numbers near 1e308 must not overflow when squared.
    const double size = rows.col(j).cwiseAbs().maxCoeff();
    const double unit = size > 0 ? size : 1;
    const double mean = (rows.col(j) / unit).mean();
    const double variance = (rows.col(j).array() / unit - mean).square().mean();
    const double deviation = std::sqrt(variance);
    if (!(deviation > 1e-14)) {
      throw Error("column '" + names[j] + "' is constant; a density needs columns that vary");
    }
    scaler.mean.push_back(mean * unit);
    scaler.deviation.push_back(deviation * unit);
  }
  return scaler;
}

}  // namespace nflow
