#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "check/axis.h"
#include "check/kernel_proposal.h"
#include "check/mass_integral.h"
#include "math/constants.h"
#include "sanitized.h"

using namespace nflow;

namespace {

using Verdict = Finding::Verdict;
using Row = Eigen::Ref<const Eigen::RowVectorXd, 0, Eigen::InnerStride<>>;

double log_normal(double x, double mean, double deviation) {
  const double y = (x - mean) / deviation;
  return -0.5 * y * y - kHalfLogTwoPi - std::log(deviation);
}

/// A law with its sampler.
struct Law {
  const char* name;
  Index columns;
  std::function<void(std::mt19937&, double*)> draw;
  std::function<double(const double*)> log_density;
};

double normal_draw(std::mt19937& random) { return std::normal_distribution<double>()(random); }
double uniform_draw(std::mt19937& random) {
  return std::uniform_real_distribution<double>()(random);
}

/// What the cells of a cubature pass over.
std::vector<Law> laws() {
  const auto log_sum = [](double a, double b) {
    const double top = std::fmax(a, b);
    return top + std::log(std::exp(a - top) + std::exp(b - top));
  };
  return {
      {"two clusters 10,000 deviations apart", 1,
       [](std::mt19937& random, double* x) {
         x[0] = (random() % 2 == 0 ? 1 : -1) + 2e-4 * normal_draw(random);
       },
       [=](const double* x) {
         return log_sum(log_normal(x[0], 1, 2e-4), log_normal(x[0], -1, 2e-4)) - std::log(2.0);
       }},
      {"infinite at both ends", 1,
       [](std::mt19937& random, double* x) {
         x[0] = std::pow(std::sin(kPi / 2 * uniform_draw(random)), 2);
       },
       [](const double* x) {
         return x[0] > 0 && x[0] < 1 ? -std::log(kPi) - 0.5 * std::log(x[0] * (1 - x[0]))
                                     : -std::numeric_limits<double>::infinity();
       }},
      {"Cauchy's tails", 1,
       [](std::mt19937& random, double* x) { x[0] = std::tan(kPi * (uniform_draw(random) - 0.5)); },
       [](const double* x) { return -std::log(kPi * (1 + x[0] * x[0])); }},
      {"a ridge along a parabola", 2,
       [](std::mt19937& random, double* x) {
         x[0] = normal_draw(random);
         x[1] = x[0] * x[0] + 0.01 * normal_draw(random);
       },
       [](const double* x) {
         return log_normal(x[0], 0, 1) + log_normal(x[1], x[0] * x[0], 0.01);
       }},
      {"twenty far clusters", 2,
       [](std::mt19937& random, double* x) {
         const auto k = static_cast<double>(random() % 20);
         x[0] = std::sin(7 * k) + 1e-3 * normal_draw(random);
         x[1] = std::cos(5 * k) + 1e-3 * normal_draw(random);
       },
       [=](const double* x) {
         double sum = -1e9;
         for (int k = 0; k < 20; ++k) {
           sum = log_sum(sum, log_normal(x[0], std::sin(7.0 * k), 1e-3) +
                                  log_normal(x[1], std::cos(5.0 * k), 1e-3));
         }
         return sum - std::log(20.0);
       }},
  };
}

DrawnDensity drawn(const Law& law, unsigned seed,
                   const std::function<double(const double*)>& log_density) {
  std::mt19937 random(seed);
  DrawnDensity density;
  density.draws.resize(4000, law.columns);
  for (Index i = 0; i < density.draws.rows(); ++i) law.draw(random, density.draws.row(i).data());
  density.circular.assign(static_cast<std::size_t>(law.columns), false);
  density.seed = seed;
  density.log_density = [=](const RowMatrix& rows) {
    std::vector<double> values;
    for (Index i = 0; i < rows.rows(); ++i) values.push_back(log_density(rows.row(i).data()));
    return values;
  };
  return density;
}

}  // namespace

