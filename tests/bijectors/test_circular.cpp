#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "probe.h"

// The laws of the link for circular columns, alone and before the links of other columns.

using namespace nflow;
using namespace nflow::testing;

namespace {

struct Shape {
  const char* flow;  // of the columns that are not circular
  Index columns, circular;
  std::vector<std::vector<int>> windings = {};
  std::vector<Index> waves = {};
};

const Shape kShapes[] = {{"", 1, 1},
                         {"", 2, 2},
                         {"", 3, 3},
                         {"", 3, 3, {{}, {2}, {-1, 1}}},
                         {"", 3, 3, {{}, {}, {1}}, {2, 0, 2}},
                         {"nsf-ar:hidden=6:activation=tanh", 3, 2, {}, {0, 3}},
                         {"nsf-ar:hidden=6:activation=tanh", 4, 3, {{}, {}, {0, -3}}},
                         {"nsf-ar:hidden=6:activation=tanh", 2, 1},
                         {"actnorm,conv1x1,nsf-cl:hidden=6:activation=silu", 4, 2},
                         {"mixture:components=3:fixed=no,maf:net=mlp:hidden=5", 3, 1}};

FlowSpec spec_of(const Shape& shape) { return *shape.flow ? parse_flow(shape.flow) : FlowSpec{}; }

/// Calls body(probe, shape) for every shape, with and without context. A net of two blocks makes
/// much of a small spread of its weights.
template <class T, class Body>
void each_case(const Body& body) {
  unsigned seed = 0;
  for (const Shape& shape : kShapes) {
    for (const Index context : {0, 2}) {
      CAPTURE(shape.flow);
      CAPTURE(shape.columns);
      CAPTURE(context);
      const bool bare = shape.columns == 1 && context == 0;
      const double spread = bare ? 0.5 : 0.1;
      Front front{{}, shape.circular};
      front.windings = shape.windings;
      front.waves = shape.waves;
      Probe<T> probe(spec_of(shape), shape.columns, context, 37, ++seed, spread, front);
      body(probe, shape);
    }
  }
}

}  // namespace

TEST_SUITE("bijectors") {
  TEST_CASE("circular columns: there and back, in double and in float") {
    each_case<double>(
        [](Probe<double>& probe, const Shape&) { CHECK(worst_round_trip(probe) < 1e-8); });
    each_case<float>(
        [](Probe<float>& probe, const Shape&) { CHECK(worst_round_trip(probe) < 1e-3); });
  }

  TEST_CASE("circular columns: log_det is log|det| of a finite-difference Jacobian") {
    each_case<double>([](Probe<double>& probe, const Shape&) {
      for (const Index row : {0, 17, 36}) {
        const double dense = std::log(std::fabs(jacobian(probe, row).determinant()));
        probe.forward();
        CHECK(near(probe.tile.log_det[row], dense, 1e-5));
      }
    });
  }

  TEST_CASE("circular columns: backward agrees with central differences") {
    each_case<double>([](Probe<double>& probe, const Shape& shape) {
      Loss loss(probe);
      loss.backward();
      const Tile<double>& tile = probe.tile;
      const std::vector<double> grad = probe.grad, dcontext = loss.dcontext();
      const std::vector<double> dx(tile.dx.data, tile.dx.data + tile.dx.size());
      for (const Index row : {0, 20, 36}) {
        for (Index j = 0; j < shape.columns; ++j) {
          CAPTURE(j);
          CHECK(near(dx[j * tile.rows() + row], loss.slope(tile.x.col(j)[row], 1e-6), 2e-5));
        }
        for (Index j = 0; j < tile.context.cols; ++j) {
          const double slope = loss.slope(tile.context.col(j)[row]);
          CHECK(near(dcontext[j * tile.rows() + row], slope, 2e-5));
        }
      }
      std::vector<bool> fixed(grad.size());  // zooms and drifts stay as they began
      std::size_t kinds = 0;
      for (const TensorPlace& place : probe.chain.blueprint().tensors()) {
        if (place.name != "circular.zoom" && place.name != "circular.drift") continue;
        ++kinds;
        for (Index i = place.offset; i < place.offset + place.rows * place.cols; ++i) {
          CHECK(grad[i] == 0);
          fixed[i] = true;
        }
      }
      const std::size_t drifts = shape.waves.empty() ? 0 : 1;
      CHECK(kinds == drifts + (drifts > 0 || !shape.windings.empty() ? 1 : 0));
      const std::size_t stride = std::max<std::size_t>(1, grad.size() / 100);
      for (std::size_t i = 0; i < grad.size(); i += stride) {
        CAPTURE(i);
        if (fixed[i]) continue;
        CHECK(near(grad[i], probe.live(i) ? loss.slope(probe.theta[i]) : 0, 2e-5));
      }
    });
  }

  TEST_CASE("circular columns: log p, and what others see, are the same on both ends") {
    each_case<float>([](Probe<float>& probe, const Shape& shape) {
      std::vector<double> low, high;
      for (const bool upper : {false, true}) {
        for (Index r = 0; r < 37; ++r) {
          for (Index j = 0; j < shape.circular; ++j) probe.tile.x.col(j)[r] = upper ? 0.5F : -0.5F;
        }
        probe.forward();
        for (Index r = 0; r < 37; ++r) (upper ? high : low).push_back(probe.tile.log_prob(r));
      }
      for (Index r = 0; r < 37; ++r) {
        CHECK(std::isfinite(low[r]));
        CHECK(std::fabs(low[r] - high[r]) < 2e-4);
      }
    });
  }

  TEST_CASE("circular columns: no latent place, however far, leaves the circle") {
    each_case<float>([](Probe<float>& probe, const Shape& shape) {
      const float far[] = {0, -0.0F, 5, -5, 6, -7, 40, -1e4F, 1e20F, -3e38F};
      for (Index j = 0; j < shape.columns; ++j) {
        for (Index r = 0; r < 10; ++r) {
          probe.tile.z.col(j)[r] = j < shape.circular ? far[(r + j) % 10] : 0;
        }
      }
      probe.inverse();
      for (Index j = 0; j < shape.circular; ++j) {
        for (Index r = 0; r < 10; ++r) CHECK(std::fabs(probe.tile.x.col(j)[r]) <= 0.500001F);
      }
    });
  }

  TEST_CASE("circular columns start as the quantiles of their rows") {
    Probe<double> probe({}, 1, 0, 2000, 3, 0, 1);
    std::fill(probe.theta.begin(), probe.theta.end(), 0.0);
    const auto mean_log_prob = [&] {
      double sum = 0;
      probe.forward();
      for (Index r = 0; r < 2000; ++r) sum += probe.tile.log_prob(r) / 2000;
      return sum;
    };
    // A narrow peak about the seam, of entropy log(0.04 sqrt(2 pi e)) = -1.8.
    for (Index r = 0; r < 2000; ++r) {
      const double turns = 0.04 * probe.normal();
      probe.tile.x.col(0)[r] = turns < 0 ? turns + 0.5 : turns - 0.5;
    }
    CHECK(mean_log_prob() == doctest::Approx(0).epsilon(1e-6));
    probe.chain.initialize(probe.pass(), probe.theta.data(), probe.tile.x, 2000);
    CHECK(mean_log_prob() > 1.79);
    CHECK(mean_log_prob() < 1.9);
  }
}
