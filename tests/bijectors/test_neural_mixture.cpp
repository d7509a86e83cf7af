#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "probe.h"

// What the laws of test_laws.cpp do not know of it: where it begins, and its log p where z is not
// asked for.

using namespace nflow;
using namespace nflow::testing;

namespace {

FlowSpec neural(const std::string& options) { return parse_flow("neural-mixture:" + options); }

/// Copies the parameters of the same names, but for the kind's.
void take_parameters(const Probe<double>& from, Probe<double>& to, const std::string& room = "") {
  std::map<std::string, TensorPlace> places;
  for (const TensorPlace& place : from.chain.blueprint().tensors()) {
    places[place.name.substr(place.name.find('.', 2) + 1)] = place;
  }
  for (const TensorPlace& place : to.chain.blueprint().tensors()) {
    const auto found = places.find(room + place.name.substr(place.name.find('.', 2) + 1));
    if (found == places.end()) continue;
    REQUIRE(found->second.rows * found->second.cols == place.rows * place.cols);
    std::copy_n(from.theta.begin() + found->second.offset, place.rows * place.cols,
                to.theta.begin() + place.offset);
  }
}

void take_rows(const Probe<double>& from, Probe<double>& to) {
  copy<double>(from.tile.x, to.tile.x);
  copy<double>(from.tile.context, to.tile.context);
}

std::vector<double> log_probs(Probe<double>& probe, bool density_alone, bool training = true) {
  Pass<double> pass = probe.pass();
  pass.density_alone = density_alone;
  pass.training = training;
  probe.tile.forward(pass);
  std::vector<double> all;
  for (Index r = 0; r < probe.tile.live(); ++r) all.push_back(probe.tile.log_prob(r));
  return all;
}

double mean_log_prob(Probe<double>& probe) {
  double sum = 0;
  for (const double value : log_probs(probe, true)) sum += value;
  return sum / static_cast<double>(probe.tile.live());
}

/// The gradient of the mean log p, as the trainer asks for it.
std::vector<double> gradient(Probe<double>& probe, bool density_alone) {
  Tile<double>& tile = probe.tile;
  Pass<double> pass = probe.pass();
  pass.density_alone = density_alone;
  tile.forward(pass);
  std::fill(probe.grad.begin(), probe.grad.end(), 0);
  for (Index r = 0; r < tile.rows(); ++r) {
    tile.dlog_det[r] = r < tile.live() ? 1 / static_cast<double>(tile.live()) : 0;
    for (Index j = 0; j < tile.z.cols; ++j)
      tile.dz.col(j)[r] = -tile.dlog_det[r] * tile.z.col(j)[r];
  }
  probe.chain.backward(pass, tile.x, tile.z, tile.dz, tile.dlog_det, tile.dx);
  return probe.grad;
}

}  // namespace

