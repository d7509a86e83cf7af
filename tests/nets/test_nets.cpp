#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "math/random.h"
#include "nets/conditioner.h"
#include "nets/dropout.h"
#include "nets/masks.h"
#include "tile.h"

using namespace nflow;

namespace {

/// A net with random parameters and its memory.
struct Net {
  Blueprint blueprint{1, 0, 0};
  std::unique_ptr<Conditioner<double>> net;
  std::vector<double> theta, grad, tape, scratch, in, out;
  Pass<double> pass;
  Index inputs, outputs;

  Net(Index inputs_, Index outputs_, const LinkOptions& options, Index rows,
      const Autoregressive* masked = nullptr)
      : inputs(inputs_), outputs(outputs_) {
    blueprint.begin_link("link", 0, 0);
    net = make_conditioner<double>(inputs, outputs, options, blueprint, masked);
    std::mt19937 random(4);
    std::normal_distribution<double> normal(0, 0.5);
    for (double start : blueprint.initial_parameters(1)) theta.push_back(start + normal(random));
    blueprint.clear_masked(theta);
    grad.assign(theta.size(), 0);
    tape.resize(blueprint.link_tape_cols() * rows);
    scratch.resize(blueprint.link_scratch_cols() * rows);
    in.resize(inputs * rows);
    out.resize(outputs * rows);
    for (double& x : in) x = normal(random);
    pass.theta = theta.data();
    pass.grad = grad.data();
    pass.tape = tape.data();
    pass.scratch = scratch.data();
    pass.rows = rows;
  }
  View<double> input() { return {in.data(), pass.rows, inputs}; }
  View<double> output() { return {out.data(), pass.rows, outputs}; }
  double loss() {
    net->forward(pass, input(), output());
    double sum = 0;
    for (std::size_t i = 0; i < out.size(); ++i) sum += std::sin(double(i)) * out[i];
    return sum;
  }
};

std::vector<LinkOptions> flavours() {
  std::vector<LinkOptions> all;
  for (const NetKind net : {NetKind::mlp, NetKind::residual}) {
    for (const Activation activation : {Activation::relu, Activation::tanh, Activation::silu}) {
      for (const auto& hidden : {std::vector<Index>{5}, {17, 17}, {12, 3, 9}, {1}}) {
        LinkOptions options;
        options.net = net;
        options.activation = activation;
        options.hidden = hidden;
        all.push_back(options);
      }
    }
  }
  for (const NetKind net : {NetKind::mlp, NetKind::residual}) {
    all.push_back(all.front());
    all.back().net = net;
    all.back().ramps = 4;
  }
  return all;
}

}  // namespace

