#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "stats/two_sample.h"

using namespace nflow;

namespace {

RowMatrix normals(Index rows, Index columns, unsigned seed, double shift = 0) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(shift);
  RowMatrix x(rows, columns);
  for (double& value : x.reshaped()) value = normal(random);
  return x;
}

double mean_distance(const RowMatrix& a, const RowMatrix& b) {
  double sum = 0;
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < b.rows(); ++j) sum += (a.row(i) - b.row(j)).norm();
  }
  return sum / static_cast<double>(a.rows() * b.rows());
}

}  // namespace

TEST_SUITE("stats") {
  TEST_CASE("the energy distance is that of its formula") {
    ThreadPool pool(2);
    const RowMatrix a = normals(37, 3, 1), b = normals(37, 3, 2, 0.5);
    const double expected = 2 * mean_distance(a, b) - mean_distance(a, a) - mean_distance(b, b);
    CHECK(energy_test(a, b, false, 1, 99, pool).statistic ==
          doctest::Approx(expected).epsilon(1e-5));
    CHECK(energy_test(a, a, false, 1, 99, pool).statistic == doctest::Approx(0));
  }

  TEST_CASE("p of samples of one distribution is uniform, of two small, on any threads") {
    ThreadPool one(1), three(3);
    int below = 0;
    constexpr int runs = 300;
    for (unsigned seed = 0; seed < runs; ++seed) {
      const RowMatrix a = normals(20, 2, 2 * seed), b = normals(20, 2, 2 * seed + 1);
      const TestResult result = energy_test(a, b, false, seed, 199, three);
      below += result.p <= 0.1;
      if (seed < 5) CHECK(energy_test(a, b, false, seed, 199, one).p == result.p);
    }
    CHECK(std::abs(below - 30) < 20);
    const TestResult shifted =
        energy_test(normals(400, 3, 1), normals(400, 3, 2, 0.3), false, 1, 999, three);
    CHECK(shifted.p == doctest::Approx(0.001));  // no exchange gives as much
  }

  TEST_CASE("pairs given the same are exchanged with each other alone") {
    ThreadPool pool(2);
    RowMatrix given = normals(300, 1, 7), a(300, 2), b(300, 2);
    const RowMatrix noise = normals(300, 1, 8), other = normals(300, 1, 11);
    for (const double shift : {0.0, 0.5}) {
      a << given, given + noise;
      b << given, given + other + RowMatrix::Constant(300, 1, shift);
      const TestResult result = energy_test(a, b, true, 1, 999, pool);
      CAPTURE(result.p);
      CHECK((shift == 0 ? result.p > 0.05 : result.p < 0.01));
    }
  }

  TEST_CASE("pooled ranks share what is equal") {
    RowMatrix a(3, 2), b(2, 2);
    a << 5, 1, 1, 2, 5, 3;
    b << -2, 4, 5, 5;
    to_pooled_ranks(a, b, 0);
    CHECK(a(1, 0) == doctest::Approx(0.3));
    CHECK(b(0, 0) == doctest::Approx(0.1));
    CHECK(a(0, 0) == doctest::Approx(0.7));
    CHECK((a(0, 0) == a(2, 0) && a(0, 0) == b(1, 0)));
    CHECK(a(2, 1) == 3);
  }
}
