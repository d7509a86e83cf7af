#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/targets.h"
#include "math/random.h"

// Every instruction set that this processor runs is held against plain loops and the C library.

using namespace nflow;
using namespace nflow::testing;

namespace {

/// Distance in units of the last place of T at `expected`.
template <class T>
double ulps(T got, double expected) {
  if (got == static_cast<T>(expected)) return 0;
  const double unit = std::max<double>(std::fabs(expected), std::numeric_limits<T>::min()) *
                      static_cast<double>(std::numeric_limits<T>::epsilon());
  return std::fabs(static_cast<double>(got) - expected) / unit;
}

template <class T>
void check_normals(const Kernels<T>& k) {
  for (const std::uint64_t seed : {std::uint64_t{0}, ~std::uint64_t{0} / 3}) {
    const Random random(seed, Purpose::sample);
    const std::uint64_t row = (std::uint64_t{1} << 32) - 17;  // rows need more than one word
    std::vector<T> even(4 * kRowStep), odd(4 * kRowStep);
    const auto n = static_cast<std::ptrdiff_t>(even.size());
    k.normals({seed, static_cast<std::uint32_t>(Purpose::sample), row, 3, 0.5}, n, even.data(),
              odd.data());
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      const auto pair = random.normal_pair(row + static_cast<std::uint64_t>(i), 3);
      CHECK(std::fabs(double(even[i]) - 0.5 * pair[0]) < (sizeof(T) == 4 ? 2e-7 : 4e-15));
      CHECK(std::fabs(double(odd[i]) - 0.5 * pair[1]) < (sizeof(T) == 4 ? 2e-7 : 4e-15));
    }
    k.normals({seed, static_cast<std::uint32_t>(Purpose::sample), row, 3, 0.5}, n, even.data(),
              nullptr);
  }
}

template <class T>
void check_functions(const Kernels<T>& k) {
  std::vector<T> x;
  for (double base : {0.0, 1e-30, 1e-8, 1e-4, 0.01, 0.3466, 0.5, 1.0, 2.5, 5.0, 9.0, 20.0, 80.0}) {
    for (double step : {1.0, 1.07, 1.31, 1.9}) {
      x.push_back(static_cast<T>(base * step));
      x.push_back(static_cast<T>(-base * step));
    }
  }
  x.resize((x.size() + kRowStep - 1) / kRowStep * kRowStep);
  const auto n = static_cast<std::ptrdiff_t>(x.size());
  std::vector<T> y(n), log_det(n), h(2 * n);
  k.activate(Activation::tanh, n, x.data(), y.data());
  for (std::ptrdiff_t i = 0; i < n; ++i) CHECK(ulps(y[i], std::tanh(double(x[i]))) < 4);
  k.activate(Activation::silu, n, x.data(), y.data());
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    if (x[i] > -80) CHECK(ulps(y[i], double(x[i]) / (1 + std::exp(-double(x[i])))) < 6);
  }
  k.activate(Activation::relu, n, x.data(), y.data());
  for (std::ptrdiff_t i = 0; i < n; ++i) CHECK(y[i] == std::max(x[i], T(0)));

  // y = e^s of x = 1: an affine map with a bound so large that tanh does not bend.
  std::fill(y.begin(), y.end(), T(1));
  std::copy(x.begin(), x.end(), h.begin() + n);
  const T bound = static_cast<T>(sizeof(T) == 4 ? 1e7 : 1e15);
  k.affine_forward({n, h.data(), n, 0, bound}, y.data(), y.data(), log_det.data());
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const double s = double(log_det[i]);
    if (s > -80 && s < 80) CHECK(ulps(y[i], std::exp(s)) < 4);
  }

  // log_det += log1p(c (1 - t^2)) over c from near -1 to large.
  for (double c : {-0.9999, -0.5, -1e-7, 0.0, 1e-12, 1e-3, 0.7, 40.0, 1e6}) {
    std::fill(log_det.begin(), log_det.end(), T(0));
    k.planar_forward(n, static_cast<T>(c), x.data(), y.data(), log_det.data());
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      if (std::fabs(y[i]) > T(0.9))
        continue;  // there the rounding of t^2 outweighs the logarithm's
      const double t = double(y[i]);
      const double expected = std::log1p(double(static_cast<T>(c)) * (1 - t * t));
      const double fine = (sizeof(T) == 4 ? 4e-7 : 1e-15) * (1 + std::fabs(expected));
      // Near log 0 the rounding of 1 - t^2 shows too.
      CHECK(std::fabs(double(log_det[i]) - expected) < (c < -0.9 ? 2e4 * fine : 4 * fine));
    }
  }
}

}  // namespace

