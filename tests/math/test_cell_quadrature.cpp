#include <doctest/doctest.h>

#include <cmath>

#include "math/cell_quadrature.h"

using namespace nflow;

TEST_SUITE("math") {
  TEST_CASE("cells: weights sum to one, and a smooth function is integrated") {
    for (Index d : {1, 2, 3, 4, 6}) {
      CAPTURE(d);
      const CellQuadrature cell = cell_quadrature(d);
      CHECK(cell.nodes.cwiseAbs().maxCoeff() <= 0.5);
      double weight = 0, sum = 0;
      for (Index q = 0; q < cell.nodes.rows(); ++q) {
        weight += std::exp(cell.log_weight[q]);
        sum += std::exp(cell.log_weight[q] + 3 * cell.nodes.row(q).sum());
      }
      CHECK(weight == doctest::Approx(1).epsilon(1e-12));
      const double exact = std::pow((std::exp(1.5) - std::exp(-1.5)) / 3, double(d));
      CHECK(sum == doctest::Approx(exact).epsilon(d > 3 ? 0.04 : 1e-7));
    }
  }
}