TEST_SUITE("bijectors") {
  TEST_CASE("a neural mixture begins as the mixture whose parameters it has") {
    for (const Index context : {0, 2}) {
      Probe<double> mixture(parse_flow("mixture:components=5"), 3, context, 33, 2);
      Probe<double> probe(neural("components=5:hidden=8"), 3, context, 33, 4);
      const auto start = probe.chain.blueprint().initial_parameters(1);
      probe.theta.assign(start.begin(), start.end());
      take_parameters(mixture, probe);
      for (const TensorPlace& place : probe.chain.blueprint().tensors()) {  // no tail
        if (place.name == "1.neural-mixture.tail_logit") probe.theta[place.offset] = -60;
      }
      take_rows(mixture, probe);
      mixture.forward();
      probe.forward();
      for (Index r = 0; r < 33; ++r) {
        CHECK(near(probe.tile.log_det[r], mixture.tile.log_det[r], 1e-12));
        for (Index j = 0; j < 3; ++j) {
          CHECK(near(probe.tile.z.col(j)[r], mixture.tile.z.col(j)[r], 1e-11));
        }
      }
    }
  }

  TEST_CASE("where log p alone is asked for, z is left out and log p is the same") {
    for (const char* options : {"components=4:hidden=8", "components=7:fits=3:hidden=8,5"}) {
      CAPTURE(options);
      Probe<double> probe(neural(options), 3, 2, 21, 3);
      const std::vector<double> whole = log_probs(probe, false);
      const std::vector<double> alone = log_probs(probe, true, false);
      for (std::size_t r = 0; r < whole.size(); ++r) CHECK(near(alone[r], whole[r], 1e-11));
      for (Index i = 0; i < probe.tile.z.size(); ++i) CHECK(probe.tile.z.data[i] == 0);
    }
    // Not where another link asks for it.
    Probe<double> before(parse_flow("neural-mixture:components=4:hidden=8,reverse"), 3, 0, 21, 3);
    const std::vector<double> whole = log_probs(before, false);
    CHECK(log_probs(before, true) == whole);
    CHECK(before.tile.z.col(0)[0] != 0);
  }

  TEST_CASE("the density is the mean of its fits', and they are trained each by itself") {
    Probe<double> both(neural("components=6:fits=2:hidden=8"), 1, 2, 40, 5);
    std::vector<std::vector<double>> each;
    for (const Index f : {0, 1}) {
      Probe<double> one(neural("components=3:hidden=8"), 1, 2, 40, 6);
      take_rows(both, one);
      take_parameters(both, one, "fit" + std::to_string(f + 1) + ".");
      // Components f * 3, ... of the base: of columns by components, and of rows e K + k.
      std::map<std::string, TensorPlace> places;
      for (const TensorPlace& place : both.chain.blueprint().tensors()) places[place.name] = place;
      for (const TensorPlace& place : one.chain.blueprint().tensors()) {
        if (place.name.find(".net.") != place.name.npos) continue;
        const Index from = places.at(place.name).offset;
        if (place.name.find(".tail_") != place.name.npos) {
          std::copy_n(both.theta.begin() + from, place.cols, one.theta.begin() + place.offset);
          continue;
        }
        const bool slopes = place.name.find("weight") != place.name.npos;
        const Index width = slopes ? place.cols : 1, rows = place.rows * place.cols / width / 3;
        for (Index e = 0; e < rows; ++e) {
          std::copy_n(both.theta.begin() + from + (6 * e + 3 * f) * width, 3 * width,
                      one.theta.begin() + place.offset + 3 * e * width);
        }
      }
      each.push_back(log_probs(one, false));
    }
    const std::vector<double> mean = log_probs(both, true, false), bound = log_probs(both, true);
    for (std::size_t r = 0; r < mean.size(); ++r) {
      CHECK(std::fabs(each[0][r] - each[1][r]) > 1e-6);
      CHECK(near(mean[r], std::log((std::exp(each[0][r]) + std::exp(each[1][r])) / 2), 1e-11));
      CHECK(near(bound[r], (each[0][r] + each[1][r]) / 2, 1e-11));
    }
  }

  TEST_CASE("gradients of log p alone agree with central differences, and with those by z") {
    for (const char* options : {"components=4:hidden=8:fixed=no",
                                "components=7:fits=3:hidden=8,5:fixed=no:activation=tanh"}) {
      CAPTURE(options);
      for (const Index context : {0, 2}) {
        Probe<double> probe(neural(options), 3, context, 9, 7);
        const std::vector<double> grad = gradient(probe, true);
        const std::vector<double> dx(probe.tile.dx.data, probe.tile.dx.data + 9);
        const auto slope = [&](double& number) {
          const double kept = number;
          number = kept + 1e-5;
          const double above = mean_log_prob(probe);
          number = kept - 1e-5;
          const double below = mean_log_prob(probe);
          number = kept;
          return (above - below) / 2e-5;
        };
        for (Index r = 0; r < 9; ++r) CHECK(near(dx[r], slope(probe.tile.x.col(0)[r]), 1e-7));
        for (std::size_t i = 1; i < grad.size(); i += grad.size() / 60) {
          CAPTURE(i);
          CHECK(near(grad[i], probe.live(i) ? slope(probe.theta[i]) : 0, 1e-7));
        }
        if (probe.chain.blueprint().tensors().size() > 12)
          continue;  // of several fits it is a bound
        const std::vector<double> by_z = gradient(probe, false);
        for (std::size_t i = 0; i < grad.size(); ++i) CHECK(near(grad[i], by_z[i], 1e-10));
      }
    }
  }

  TEST_CASE("a neural mixture of a column integrates to one, whatever the context") {
    Probe<double> probe(neural("components=6:fits=2:hidden=8"), 1, 2, 4001, 8, 0.2);
    for (Index r = 0; r < 4001; ++r) {
      probe.tile.x.col(0)[r] = 0.02 * static_cast<double>(r - 2000);
      for (Index j = 0; j < 2; ++j) probe.tile.context.col(j)[r] = j == 0 ? 0.7 : -1.2;
    }
    double sum = 0;
    for (const double value : log_probs(probe, false)) sum += 0.02 * std::exp(value);
    CHECK(sum == doctest::Approx(1).epsilon(1e-6));
  }

  TEST_CASE("far tails of a neural mixture are as exact in float as in double") {
    const FlowSpec spec = neural("components=4:hidden=8");
    Probe<double> exact(spec, 2, 0, 16, 9);
    Probe<float> probe(spec, 2, 0, 16, 9);
    for (Index r = 0; r < 16; ++r) {
      for (Index j = 0; j < 2; ++j) {
        const double x = (r % 2 == 0 ? 1 : -1) * std::pow(2, 0.5 * static_cast<double>(r));
        exact.tile.x.col(j)[r] = x;
        probe.tile.x.col(j)[r] = static_cast<float>(x);
      }
    }
    exact.forward();
    probe.forward();
    for (Index r = 0; r < 16; ++r) {
      const double log_p = exact.tile.log_prob(r);
      CHECK(std::isfinite(log_p));
      CHECK(near(probe.tile.z.col(0)[r], exact.tile.z.col(0)[r], 1e-4));
      CHECK(near(probe.tile.log_prob(r), log_p, 1e-3));
    }
  }
}