TEST_SUITE("check") {
  TEST_CASE("the mass of narrow, far and endless densities is 1" * testing::kLong) {
    for (const Law& law : laws()) {
      for (unsigned seed = 1; seed <= 3; ++seed) {
        CAPTURE(law.name);
        CAPTURE(seed);
        const Finding finding = mass_finding(drawn(law, seed, law.log_density));
        CAPTURE(finding.detail);
        CHECK(finding.verdict == Verdict::ok);
        if (law.columns == 1) CHECK(finding.figure < 1e-3);
      }
    }
  }

  TEST_CASE("what is doubled, cut, or stretched without its slope has no mass of 1" *
            testing::kLong) {
    for (const Law& law : laws()) {
      CAPTURE(law.name);
      const auto& p = law.log_density;
      const Index last = law.columns - 1;
      const auto doubled = [=](const double* x) { return p(x) + std::log(2.0); };
      const auto cut = [=](const double* x) {
        return x[0] > 0.1 ? -std::numeric_limits<double>::infinity() : p(x);
      };
      const auto stretched = [=](const double* x) {
        double y[2] = {x[0], law.columns > 1 ? x[1] : 0};
        y[last] *= 1.0001;
        return p(y) + std::log(0.9);
      };
      CHECK(mass_finding(drawn(law, 1, doubled)).verdict == Verdict::off);
      CHECK(mass_finding(drawn(law, 1, cut)).verdict == Verdict::off);
      CHECK(mass_finding(drawn(law, 1, stretched)).verdict == Verdict::off);
    }
  }

  TEST_CASE("a mass that nobody can tell is told as such, and no number as off" * testing::kLong) {
    const Law law = laws()[3];
    // Where draws never are: of a hundred peaks cells meet one or another.
    const auto elsewhere = [](const double* x) {
      return log_normal(x[0], 40.1234, 1e-5) + log_normal(x[1], 33.3, 1e-5);
    };
    CHECK(mass_finding(drawn(law, 1, elsewhere)).verdict != Verdict::ok);
    const auto none = [](const double*) { return std::nan(""); };
    CHECK(mass_finding(drawn(law, 1, none)).verdict == Verdict::off);
  }

  TEST_CASE("a circle's mass is found beside its seam, too") {
    Law law{"", 1,
            [](std::mt19937& random, double* x) {
              x[0] = std::remainder(0.5 + 1e-5 * normal_draw(random), 1.0);
            },
            [](const double* x) { return log_normal(x[0] < 0 ? x[0] + 1 : x[0], 0.5, 1e-5); }};
    DrawnDensity density = drawn(law, 1, law.log_density);
    density.circular = {true};
    const Finding finding = mass_finding(density);
    CHECK(finding.verdict == Verdict::ok);
    CHECK(finding.figure < 1e-4);
  }

  TEST_CASE("a proposal of kernels has a mass of 1, and draws from it") {
    RowMatrix centres(3, 2);
    centres << 0, 0, 1, 0, 0, 2;
    const KernelProposal proposal(centres);
    const RowMatrix rows = proposal.sample(20000, Random(1, Purpose::check));
    // The mean of 1 / q over draws in a box is its area.
    const std::vector<double> log_q = proposal.log_prob(rows);
    double area = 0;
    for (Index i = 0; i < rows.rows(); ++i) {
      const bool inside = std::fabs(rows(i, 0)) < 1.5 && std::fabs(rows(i, 1)) < 2;
      if (inside) area += std::exp(-log_q[static_cast<std::size_t>(i)]) / 20000;
    }
    CHECK(area == doctest::Approx(12).epsilon(0.05));
  }

  TEST_CASE("cells beside each other are of like width, whatever the gaps") {
    Eigen::VectorXd draws(2000);
    std::mt19937 random(1);
    for (Index i = 0; i < draws.size(); ++i) {
      draws(i) = (i % 2 == 0 ? 1e6 : 0) + static_cast<double>(i / 2) / 1000;
    }
    const std::vector<double> edges = Axis(false, draws, Axis::Cuts::all_along).edges();
    CHECK(edges.size() < 1300);
    double widest = 0;
    for (std::size_t i = 2; i < edges.size(); ++i) {
      const double ratio = (edges[i] - edges[i - 1]) / (edges[i - 1] - edges[i - 2]);
      if (edges[i - 2] > 0 && edges[i] < 1e6) widest = std::max({widest, ratio, 1 / ratio});
    }
    CHECK(widest < 4.5);
  }
}
