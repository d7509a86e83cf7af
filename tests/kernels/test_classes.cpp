#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "kernels/targets.h"

// Columns of classes, on every instruction set, against sums in plain double.

using namespace nflow;
using namespace nflow::testing;

namespace {

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

constexpr std::ptrdiff_t kRows = 2 * kRowStep;

/// Logits of some rows, and what plain sums make of them.
template <class T>
struct Classes {
  explicit Classes(std::ptrdiff_t count)
      : classes(count),
        h(random_numbers<T>(static_cast<std::size_t>(count * kRows), 1.5, 1)),
        bias(random_numbers<T>(static_cast<std::size_t>(count), 1, 2)),
        x(static_cast<std::size_t>(kRows)) {
    const std::vector<double> places =
        random_numbers<double>(static_cast<std::size_t>(kRows), 1, 3);
    for (std::ptrdiff_t i = 0; i < kRows; ++i) {
      const double share = 0.02 + 0.96 * normal_cdf(places[static_cast<std::size_t>(i)]);
      x[static_cast<std::size_t>(i)] = static_cast<T>(static_cast<double>(i * 7 % count) + share);
    }
  }

  ClassArgs<T> args() const { return {kRows, classes, h.data(), kRows, bias.data()}; }
  double logit(std::ptrdiff_t row, std::ptrdiff_t k) const {
    return double(h[static_cast<std::size_t>(k * kRows + row)]) +
           double(bias[static_cast<std::size_t>(k)]);
  }
  std::vector<double> shares(std::ptrdiff_t row) const {
    double total = 0;
    std::vector<double> p;
    for (std::ptrdiff_t k = 0; k < classes; ++k) p.push_back(std::exp(logit(row, k)));
    for (const double e : p) total += e;
    for (double& e : p) e /= total;
    return p;
  }
  /// F of a row's x.
  double below(std::ptrdiff_t row, double at) const {
    const std::vector<double> p = shares(row);
    const auto own = static_cast<std::size_t>(at);
    double sum = 0;
    for (std::size_t k = 0; k < own; ++k) sum += p[k];
    return sum + (at - std::floor(at)) * p[own];
  }
  double log_share(std::ptrdiff_t row) const {
    return std::log(shares(row)[static_cast<std::size_t>(x[static_cast<std::size_t>(row)])]);
  }

