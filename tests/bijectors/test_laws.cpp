#include <doctest/doctest.h>

#include <cmath>

#include "nflow/registry.h"
#include "probe.h"

// The laws of a bijector, over every row of the registry. A new flow is tested here as soon as it
// stands in the list.

using namespace nflow;
using namespace nflow::testing;

namespace {

/// Small options in a few flavours, so that every conditioner is met.
FlowSpec small_spec(const FlowKind& kind, unsigned flavour) {
  const NetKind nets[] = {NetKind::mlp, NetKind::residual};
  const Activation activations[] = {Activation::tanh, Activation::silu, Activation::relu};
  LinkOptions options;
  options.hidden = flavour % 2 == 0 ? std::vector<Index>{9, 5} : std::vector<Index>{8};
  options.net = nets[flavour % 2];
  options.activation = activations[flavour % 3];
  options.fixed = false;
  options.components = 1 + flavour % 5;
  options.bins = 3 + flavour % 4;
  options.tail_bound = flavour % 2 == 0 ? 3 : 1.5;
  return {{{kind.name, options}}};
}

/// Calls body(spec, D, C, N, seed) for every kind and shape.
template <class Body>
void each_case(const Body& body) {
  unsigned flavour = 0;
  for (const FlowKind* kind : flow_kinds()) {
    for (Index columns : {1, 2, 3, 7}) {
      for (Index context : {0, 2}) {
        for (Index rows : {1, 7, 257}) {
          CAPTURE(kind->name);
          CAPTURE(columns);
          CAPTURE(context);
          CAPTURE(rows);
          ++flavour;
          body(small_spec(*kind, flavour), columns, context, rows, flavour);
        }
      }
    }
  }
}

}  // namespace

