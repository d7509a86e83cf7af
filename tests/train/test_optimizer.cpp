#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "train/optimizer.h"

using namespace nflow;

namespace {

/// Four parameters that decay, and two that do not.
Blueprint six_parameters() {
  Blueprint blueprint(1, 0, 0);
  blueprint.begin_link("link", 0, 0);
  Start decays = Start::constant(0);
  decays.decays = true;
  blueprint.param("weight", 2, 2, decays);
  blueprint.param("bias", 1, 2, Start::constant(0));
  return blueprint;
}

using Vector = std::vector<double>;

bool step(Optimizer<double>& optimizer, Vector grad, double rate, Vector& theta) {
  ThreadPool pool(1);
  return optimizer.step(pool, {grad.data()}, rate, theta);
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("Adam's steps are those of the paper's formula") {
    const Blueprint blueprint = six_parameters();
    Optimizer<double> optimizer(blueprint, {}, 1);
    const Vector grads[] = {
        {1, -2, 0.5, 0, 3, 1e-3}, {0.5, 2, 0.5, 1, -3, 1e-3}, {-1, 0, 0.25, 1, 3, 1e-3}};
    Vector theta(6, 0.3), expected = theta, m(6, 0), v(6, 0);
    for (int t = 1; t <= 3; ++t) {
      const Vector& g = grads[t - 1];
      REQUIRE(step(optimizer, g, 0.01, theta));
      for (std::size_t i = 0; i < 6; ++i) {  // Kingma and Ba 2015, algorithm 1
        m[i] = 0.9 * m[i] + 0.1 * g[i];
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
        const double first = m[i] / (1 - std::pow(0.9, t)),
                     second = v[i] / (1 - std::pow(0.999, t));
        expected[i] -= 0.01 * first / (std::sqrt(second) + 1e-8);
        CHECK(theta[i] == doctest::Approx(expected[i]).epsilon(1e-12));
      }
    }
    CHECK(optimizer.state.steps == 3);
  }

  TEST_CASE("a long gradient is cut to the clip norm, a short one is left alone") {
    const Blueprint blueprint = six_parameters();
    const Vector grad{3, 0, 4, 0, 0, 0};  // of length 5
    Vector short_grad(grad);
    for (double& g : short_grad) g /= 10;
    const auto first_moment = [&](double clip_norm, const Vector& g) {
      Optimizer<double> optimizer(blueprint, {clip_norm, 0}, 1);
      Vector theta(6, 0);
      REQUIRE(step(optimizer, g, 0.01, theta));
      return optimizer.state.m;
    };
    const Vector whole = first_moment(0, grad), cut = first_moment(1, grad);
    CHECK(whole[0] == doctest::Approx(0.3));
    CHECK(cut[0] == doctest::Approx(0.3 / 5));
    CHECK(cut[2] == doctest::Approx(0.4 / 5));
    CHECK(first_moment(1, short_grad) == first_moment(0, short_grad));
  }

  TEST_CASE("weights decay by themselves, biases do not") {
    const Blueprint blueprint = six_parameters();
    Optimizer<double> optimizer(blueprint, {0, 0.5}, 1);
    Vector theta(6, 2);
    REQUIRE(step(optimizer, Vector(6, 0), 0.1, theta));
    for (std::size_t i = 0; i < 4; ++i) CHECK(theta[i] == doctest::Approx(2 * (1 - 0.1 * 0.5)));
    for (std::size_t i = 4; i < 6; ++i) CHECK(theta[i] == 2);
  }

  TEST_CASE("a gradient that is not finite changes nothing") {
    const Blueprint blueprint = six_parameters();
    Optimizer<double> optimizer(blueprint, {}, 1);
    Vector theta(6, 1);
    REQUIRE(step(optimizer, Vector(6, 1), 0.1, theta));
    const Vector before = theta, m = optimizer.state.m;
    for (const double bad :
         {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
      CHECK_FALSE(step(optimizer, {1, bad, 1, 1, 1, 1}, 0.1, theta));
      CHECK(theta == before);
      CHECK(optimizer.state.m == m);
      CHECK(optimizer.state.steps == 1);
    }
  }

  TEST_CASE("the average of the parameters follows them") {
    const Blueprint blueprint = six_parameters();
    Optimizer<double> optimizer(blueprint, {}, 1);
    Vector theta(6, 0);
    optimizer.state.average = theta;
    for (int t = 0; t < 3000; ++t) step(optimizer, Vector(6, 1), t < 1000 ? 1e-3 : 0, theta);
    CHECK(theta[0] == doctest::Approx(-1).epsilon(1e-3));
    CHECK(optimizer.state.average[0] == doctest::Approx(-1).epsilon(1e-3));
  }
}