  std::ptrdiff_t classes;
  std::vector<T> h, bias, x;
};

template <class T>
void check_forward(const Kernels<T>& k, const Classes<T>& c) {
  const double fine = sizeof(T) == 4 ? 1e-4 : 1e-10;
  std::vector<T> z(c.x.size()), log_det(c.x.size(), T(1)), alone(c.x.size(), T(1));
  k.class_forward(c.args(), c.x.data(), z.data(), log_det.data());
  k.class_forward(c.args(), c.x.data(), nullptr, alone.data());
  for (std::ptrdiff_t i = 0; i < kRows; ++i) {
    const auto r = static_cast<std::size_t>(i);
    CHECK(std::fabs(normal_cdf(double(z[r])) - c.below(i, double(c.x[r]))) < fine);
    const double half = 0.5 * std::log(2 * 3.14159265358979323846);
    const double expected = 1 + c.log_share(i) + half;
    CHECK(std::fabs(double(alone[r]) - expected) < fine * 10);
    CHECK(std::fabs(double(log_det[r]) - (expected + 0.5 * double(z[r]) * double(z[r]))) <
          fine * 10);
  }
}

template <class T>
void check_inverse(const Kernels<T>& k, const Classes<T>& c) {
  const double fine = sizeof(T) == 4 ? 1e-4 : 1e-10;
  const std::vector<T> z = random_numbers<T>(c.x.size(), 1.2, 4);
  std::vector<T> x(z.size()), again(z.size()), log_det(z.size(), T(0));
  k.class_inverse(c.args(), z.data(), x.data(), log_det.data());
  for (std::ptrdiff_t i = 0; i < kRows; ++i) {
    const auto r = static_cast<std::size_t>(i);
    REQUIRE(x[r] >= 0);
    REQUIRE(double(x[r]) < double(c.classes));
    CHECK(std::fabs(c.below(i, double(x[r])) - normal_cdf(double(z[r]))) < fine);
  }
  k.class_forward(c.args(), x.data(), again.data(), log_det.data());
  for (const T sum : log_det) CHECK(std::fabs(double(sum)) < fine * 100);
}

template <class T>
void check_backward(const Kernels<T>& k, const Classes<T>& c) {
  const double fine = sizeof(T) == 4 ? 1e-5 : 1e-12;
  const std::vector<T> pull = random_numbers<T>(c.x.size(), 1, 5);
  std::vector<T> dh(c.h.size());
  k.class_backward(c.args(), c.x.data(), pull.data(), dh.data());
  for (std::ptrdiff_t i = 0; i < kRows; ++i) {
    const auto r = static_cast<std::size_t>(i);
    const std::vector<double> p = c.shares(i);
    for (std::ptrdiff_t j = 0; j < c.classes; ++j) {
      const bool own = j == static_cast<std::ptrdiff_t>(c.x[r]);
      const double expected = double(pull[r]) * ((own ? 1 : 0) - p[static_cast<std::size_t>(j)]);
      CHECK(std::fabs(double(dh[static_cast<std::size_t>(j * kRows + i)]) - expected) < fine);
    }
  }
}

template <class T>
void check_features(const Kernels<T>& k, const Classes<T>& c) {
  const std::vector<T> scores = random_numbers<T>(static_cast<std::size_t>(c.classes), 1, 6);
  for (const bool scored : {false, true}) {
    std::vector<T> out(static_cast<std::size_t>((c.classes + 1) * kRows), T(7));
    k.class_features(kRows, c.classes, scored ? scores.data() : nullptr, c.x.data(), out.data(),
                     kRows);
    for (std::ptrdiff_t i = 0; i < kRows; ++i) {
      const auto own = static_cast<std::ptrdiff_t>(c.x[static_cast<std::size_t>(i)]);
      const auto at = [&](std::ptrdiff_t j) {
        return out[static_cast<std::size_t>(j * kRows + i)];
      };
      for (std::ptrdiff_t j = 0; j < c.classes; ++j) CHECK(at(j) == T(j == own ? 1 : 0));
      CHECK(at(c.classes) == (scored ? scores[static_cast<std::size_t>(own)] : T(7)));
    }
  }
}

template <class T>
void check_mixture(const Kernels<T>& k, const Classes<T>& c) {
  constexpr std::ptrdiff_t components = 3;
  const double fine = sizeof(T) == 4 ? 1e-4 : 1e-10;
  std::vector<T> share = random_numbers<T>(static_cast<std::size_t>(components * c.classes), 1, 7);
  std::vector<T> weight = random_numbers<T>(static_cast<std::size_t>(components * kRows), 1, 8);
  for (std::vector<T>* numbers : {&share, &weight}) {
    for (T& number : *numbers) number = std::exp(number);
  }
  std::vector<T> h = c.h, x = c.x, after = weight;
  x.front() = std::numeric_limits<T>::quiet_NaN();
  const ClassMixtureArgs<T> args{kRows,     c.classes,    components, share.data(),
                                 c.classes, after.data(), kRows};
  k.class_mixture(args, h.data(), kRows);
  k.class_mixture_given(args, x.data());
  const auto at = [&](const std::vector<T>& of, std::ptrdiff_t i, std::ptrdiff_t cols,
                      std::ptrdiff_t j) {
    return double(of[static_cast<std::size_t>(i * cols + j)]);
  };
  for (std::ptrdiff_t i = 0; i < kRows; ++i) {
    const auto own = static_cast<std::ptrdiff_t>(c.x[static_cast<std::size_t>(i)]);
    double total = 0;
    for (std::ptrdiff_t j = 0; j < c.classes; ++j) {
      double sum = 0;
      for (std::ptrdiff_t m = 0; m < components; ++m) {
        sum += at(weight, m, kRows, i) * at(share, m, c.classes, j);
      }
      CHECK(std::fabs(at(h, j, kRows, i) - at(c.h, j, kRows, i) - std::log(sum)) < fine);
      if (j == own) total = sum;
    }
    for (std::ptrdiff_t m = 0; m < components; ++m) {
      const double before = at(weight, m, kRows, i);
      const double expected = i == 0 ? before : before * at(share, m, c.classes, own) / total;
      CHECK(std::fabs(at(after, m, kRows, i) - expected) < fine * (1 + expected));
    }
  }
}

template <class T>
void check_all(const Kernels<T>& k) {
  for (const std::ptrdiff_t count :
       {std::ptrdiff_t{1}, std::ptrdiff_t{2}, std::ptrdiff_t{7}, kMaxBins}) {
    CAPTURE(count);
    const Classes<T> classes(count);
    check_forward(k, classes);
    check_inverse(k, classes);
    check_backward(k, classes);
    check_features(k, classes);
    check_mixture(k, classes);
  }
}

}  // namespace

TEST_SUITE("kernels") {
  TEST_CASE("classes: shares, places, gradients and features are those of plain sums") {
    each_target<float>([](const Kernels<float>& k) { check_all(k); });
    each_target<double>([](const Kernels<double>& k) { check_all(k); });
  }

  TEST_CASE("classes: no latent place, however far, leaves them, and NaN stays NaN") {
    each_target<float>([](const Kernels<float>& k) {
      const Classes<float> c(5);
      std::vector<float> z(c.x.size(), std::nanf("")), x(z.size()), log_det(z.size(), 0);
      const float far[] = {0, 6, -6, 14, -14, 40, -1e4F, 1e20F, -3e38F};
      std::copy(std::begin(far), std::end(far), z.begin());
      k.class_inverse(c.args(), z.data(), x.data(), log_det.data());
      for (std::size_t i = 0; i < std::size(far); ++i) {
        CHECK(x[i] >= 0);
        CHECK(x[i] < 5);
      }
      CHECK(std::isnan(x.back()));
    });
  }
}