TEST_SUITE("bijectors") {
  TEST_CASE("inverse(forward(x)) = x, and the log-determinants of both ways sum to zero") {
    each_case([](const FlowSpec& spec, Index columns, Index context, Index rows, unsigned seed) {
      Probe<double> probe(spec, columns, context, rows, seed);
      const Tile<double>& tile = probe.tile;
      const std::vector<double> x(tile.x.data, tile.x.data + tile.x.size());
      probe.forward();
      const std::vector<double> log_det(tile.log_det, tile.log_det + tile.rows());
      probe.inverse();
      double worst = 0, worst_log_det = 0;
      for (Index r = 0; r < rows; ++r) {
        // Between far modes a map may be so flat that z, a double, no longer tells x.
        if (log_det[r] < -12) continue;
        for (Index j = 0; j < columns; ++j) {
          worst = std::max(worst, std::fabs(tile.x.col(j)[r] - x[j * tile.rows() + r]));
        }
        worst_log_det = std::max(worst_log_det, std::fabs(tile.log_det[r] + log_det[r]));
      }
      CHECK(worst < 1e-8);
      CHECK(worst_log_det < 1e-7);
    });
  }

  TEST_CASE("the same in float, to float's precision") {
    each_case([](const FlowSpec& spec, Index columns, Index context, Index rows, unsigned seed) {
      Probe<float> probe(spec, columns, context, rows, seed, 0.2);
      const Tile<float>& tile = probe.tile;
      const std::vector<float> x(tile.x.data, tile.x.data + tile.x.size());
      probe.forward();
      probe.inverse();
      float worst = 0;
      for (Index r = 0; r < rows; ++r) {
        for (Index j = 0; j < columns; ++j) {
          worst = std::max(worst, std::fabs(tile.x.col(j)[r] - x[j * tile.rows() + r]));
        }
      }
      CHECK(worst < 1e-3F);
    });
  }

  TEST_CASE("log_det is log|det| of a finite-difference Jacobian") {
    each_case([](const FlowSpec& spec, Index columns, Index context, Index rows, unsigned seed) {
      Probe<double> probe(spec, columns, context, rows, seed);
      for (Index row : {Index{0}, rows / 2, rows - 1}) {
        const double dense = std::log(std::fabs(jacobian(probe, row).determinant()));
        probe.forward();
        CHECK(near(probe.tile.log_det[row], dense, 1e-5));
      }
    });
  }

  TEST_CASE("backward agrees with central differences for inputs, parameters and context") {
    each_case([](const FlowSpec& spec, Index columns, Index context, Index rows, unsigned seed) {
      if (rows == 257 && seed % 3 != 0) return;  // every third large case is plenty
      Probe<double> probe(spec, columns, context, rows, seed);
      Loss loss(probe);
      loss.backward();
      const Tile<double>& tile = probe.tile;
      const std::vector<double> grad = probe.grad, dcontext = loss.dcontext();
      const std::vector<double> dx(tile.dx.data, tile.dx.data + tile.dx.size());
      for (Index row : {Index{0}, rows - 1}) {
        for (Index j = 0; j < columns; ++j) {
          CHECK(near(dx[j * tile.rows() + row], loss.slope(tile.x.col(j)[row]), 2e-5));
        }
        for (Index j = 0; j < context; ++j) {
          const double slope = loss.slope(tile.context.col(j)[row]);
          CHECK(near(dcontext[j * tile.rows() + row], slope, 2e-5));
        }
      }
      const std::size_t stride = std::max<std::size_t>(1, grad.size() / 25);
      for (std::size_t i = seed % stride; i < grad.size(); i += stride) {
        CAPTURE(i);
        CHECK(near(grad[i], probe.live(i) ? loss.slope(probe.theta[i]) : 0, 2e-5));
      }
    });
  }

  TEST_CASE("backward adds to gradients, and rows that fill up add nothing") {
    each_case([](const FlowSpec& spec, Index columns, Index context, Index rows, unsigned seed) {
      if (rows != 7) return;
      Probe<double> probe(spec, columns, context, rows, seed);
      Loss loss(probe);
      loss.backward();
      const std::vector<double> once = probe.grad;
      // Other numbers in the rows that fill up: same gradient.
      for (Index j = 0; j < columns; ++j) {
        for (Index r = rows; r < probe.tile.rows(); ++r) probe.tile.x.col(j)[r] = 0.3;
      }
      loss.backward();
      for (std::size_t i = 0; i < once.size(); ++i) CHECK(near(probe.grad[i], once[i], 1e-12));
    });
  }

  TEST_CASE("a row alone gives the same bits as the row in its batch") {
    each_case([](const FlowSpec& spec, Index columns, Index context, Index rows, unsigned seed) {
      if (rows != 257) return;
      Probe<float> batch(spec, columns, context, rows, seed);
      batch.forward();
      for (Index row : {Index{3}, Index{100}, Index{256}}) {
        Probe<float> alone(spec, columns, context, 1, seed);
        for (Index j = 0; j < columns; ++j) alone.tile.x.col(j)[0] = batch.tile.x.col(j)[row];
        for (Index j = 0; j < context; ++j) {
          alone.tile.context.col(j)[0] = batch.tile.context.col(j)[row];
        }
        alone.forward();
        for (Index j = 0; j < columns; ++j) {
          CHECK(alone.tile.z.col(j)[0] == batch.tile.z.col(j)[row]);
        }
        CHECK(alone.tile.log_det[0] == batch.tile.log_det[row]);
      }
    });
  }

  TEST_CASE("extreme inputs stay finite where the map does, and go there and back") {
    // Flavour 1 has two components where there are any, flavour 5 one.
    for (std::size_t i = 0; i < 2 * flow_kinds().size(); ++i) {
      const FlowKind* kind = flow_kinds()[i / 2];
      const FlowSpec spec = small_spec(*kind, i % 2 == 0 ? 1 : 5);
      CAPTURE(kind->name);
      Probe<double> probe(spec, 3, 0, 16, 5);
      const double extremes[] = {0, -0.0, 1e-300, -1e-300, 3, -3, 1.5, -1.5, 100, -1e4, 1e6, -1e8};
      for (Index r = 0; r < 12; ++r) {
        for (Index j = 0; j < 3; ++j) probe.tile.x.col(j)[r] = extremes[(r + j) % 12];
      }
      const std::vector<double> x(probe.tile.x.data, probe.tile.x.data + probe.tile.x.size());
      probe.forward();
      for (Index k = 0; k < probe.tile.z.size(); ++k) CHECK(std::isfinite(probe.tile.z.data[k]));
      for (Index r = 0; r < 16; ++r) CHECK(std::isfinite(probe.tile.log_det[r]));
      // Between two components, a million deviations apart, every x has the same z.
      if (has_option(spec, "components") && spec.links[0].options.components > 1) continue;
      probe.inverse();
      for (std::size_t k = 0; k < x.size(); ++k) CHECK(near(probe.tile.x.data[k], x[k], 1e-6));
    }
  }

  TEST_CASE("splines, couplings and autoregressive links start as the identity") {
    for (const char* name : {"realnvp", "maf", "nsf-cl", "nsf-ar"}) {
      for (Index columns : {1, 2, 5}) {
        CAPTURE(name);
        Probe<double> probe(small_spec(find_flow(name), 2), columns, 0, 33, 1);
        const auto start = probe.chain.blueprint().initial_parameters(7);
        probe.theta.assign(start.begin(), start.end());
        probe.forward();
        for (Index j = 0; j < columns; ++j) {
          for (Index r = 0; r < 33; ++r) {
            CHECK(near(probe.tile.z.col(j)[r], probe.tile.x.col(j)[r], 1e-12));
            CHECK(std::fabs(probe.tile.log_det[r]) < 1e-12);
          }
        }
      }
    }
  }

  TEST_CASE("ActNorm starts with mean 0 and deviation 1, from the rows that live") {
    Probe<double> probe({{{"actnorm", {}}}}, 3, 0, 100, 4);
    for (Index j = 0; j < 3; ++j) {
      for (Index r = 0; r < 100; ++r) {
        const auto size = static_cast<double>(j + 1);
        probe.tile.x.col(j)[r] = 5 * size + size * probe.normal();
      }
    }
    probe.chain.initialize(probe.pass(), probe.theta.data(), probe.tile.x, 100);
    probe.forward();
    for (Index j = 0; j < 3; ++j) {
      const Eigen::Map<Eigen::ArrayXd> z(probe.tile.z.col(j), 100);
      CHECK(z.mean() == doctest::Approx(0).epsilon(1e-10));
      CHECK((z - z.mean()).square().mean() == doctest::Approx(1).epsilon(1e-10));
    }
  }

  TEST_CASE("an autoregressive link's Jacobian is triangular, and a coupling's rest is untouched") {
    for (const char* name : {"maf", "nsf-ar"}) {
      Probe<double> probe(small_spec(find_flow(name), 3), 6, 0, 4, 9);
      const Eigen::MatrixXd jac = jacobian(probe, 2);
      for (Index j = 0; j < 6; ++j) {
        for (Index i = j + 1; i < 6; ++i) CHECK(jac(j, i) == 0);
        if (j > 0) CHECK(jac.row(j).head(j).cwiseAbs().maxCoeff() > 0);
      }
    }
    Probe<double> probe(small_spec(find_flow("nsf-cl"), 3), 5, 0, 4, 9);
    probe.forward();
    for (Index j = 0; j < 2; ++j) {
      for (Index r = 0; r < 4; ++r) CHECK(probe.tile.z.col(j)[r] == probe.tile.x.col(j)[r]);
    }
  }

  TEST_CASE("a chain of everything obeys the laws too") {
    const FlowSpec spec = parse_flow(
        "actnorm,conv1x1,nsf-cl:hidden=8,8:bins=4,shuffle,maf:hidden=10:net=mlp,planar,reverse,"
        "radial,"
        "realnvp:hidden=6,nsf-ar:hidden=7,7",
        2);
    Probe<double> probe(spec, 4, 3, 21, 2, 0.1);
    const std::vector<double> x(probe.tile.x.data, probe.tile.x.data + probe.tile.x.size());
    const double dense = std::log(std::fabs(jacobian(probe, 5).determinant()));
    probe.forward();
    CHECK(near(probe.tile.log_det[5], dense, 1e-5));
    probe.inverse();
    for (Index j = 0; j < 4; ++j) {
      for (Index r = 0; r < 21; ++r) {
        CHECK(near(probe.tile.x.col(j)[r], x[j * probe.tile.rows() + r], 1e-7));
      }
    }
    std::copy(x.begin(), x.end(), probe.tile.x.data);
    Loss loss(probe);
    loss.backward();
    const std::vector<double> grad = probe.grad;
    for (std::size_t i = 3; i < grad.size(); i += grad.size() / 60) {
      CHECK(near(grad[i], probe.live(i) ? loss.slope(probe.theta[i]) : 0, 5e-5));
    }
  }
}
