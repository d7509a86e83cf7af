#pragma once

#include <array>

namespace nflow {

/// The nodes of a panel, x_k = -cos(k pi / 8) on [-1, 1]: its ends are the first and the last.
inline constexpr int kPanelNodes = 9;
using PanelValues = std::array<double, kPanelNodes>;
const PanelValues& panel_nodes();

/// The polynomial of degree 8 through values at a panel's nodes, and its integral.
class PanelPolynomial {
 public:
  PanelPolynomial() = default;
  explicit PanelPolynomial(const PanelValues& values);

  double value(double x) const;
  /// From -1 to x.
  double integral(double x) const;

 private:
  std::array<double, kPanelNodes> value_{};
  std::array<double, kPanelNodes + 1> integral_{};
};

/// The integral over the panel, and its distance from the integral by every second node alone.
/// `smooth_error` is what QUADPACK's formula makes of that distance for a smooth function.
struct PanelIntegral {
  double value, distance, smooth_error;
};
PanelIntegral panel_integral(const PanelValues& values);

}  // namespace nflow
