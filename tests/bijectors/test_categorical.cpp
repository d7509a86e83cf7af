#include <doctest/doctest.h>

#include <cmath>

#include "nflow/cells.h"
#include "nflow/support.h"
#include "probe.h"

// The laws of the link for columns that are cut into cells, alone and before other columns.

using namespace nflow;
using namespace nflow::testing;

namespace {

std::shared_ptr<const Cells> labels(Index count) {
  CellData data;
  for (Index i = 0; i < count; ++i) {
    data.levels.push_back("label " + std::to_string(i));
    data.level_bin.push_back(i);
    data.level_mass.push_back(1);
    data.mass.push_back(1 + static_cast<double>(i));
  }
  return std::make_shared<const Cells>(parse_support("CATEGORY"), data);
}

std::shared_ptr<const Cells> counts() {
  CellData data;
  data.points = {0, 1, 2, 5};
  data.mass = {4, 3, 2, 1};
  return std::make_shared<const Cells>(parse_support("GRID[1]"), data);
}

LinkOptions net() {
  LinkOptions options;
  options.hidden = {6};
  options.net = NetKind::mlp;
  options.activation = Activation::tanh;
  return options;
}

struct Shape {
  const char* flow;  // of the columns behind the front
  Index columns;
  Front front;
};

std::vector<Shape> shapes() {
  return {{"", 1, {{labels(3)}, 0, net()}},
          {"", 3, {{labels(2), counts(), labels(5)}, 0, net()}},
          {"", 2, {{counts()}, 1, net()}},
          {"", 3, {{labels(2), counts(), labels(5)}, 0, {net(), 3}}},
          {"nsf-ar:hidden=6:activation=tanh", 3, {{labels(4), counts()}, 0, {net(), 2}}},
          {"nsf-ar:hidden=6:activation=tanh", 4, {{labels(4), counts()}, 0, net()}},
          {"actnorm,conv1x1,nsf-cl:hidden=6:activation=silu", 4, {{counts()}, 1, net()}}};
}

/// Calls body(probe, shape) for every shape, with and without context.
template <class T, class Body>
void each_case(const Body& body) {
  unsigned seed = 0;
  for (const Shape& shape : shapes()) {
    for (const Index context : {0, 2}) {
      CAPTURE(shape.flow);
      CAPTURE(shape.columns);
      CAPTURE(context);
      Probe<T> probe(*shape.flow ? parse_flow(shape.flow) : FlowSpec{}, shape.columns, context, 37,
                     ++seed, 0.1, shape.front);
      body(probe, shape);
    }
  }
}

/// Has all 20 pairs of five bins and four for its rows, and takes them forward.
template <class Body>
void each_pair(Probe<double>& probe, const Body& body) {
  for (Index r = 0; r < 20; ++r) {
    probe.tile.x.col(0)[r] = static_cast<double>(r / 4) + 0.3;
    probe.tile.x.col(1)[r] = static_cast<double>(r % 4) + 0.6;
  }
  probe.forward();
  for (Index r = 0; r < 20; ++r) body(r / 4, r % 4);
}

/// So small that no knot of a spline is within it.
const double kStep = 1e-6;

}  // namespace

TEST_SUITE("bijectors") {
  TEST_CASE("columns of cells: there and back, in double and in float") {
    each_case<double>(
        [](Probe<double>& probe, const Shape&) { CHECK(worst_round_trip(probe) < 1e-8); });
    each_case<float>(
        [](Probe<float>& probe, const Shape&) { CHECK(worst_round_trip(probe) < 2e-3); });
  }

  TEST_CASE("columns of cells: backward agrees with central differences") {
    each_case<double>([](Probe<double>& probe, const Shape&) {
      Loss density(probe, 0);
      density.backward();
      const std::vector<double> dcontext = density.dcontext(), grad = probe.grad;
      const Tile<double>& tile = probe.tile;
      for (const Index row : {0, 20, 36}) {
        for (Index j = 0; j < tile.context.cols; ++j) {
          const double slope = density.slope(tile.context.col(j)[row], kStep);
          CHECK(near(dcontext[j * tile.rows() + row], slope, 2e-5));
        }
      }
      std::vector<bool> fixed(grad.size());  // mixtures stay as they began
      for (const TensorPlace& place : probe.chain.blueprint().tensors()) {
        if (place.name.rfind("cells.mixture.", 0) != 0) continue;
        std::fill_n(fixed.begin() + place.offset, place.rows * place.cols, true);
      }
      const std::size_t stride = std::max<std::size_t>(1, grad.size() / 100);
      for (std::size_t i = 0; i < grad.size(); i += stride) {
        if (fixed[i]) {
          CHECK(grad[i] == 0);
          continue;
        }
        const double slope = probe.live(i) ? density.slope(probe.theta[i], kStep) : 0;
        CAPTURE(i);
        CAPTURE(grad[i]);
        CAPTURE(slope);
        CHECK(near(grad[i], slope, 2e-5));
      }
    });
  }

  TEST_CASE("columns of cells: the probabilities of all bins sum to one") {
    for (const Index components : {1, 3}) {
      Probe<double> probe({}, 2, 0, 20, 5, 0.4,
                          Front{{labels(5), counts()}, 0, {net(), components}});
      each_pair(probe, [](Index, Index) {});
      double sum = 0;
      for (Index r = 0; r < 20; ++r) sum += std::exp(probe.tile.log_prob(r));
      CHECK(sum == doctest::Approx(1).epsilon(1e-9));
    }
  }

  TEST_CASE("columns of cells: without a net a mixture's density is the sum over its components") {
    Probe<double> probe({}, 2, 0, 20, 5, 0, Front{{labels(5), counts()}, 0, {net(), 2}});
    const double weight[] = {0.3, 0.7};
    const double share[2][9] = {{0.1, 0.2, 0.3, 0.3, 0.1, 0.7, 0.1, 0.1, 0.1},
                                {0.5, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 0.4}};
    std::size_t found = 0;
    std::fill(probe.theta.begin(), probe.theta.end(), 0);
    for (const TensorPlace& place : probe.chain.blueprint().tensors()) {
      double* const to = probe.theta.data() + place.offset;
      if (place.name == "cells.mixture.weight") ++found, std::copy_n(weight, 2, to);
      if (place.name == "cells.mixture.share") ++found, std::copy_n(share[0], 18, to);
    }
    REQUIRE(found == 2);
    each_pair(probe, [&](Index a, Index b) {
      double sum = 0;
      for (int c = 0; c < 2; ++c) sum += weight[c] * share[c][a] * share[c][5 + b];
      const Index r = 4 * a + b;
      CHECK(probe.tile.log_prob(r) == doctest::Approx(std::log(sum)).epsilon(1e-12));
    });
  }
}