TEST_SUITE("nets") {
  TEST_CASE("gradients of parameters and inputs, with and without dropout") {
    for (LinkOptions options : flavours()) {
      for (double dropout : {0.0, 0.4}) {
        options.dropout = dropout;
        Net net(3, 4, options, 16);
        const Dropout masks{5, 1000};
        net.pass.dropout = &masks;
        net.loss();
        std::vector<double> dout(net.out.size()), din(net.in.size());
        for (std::size_t i = 0; i < dout.size(); ++i) dout[i] = std::sin(double(i));
        net.net->backward(net.pass, net.input(), View<double>{dout.data(), 16, 4},
                          {din.data(), 16, 3});
        const auto slope = [&](double& number) {
          const double kept = number, step = 1e-6;
          number = kept + step;
          const double above = net.loss();
          number = kept - step;
          const double below = net.loss();
          number = kept;
          return (above - below) / (2 * step);
        };
        for (std::size_t i = 0; i < net.in.size(); i += 7) {
          CHECK(din[i] == doctest::Approx(slope(net.in[i])).epsilon(1e-4));
        }
        for (std::size_t i = 0; i < net.theta.size(); i += 1 + net.theta.size() / 40) {
          const bool knot = static_cast<Index>(i) < (options.ramps > 0 ? 3 * 5 : 0);  // no gradient
          const double expected = knot || net.theta[i] == 0 ? 0 : slope(net.theta[i]);  // 0: masked
          CHECK(std::fabs(net.grad[i] - expected) < 1e-5 * (1 + std::fabs(expected)));
        }
      }
    }
  }

  TEST_CASE("masked nets: outputs read what they may, degree by degree gives the same bits") {
    for (const LinkOptions& options : flavours()) {
      for (Index context : {0, 2}) {
        for (Index features : {1, 2, 5}) {
          const Autoregressive masked{context, features, 3};
          Net net(context + features, 3 * features, options, 16, &masked);
          net.net->forward(net.pass, net.input(), net.output());
          const std::vector<double> all = net.out;

          std::fill(net.out.begin(), net.out.end(), -1);
          std::fill(net.tape.begin(), net.tape.end(), 0);
          for (Index degree = 0; degree < features; ++degree) {
            net.net->advance(net.pass, net.input(), net.output(), degree);
          }
          CHECK(net.out == all);

          for (Index j = 0; j < features; ++j) {  // moving x_j moves only what comes after it
            const double kept = net.in[(context + j) * 16];
            net.in[(context + j) * 16] += 1;
            net.net->forward(net.pass, net.input(), net.output());
            for (Index k = 0; k <= j; ++k) {
              for (Index p = 0; p < 3; ++p) {
                CHECK(net.out[(3 * k + p) * 16] == all[(3 * k + p) * 16]);
              }
            }
            net.in[(context + j) * 16] = kept;
          }
        }
      }
    }
  }

  TEST_CASE("ramps begin at the quantiles of the rows, and are those of a net that reads them") {
    LinkOptions options;
    options.hidden = {7};
    options.net = NetKind::mlp;
    Net plain(2 * 4, 3, options, 16);
    options.ramps = 3;
    Net net(2, 3, options, 16);
    net.net->initialize(net.theta.data(), net.input(), 10);
    REQUIRE(net.theta.size() == 2 * 4 + plain.theta.size());
    std::copy(net.theta.begin() + 2 * 4, net.theta.end(), plain.theta.begin());
    for (Index j = 0; j < 2; ++j) {
      std::vector<double> sorted(net.in.begin() + j * 16, net.in.begin() + j * 16 + 10);
      std::sort(sorted.begin(), sorted.end());
      for (Index b = 0; b < 4; ++b) CHECK(net.theta[j * 4 + b] == sorted[3 * b]);
      for (Index r = 0; r < 16; ++r) {
        const double x = net.in[j * 16 + r];
        plain.in[j * 4 * 16 + r] = x;
        for (Index b = 0; b < 3; ++b) {
          const double from = sorted[3 * b], to = sorted[3 * b + 3];
          const double share = x < from ? 0 : x > to ? 1 : (x - from) / (to - from);
          plain.in[(j * 4 + 1 + b) * 16 + r] = share;
        }
      }
    }
    net.loss();
    plain.loss();
    for (std::size_t i = 0; i < net.out.size(); ++i) {
      CHECK(net.out[i] == doctest::Approx(plain.out[i]).epsilon(1e-12));
    }
  }

  TEST_CASE("masked weights start at 0, get no gradient, and can be set to 0 again") {
    LinkOptions options;
    options.hidden = {13, 13};
    const Autoregressive masked{1, 6, 2};
    Net net(7, 12, options, 16, &masked);
    const auto start = net.blueprint.initial_parameters(3);
    const double before = net.loss();
    std::vector<double> dout(net.out.size(), 1), din(net.in.size());
    net.net->backward(net.pass, net.input(), View<double>{dout.data(), 16, 12},
                      {din.data(), 16, 7});
    int dead = 0;
    for (std::size_t t = 0; t < net.blueprint.tensors().size(); ++t) {
      const TensorPlace& place = net.blueprint.tensors()[t];
      const auto& live = net.blueprint.starts()[t].live;
      if (live.empty()) continue;
      for (Index i = 0; i < place.rows * place.cols; ++i) {
        if (i % place.cols < live[i / place.cols]) continue;
        CHECK(start[place.offset + i] == 0);
        CHECK(net.grad[place.offset + i] == 0);
        net.theta[place.offset + i] = 1e3;
        ++dead;
      }
    }
    CHECK(dead > 50);
    net.blueprint.clear_masked(net.theta);
    CHECK(net.loss() == before);
  }

  TEST_CASE("degrees are sorted, fair, and start at 0 only with context") {
    const Autoregressive with{2, 4, 1}, without{0, 4, 1};
    CHECK(Degrees::hidden(with, 8).first(1) == 2);
    CHECK(Degrees::hidden(without, 9).first(1) == 0);
    CHECK(Degrees::hidden(without, 9).first(2) == 3);
    CHECK(Degrees::hidden(without, 9).first(4) == 9);
    const auto reach = Degrees::inputs(with).reach(Degrees::hidden(with, 4));
    CHECK(reach == std::vector<Index>{2, 3, 4, 5});
    const auto outputs = Degrees::hidden(without, 9).reach(Degrees::outputs(without));
    CHECK(outputs == std::vector<Index>{0, 3, 6, 9});
  }

  TEST_CASE("dropout keeps its share and its mean, and depends on the row alone") {
    std::vector<double> units(64 * 100, 1.0);
    Dropout dropout{7, 0};
    Pass<double> pass;
    pass.rows = 64;
    pass.dropout = &dropout;
    apply_dropout<double>(pass, 0.25, 3, {units.data(), 64, 100});
    const auto zeros = std::count(units.begin(), units.end(), 0.0);
    CHECK(zeros > 1450);
    CHECK(zeros < 1750);
    for (double u : units) CHECK((u == 0 || u == doctest::Approx(4.0 / 3)));

    // The kernel draws what math/random.h draws.
    const Random random(7, Purpose::dropout);
    for (Index unit = 0; unit < 100; ++unit) {
      const auto bits = random.bits(5, static_cast<std::uint32_t>((unit + 3) / 8));
      const auto word = bits[static_cast<std::size_t>((unit + 3) % 8 / 2)];
      const auto draw = (word >> ((unit + 3) % 2 == 0 ? 0 : 16)) & 0xffff;
      CHECK((units[unit * 64 + 5] == 0) == (draw < 16384));
    }

    std::vector<double> later(16 * 100, 1.0);  // rows 32 .. 47 again, as a tile of their own
    dropout.first_row = 32;
    pass.rows = 16;
    apply_dropout<double>(pass, 0.25, 3, {later.data(), 16, 100});
    for (int j = 0; j < 100; ++j) {
      for (int r = 0; r < 16; ++r) CHECK(later[j * 16 + r] == units[j * 64 + 32 + r]);
    }
  }
}
