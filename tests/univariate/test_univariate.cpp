#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "univariate/univariate.h"

using namespace nflow;

namespace {

/// A map with random raw parameters of a given size, over n rows.
struct Case {
  std::unique_ptr<Univariate<double>> map;
  std::vector<double> h, x, y, log_det;
  Index n;

  Case(std::unique_ptr<Univariate<double>> map_, Index rows, double spread, unsigned seed)
      : map(std::move(map_)), x(rows), y(rows), log_det(rows), n(rows) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    h.resize(rows * map->size());
    for (double& v : h) v = spread * normal(random);
    for (double& v : x) v = 2 * normal(random);
  }
  View<double> raw() { return {h.data(), n, map->size()}; }
  void forward() {
    std::fill(log_det.begin(), log_det.end(), 0);
    map->forward(raw(), x.data(), y.data(), log_det.data());
  }
};

std::vector<std::unique_ptr<Univariate<double>>> maps() {
  std::vector<std::unique_ptr<Univariate<double>>> all;
  all.push_back(make_affine<double>({}));
  for (Index bins : {2, 5, 16, 256}) {
    for (double bound : {0.5, 3.0, 20.0}) {
      LinkOptions options;
      options.bins = bins;
      options.tail_bound = bound;
      all.push_back(make_rational_quadratic<double>(options));
    }
  }
  for (Index bins : {2, 5, 16}) all.push_back(make_circular_spline<double>(bins));
  return all;
}

}  // namespace

TEST_SUITE("univariate") {
  TEST_CASE("monotone, invertible, log-derivative as the difference says") {
    for (double spread : {0.1, 1.0, 4.0}) {
      for (auto& map : maps()) {
        Case c(std::move(map), 64, spread, 3);
        c.forward();
        const std::vector<double> y = c.y, log_det = c.log_det, x = c.x;
        const double step = 1e-7;
        for (double& v : c.x) v += step;
        c.forward();
        for (Index r = 0; r < c.n; ++r) {
          const double slope = (c.y[r] - y[r]) / step;
          CHECK(slope > 0);
          if (log_det[r] < -9) continue;  // flatter than a difference can tell
          CHECK(std::log(slope) == doctest::Approx(log_det[r]).epsilon(1e-3));
        }
        std::vector<double> back(c.n), back_log_det(c.n);
        c.map->inverse(c.raw(), y.data(), back.data(), back_log_det.data());
        for (Index r = 0; r < c.n; ++r) {
          CHECK(back[r] == doctest::Approx(x[r]).epsilon(1e-7));
          CHECK(back_log_det[r] == doctest::Approx(-log_det[r]).epsilon(1e-5));
        }
      }
    }
  }

  TEST_CASE("gradients agree with central differences") {
    for (auto& map : maps()) {
      Case c(std::move(map), 32, 1.0, 8);
      std::vector<double> dy(c.n), dlog_det(c.n), dh(c.h.size()), dx(c.n);
      for (Index r = 0; r < c.n; ++r) {
        dy[r] = std::sin(double(r));
        dlog_det[r] = std::cos(double(r));
      }
      c.forward();
      c.map->backward(c.raw(), c.x.data(), dy.data(), dlog_det.data(),
                      {dh.data(), c.n, c.map->size()}, dx.data());
      const auto slope = [&](double& number, Index row) {
        const double kept = number, step = 1e-6;
        const auto loss = [&] {
          c.forward();
          return dy[row] * c.y[row] + dlog_det[row] * c.log_det[row];
        };
        number = kept + step;
        const double above = loss();
        number = kept - step;
        const double below = loss();
        number = kept;
        return (above - below) / (2 * step);
      };
      for (Index r = 0; r < c.n; r += 3) {
        CHECK(dx[r] == doctest::Approx(slope(c.x[r], r)).epsilon(1e-4));
        const Index stride = std::max<Index>(1, c.map->size() / 30);
        for (Index k = 0; k < c.map->size(); k += stride) {
          const double expected = slope(c.h[k * c.n + r], r);
          CHECK(std::fabs(dh[k * c.n + r] - expected) < 2e-5 * (1 + std::fabs(expected)));
        }
      }
    }
  }

  TEST_CASE("a spline is the identity outside, continuous at its bound, and at raw zeros") {
    LinkOptions options;
    options.tail_bound = 2;
    Case c(make_rational_quadratic<double>(options), 16, 2.0, 5);
    const double at[] = {-1e9, -2.0000001, -2, 2, 2.0000001, 1e9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    c.x.assign(at, at + 16);
    c.forward();
    for (Index r = 0; r < 6; ++r) CHECK(c.y[r] == doctest::Approx(c.x[r]).epsilon(1e-6));
    for (Index r : {0, 1, 4, 5}) CHECK(c.log_det[r] == 0);
    for (Index r : {2, 3}) CHECK(std::fabs(c.log_det[r]) < 1e-10);  // slope 1 at both ends

    std::fill(c.h.begin(), c.h.end(), 0);
    for (Index r = 0; r < 16; ++r) c.x[r] = -1.9 + 0.25 * double(r);
    c.forward();
    for (Index r = 0; r < 16; ++r) {
      CHECK(c.y[r] == doctest::Approx(c.x[r]).epsilon(1e-12));
      CHECK(std::fabs(c.log_det[r]) < 1e-12);
    }
  }

  TEST_CASE("a circular spline joins its ends, of one slope, and is the identity at raw zeros") {
    Case c(make_circular_spline<double>(6), 16, 1.5, 4);
    for (Index k = 0; k < c.map->size(); ++k) {
      for (Index r = 1; r < 16; ++r) c.h[k * 16 + r] = c.h[k * 16];  // one spline for all rows
    }
    for (Index r = 0; r < 16; ++r) c.x[r] = (r % 2 == 0 ? 0.5 : -0.5) * (1 - 1e-9 * double(r / 2));
    c.forward();
    CHECK(c.y[0] == doctest::Approx(0.5).epsilon(1e-12));
    CHECK(c.y[1] == doctest::Approx(-0.5).epsilon(1e-12));
    CHECK(std::fabs(c.log_det[0]) > 0.05);
    for (Index r = 1; r < 16; ++r) CHECK(std::fabs(c.log_det[r] - c.log_det[0]) < 1e-5);

    std::fill(c.h.begin(), c.h.end(), 0);
    for (Index r = 0; r < 16; ++r) c.x[r] = -0.5 + double(r) / 15;
    c.forward();
    for (Index r = 0; r < 16; ++r) {
      CHECK(c.y[r] == doctest::Approx(c.x[r]).epsilon(1e-12));
      CHECK(std::fabs(c.log_det[r]) < 1e-12);
    }
  }

  TEST_CASE("wild raw parameters stay monotone and finite") {
    for (auto& map : maps()) {
      Case c(std::move(map), 64, 1e3, 13);
      c.forward();
      for (Index r = 0; r < c.n; ++r) {
        CHECK(std::isfinite(c.y[r]));
        CHECK(std::isfinite(c.log_det[r]));
      }
      std::vector<double> back(c.n), log_det(c.n);
      c.map->inverse(c.raw(), c.y.data(), back.data(), log_det.data());
      for (Index r = 0; r < c.n; ++r) CHECK(std::isfinite(back[r]));
    }
  }
}