TEST_SUITE("kernels") {
  TEST_CASE("every target's table names every kernel") {
    const auto count_null = [](const auto& table) {
      std::vector<std::uintptr_t> words(sizeof(table) / sizeof(std::uintptr_t));
      std::memcpy(words.data(), &table, sizeof(table));
      return std::count(words.begin(), words.end(), std::uintptr_t{0});
    };
    CHECK(count_null(kernels<float>()) == 0);
    CHECK(count_null(kernels<double>()) == 0);
  }

  TEST_CASE("normal numbers of vectors are those drawn one by one") {
    each_target<float>([](const Kernels<float>& k) { check_normals(k); });
    each_target<double>([](const Kernels<double>& k) { check_normals(k); });
  }

  TEST_CASE("elementary functions are good to a few units in the last place") {
    each_target<float>([](const Kernels<float>& k) { check_functions(k); });
    each_target<double>([](const Kernels<double>& k) { check_functions(k); });
  }

  TEST_CASE("NaN and infinity are passed on, never hidden") {
    each_target<float>([](const Kernels<float>& k) {
      const float inf = std::numeric_limits<float>::infinity();
      std::vector<float> x(16, std::nanf("")), y(16);
      k.activate(Activation::tanh, 16, x.data(), y.data());
      CHECK(std::isnan(y[3]));
      k.activate(Activation::silu, 16, x.data(), y.data());
      CHECK(std::isnan(y[3]));
      x.assign(16, inf);
      k.activate(Activation::tanh, 16, x.data(), y.data());
      CHECK(y[5] == 1);
    });
  }

  TEST_CASE("the planar inverse solves its equation, up to the steepest slopes") {
    each_target<double>([](const Kernels<double>& k) {
      const auto g = random_numbers<double>(64, 3, 1);
      for (double c : {-0.9999, -0.99, -0.3, 0.0, 0.5, 100.0}) {
        std::vector<double> t(64), log_det(64);
        k.planar_inverse(64, c, g.data(), t.data(), log_det.data());
        for (int i = 0; i < 64; ++i) {
          const double p = g[i] - c * t[i];  // then tanh(p) must be t
          CHECK(std::fabs(std::tanh(p) - t[i]) < 1e-12);
          const double expected = -std::log1p(c * (1 - t[i] * t[i]));
          CHECK(std::fabs(log_det[i] - expected) < 1e-9);
        }
      }
    });
  }

  TEST_CASE("the planar inverse arrives where Newton's steps go to and fro") {
    const auto check = [](const auto& k, auto zero, double tolerance) {
      using T = decltype(zero);
      for (const double c : {3.7, 4.2, 10.0, 110.0}) {
        std::vector<T> g(1600), t(1600), log_det(1600);
        for (int i = 0; i < 1600; ++i) g[i] = static_cast<T>((c + 1) * (i / 800.0 - 1));
        k.planar_inverse(1600, static_cast<T>(c), g.data(), t.data(), log_det.data());
        double worst = 0;
        for (int i = 0; i < 1600; ++i) {
          worst = std::max(worst, std::fabs(std::tanh(g[i] - c * double(t[i])) - t[i]));
        }
        CHECK_MESSAGE(worst < tolerance, c);
      }
    };
    each_target<float>([&](const Kernels<float>& k) { check(k, 0.0F, 1e-4); });
    each_target<double>([&](const Kernels<double>& k) { check(k, 0.0, 1e-12); });
  }

  TEST_CASE("the mixture's inverse arrives where Newton's steps go to and fro") {
    // Narrow components side by side, such as rounded values have.
    const std::vector<double> weight{0.2035, 0.1914, 0.5135, 0.0543, 0.0267, 0.0106};
    const std::vector<double> mean{-0.24977, -0.14248, -0.19494, -0.03256, 5.185, 3.2174};
    const std::vector<double> deviation{0.012481, 0.011634, 0.028344, 0.083632, 0.18144, 1.79};
    const auto check = [&](const auto& k, auto zero, double tolerance) {
      using T = decltype(zero);
      constexpr int n = 8000, components = 6;
      std::vector<T> z(n), x(n), back(n), log_det(n), scale, log_scale;
      std::vector<T> a(n * components), after(n * components), means(n * components);
      for (int i = 0; i < n; ++i) z[i] = static_cast<T>(0.905 + 0.007 * i / n);
      for (int c = 0; c < components; ++c) {
        std::fill_n(a.begin() + c * n, n, static_cast<T>(std::log(weight[c])));
        std::fill_n(means.begin() + c * n, n, static_cast<T>(mean[c]));
        scale.push_back(static_cast<T>(1 / deviation[c]));
        log_scale.push_back(static_cast<T>(-std::log(deviation[c])));
      }
      const MixtureArgs<T> args{n, components, means.data(), n, scale.data(), log_scale.data()};
      k.mixture_inverse(args, z.data(), a.data(), after.data(), x.data(), log_det.data());
      k.mixture_forward(args, x.data(), a.data(), after.data(), back.data(), log_det.data());
      double worst = 0;
      for (int i = 0; i < n; ++i) worst = std::max(worst, std::fabs(double(back[i] - z[i])));
      CHECK(worst < tolerance);
    };
    each_target<float>([&](const Kernels<float>& k) { check(k, 0.0F, 1e-2); });
    each_target<double>([&](const Kernels<double>& k) { check(k, 0.0, 1e-9); });
  }

  TEST_CASE("the way of a turn to the normal distribution and to the unit circle") {
    const auto check = [](const auto& k, auto zero) {
      using T = decltype(zero);
      const double unit = std::numeric_limits<T>::epsilon();
      std::vector<T> u(48), z(48), back(48), log_det(48), back_log_det(48), c(48), s(48);
      for (int i = 0; i < 48; ++i) u[i] = static_cast<T>(-0.5 + i / 47.0);
      u[4] = static_cast<T>(1e-4 - 0.5);
      u[5] = static_cast<T>(0.5 - 1e-5);
      k.quantile_forward(48, u.data(), z.data(), log_det.data());
      k.quantile_inverse(48, z.data(), back.data(), back_log_det.data());
      k.circle_forward(48, u.data(), c.data(), s.data());
      for (int i = 0; i < 48; ++i) {
        CAPTURE(u[i]);
        // Phi(z) - 1/2 = erf(z / sqrt 2) / 2
        CHECK(std::fabs(std::erf(z[i] * std::sqrt(0.5)) / 2 - u[i]) < 4 * unit);
        CHECK(std::fabs(back[i] - u[i]) < 4 * unit);
        CHECK(std::isfinite(z[i]));
        const double log_phi = -0.5 * z[i] * z[i] - 0.91893853320467274178;
        CHECK(std::fabs(log_det[i] + log_phi) < 8 * unit * std::fabs(log_phi));
        CHECK(std::fabs(back_log_det[i] + log_det[i]) < 4 * unit * std::fabs(log_phi));
        const double angle = 2 * 3.14159265358979323846 * u[i];
        CHECK(std::fabs(c[i] - std::cos(angle)) < 2 * unit);
        CHECK(std::fabs(s[i] - std::sin(angle)) < 2 * unit);
      }
      CHECK(z[0] == -z[47]);
      CHECK(c[0] == c[47]);
      CHECK(s[0] == 0);
      CHECK(s[47] == 0);
    };
    each_target<float>([&](const Kernels<float>& k) { check(k, 0.0F); });
    each_target<double>([&](const Kernels<double>& k) { check(k, 0.0); });
  }

  TEST_CASE("gradients are added in the order of the shards") {
    each_target<float>([](const Kernels<float>& k) {
      std::vector<std::vector<float>> parts;
      std::vector<const float*> grads;
      for (unsigned s = 0; s < 5; ++s) parts.push_back(random_numbers<float>(1003, 1, s));
      for (const auto& part : parts) grads.push_back(part.data());
      std::vector<float> sum(1000);
      const double squares = k.reduce_gradients(1000, 5, grads.data(), 3, sum.data());
      double expected = 0;
      for (int i = 0; i < 1000; ++i) {
        float s = parts[0][i + 3];
        for (int p = 1; p < 5; ++p) s += parts[p][i + 3];
        CHECK(sum[i] == s);
        expected += double(s) * double(s);
      }
      CHECK(squares == doctest::Approx(expected).epsilon(1e-12));
    });
  }

  TEST_CASE("Adam follows its paper") {
    each_target<double>([](const Kernels<double>& k) {
      double theta = 1, m = 0, v = 0, check = 1, cm = 0, cv = 0;
      const double decay = 0.1;
      for (int t = 1; t <= 20; ++t) {
        const double grad = 2 * theta, check_grad = 2 * check;
        const double c1 = 1 / (1 - std::pow(0.9, t)), c2 = 1 / (1 - std::pow(0.999, t));
        k.adam({1, &theta, &grad, &m, &v, &decay, 0.05, 0.5, 0.9, 0.999, 1e-8, c1, c2});
        const double g = 0.5 * check_grad;
        cm = 0.9 * cm + 0.1 * g;
        cv = 0.999 * cv + 0.001 * g * g;
        check = check * (1 - 0.05 * decay) - 0.05 * cm * c1 / (std::sqrt(cv * c2) + 1e-8);
        CHECK(theta == doctest::Approx(check).epsilon(1e-12));
      }
    });
  }
}
