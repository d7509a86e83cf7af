#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "nflow/evaluator.h"
#include "nflow/mixture_search.h"
#include "sanitized.h"
#include "toy.h"
#include "train/mixture_choice.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

/// Three clusters in the plane, far apart, one of them tilted; and the exact log density.
struct Clusters {
  static constexpr double kX[3] = {-2, 0, 3}, kY[3] = {0, 2, -1}, kWeight[3] = {0.5, 0.3, 0.2};

  RowMatrix rows;
  double log_density = 0;  // mean over the rows

  Clusters(Index n, unsigned seed) : rows(n, 2) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform;
    for (Index r = 0; r < n; ++r) {
      const double u = uniform(random);
      const int k = u < 0.5 ? 0 : (u < 0.8 ? 1 : 2);
      const double a = normal(random), b = normal(random);
      rows(r, 0) = kX[k] + 0.3 * a;
      rows(r, 1) = kY[k] + 0.2 * b + (k == 1 ? 0.4 * a : 0);
      log_density += density(rows(r, 0), rows(r, 1)) / double(n);
    }
  }
  static double density(double x, double y) {
    double sum = 0;
    for (int k = 0; k < 3; ++k) {
      const double a = (x - kX[k]) / 0.3, b = (y - kY[k] - (k == 1 ? 0.4 * a : 0)) / 0.2;
      sum += kWeight[k] * std::exp(-0.5 * (a * a + b * b)) / (2 * 3.14159265358979 * 0.3 * 0.2);
    }
    return std::log(sum);
  }
};

/// A column with a long tail and one with two narrow modes.
Dataset long_tail_and_two_modes(Index n, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Dataset data;
  data.x.resize(n, 2);
  data.context.resize(n, 0);
  for (Index r = 0; r < n; ++r) {
    data.x(r, 0) = std::exp(normal(random));
    data.x(r, 1) = (r % 3 == 0 ? 5 : -5) + 0.1 * normal(random);
  }
  return data;
}

/// Four clusters of deviation 1, in units of `distance`, at the corners of a square.
RowMatrix far_apart(Index rows, double distance, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  RowMatrix data(rows, 2);
  for (Index r = 0; r < rows; ++r) {
    data(r, 0) = (r % 2 == 0 ? -1 : 1) + normal(random) / distance;
    data(r, 1) = (r % 4 < 2 ? -1 : 1) + normal(random) / distance;
  }
  return data;
}

double far_apart_log_density(double distance) {
  return 2 * std::log(distance) - std::log(4) - std::log(2 * 3.14159265358979) - 1;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE(
      "EM finds three clusters to the truth, and a wide component beside them, with any number of "
      "threads the same") {
    const Clusters fit(5000, 1), held_out(5000, 2);
    ThreadPool one(1), three(3);
    const GaussianMixture mixture = MixtureFit(fit.rows, one, 0).fit(4, 200);
    const GaussianMixture again = MixtureFit(fit.rows, three, 0).fit(4, 200);
    CHECK(mixture.slope == again.slope);
    CHECK(mixture.log_weight == again.log_weight);
    const double reached = MixtureFit(fit.rows, one, 0).mean_log_density(mixture, held_out.rows);
    CHECK(reached > held_out.log_density - 0.01);
    CHECK(reached < held_out.log_density + 0.002);
    double weight = 0;
    for (double w : mixture.log_weight) weight += std::exp(w);
    CHECK(weight == doctest::Approx(1));
  }

  TEST_CASE(
      "a chain that begins with a mixture begins from the fitted one, and stays at least it") {
    Dataset fit, validation;
    fit.x = Clusters(3000, 1).rows;
    fit.context.resize(3000, 0);
    const Clusters held_out(3000, 2);
    validation.x = held_out.rows;
    validation.context.resize(3000, 0);
    TrainOptions options = quick("mixture:components=4:fixed=no,nsf-cl:hidden=8", 1);
    options.learning_rate = 1e-9;
    const Model model = train({"x", "y"}, {}, fit, validation, options, nullptr);
    CHECK(model.training.validation_log_prob > held_out.log_density - 0.02);
    // A ruinous training keeps the start.
    options.max_steps = 200;
    options.learning_rate = 1;
    options.clip_norm = 0;
    const Model kept = train({"x", "y"}, {}, fit, validation, options, nullptr);
    CHECK(kept.training.validation_log_prob > held_out.log_density - 0.02);
  }

  TEST_CASE("context weighs the components: a conditional mixture") {
    TrainOptions options = quick("mixture:components=12", 1);
    options.learning_rate = 1e-9;
    const Model model = train({"y"}, {"c"}, wave(4000, 1), wave(1000, 2), options, nullptr);
    const double exact = -0.5 * std::log(2 * 3.14159265358979) - 0.5 - std::log(0.1);
    CHECK(model.training.validation_log_prob > exact - 0.35);
    CHECK(model.training.validation_log_prob < exact + 0.05);
  }

  TEST_CASE("as many components as rows held out ask for, with any number of threads the same") {
    for (const Index n : {300, 6000}) {
      Dataset fit;
      fit.x = Clusters(n, 1).rows;
      fit.context.resize(n, 0);
      const Index chosen = choose_components(fit, 64, {0, 2});
      CHECK(chosen >= 3);
      CHECK(chosen <= 8);
      CHECK(choose_components(fit, 64, {0, 1}) == chosen);
      CHECK(choose_components(fit, 1, {0, 1}) == 1);
    }
  }

  TEST_CASE("clusters are as narrow as they are, however far from each other") {
    ThreadPool pool(2);
    for (const double distance : {10.0, 1e3, 1e6}) {
      CAPTURE(distance);
      const RowMatrix fit = far_apart(2000, distance, 1), held_out = far_apart(2000, distance, 2);
      const MixtureChoice choice({fit}, pool, 0);
      const Index components = choice.components(16);
      CHECK(components >= 4);
      const MixturePrior prior = choice.prior(components);
      const MixtureFit mixture(fit, pool, 0);
      const double reached =
          mixture.mean_log_density(mixture.fit(components, 200, prior), held_out);
      CHECK(reached > far_apart_log_density(distance) - 0.05);
      CHECK(reached < far_apart_log_density(distance) + 0.05);
    }
  }

  TEST_CASE("of two components asked for none is kept for rows far out that there are not") {
    ThreadPool pool(2);
    std::mt19937 random(5);
    std::normal_distribution<double> normal;
    RowMatrix rows(900, 2);  // two clusters, 100 apart
    for (Index r = 0; r < rows.rows(); ++r) {
      rows.row(r) << normal(random) / 50 + (r % 3 == 0 ? -1.0 : 1.0), normal(random) / 50;
    }
    const MixtureChoice choice({rows}, pool, 0);
    const MixturePrior prior = choice.prior(2);
    CHECK(prior.tail == Tail::none);
    const MixtureFit fit(rows, pool, 0);
    const GaussianMixture mixture = fit.fit(2, 200, prior);
    for (const double s : mixture.log_scale)
      CHECK(s == doctest::Approx(std::log(50)).epsilon(0.03));
    const double third = std::exp(std::min(mixture.log_weight[0], mixture.log_weight[1]));
    CHECK(third == doctest::Approx(1.0 / 3).epsilon(0.01));
  }

  TEST_CASE("a few rows far out take neither the scale nor the centres of all others") {
    const Clusters clusters(4000, 1), held_out(4000, 2);
    RowMatrix rows = clusters.rows;
    for (Index r = 0; r < 8; ++r) rows.row(500 * r).setConstant(1e8 * double(r + 1));
    Dataset fit, validation;
    fit.x = rows;
    fit.context.resize(4000, 0);
    validation.x = held_out.rows;
    validation.context.resize(4000, 0);
    const Index components = choose_components(fit, 16, {0, 2});
    TrainOptions options = quick("mixture:components=" + std::to_string(components), 1);
    const Model model = train({"x", "y"}, {}, fit, validation, options, nullptr);
    CHECK(model.scaler.deviation[0] < 10);
    CHECK(model.training.validation_log_prob > held_out.log_density - 0.03);
  }

  TEST_CASE("very few rows, of one component: the normal density that they allow") {
    std::mt19937 random(3);
    std::normal_distribution<double> normal;
    ThreadPool pool(2);
    RowMatrix few(10, 30), fresh(2000, 30);
    for (double& x : few.reshaped()) x = normal(random);
    for (double& x : fresh.reshaped()) x = normal(random);
    const MixtureFit fit(few, pool, 0);
    const double truth = -30 * (0.5 + 0.5 * std::log(2 * 3.14159265358979));
    CHECK(fit.mean_log_density(fit.fit(1, 50), fresh) > truth - 6);
    const RowMatrix one = few.topRows(1);
    CHECK(MixtureChoice({one}, pool, 0).components(8) == 1);
    CHECK(MixtureChoice({one}, pool, 0).prior(8).rows == MixturePrior().rows);
  }

  TEST_CASE("a row far from all others is unlikely, not impossible") {
    const Clusters fit(500, 1);
    ThreadPool pool(1);
    const MixtureFit mixture(fit.rows, pool, 0);
    const RowMatrix far = RowMatrix::Constant(1, 2, 9);
    // By the clusters alone it would be below -300.
    const double density = mixture.mean_log_density(mixture.fit(4, 50), far);
    CHECK(density > -60);
    CHECK(density < -10);
  }

  TEST_CASE("a tail of its own has seen half a far row, and no other") {
    const Clusters fit(500, 1);
    ThreadPool pool(1);
    Eigen::VectorXd least_far(2);
    least_far << 0, 7;
    const GaussianMixture mixture = MixtureFit(fit.rows, pool, 0, {}, least_far).fit(4, 50);
    CHECK(std::exp(mixture.log_weight[3]) == doctest::Approx(0.5 / 500.5));
    CHECK(mixture.log_scale[3] == doctest::Approx(-std::log(2)));
    CHECK(mixture.log_scale[4 + 3] == doctest::Approx(-std::log(7)));
    CHECK(mixture.intercept[3] == 0);
    RowMatrix wild = fit.rows;
    wild(0, 0) = -400;
    const GaussianMixture wide = MixtureFit(wild, pool, 0).fit(4, 50);
    CHECK(wide.log_scale[3] == doctest::Approx(-std::log(1200)));
  }

  TEST_CASE("few rows of a normal density are no mixture, and no product of mixtures" *
            testing::kLong) {
    std::mt19937 random(4);
    std::normal_distribution<double> normal;
    int mixtures = 0, products = 0, correlated = 0;
    for (int i = 0; i < 4; ++i) {
      Dataset fit;
      fit.x.resize(150, 3);
      fit.context.resize(150, 0);
      for (double& x : fit.x.reshaped()) x = normal(random);
      const MixtureSearch search{0, 1, 8};
      const Index components = choose_components(fit, 512, search);
      mixtures += components > 1 ? 1 : 0;
      products += are_independent(fit, components, search) ? 1 : 0;
      fit.x.col(2) = fit.x.col(0) + 0.5 * fit.x.col(2);
      correlated += are_independent(fit, choose_components(fit, 512, search), search) ? 1 : 0;
    }
    CHECK(mixtures <= 1);
    CHECK(products <= 1);
    CHECK(correlated == 0);
  }

  TEST_CASE("a product of columns is told from a joint density") {
    const Dataset apart = long_tail_and_two_modes(400, 1);
    const MixtureSearch search{0, 1, 8};
    CHECK(are_independent(apart, choose_components(apart, 512, search), search));
  }

  TEST_CASE("networks that are ahead of a fitted start by chance alone are not taken") {
    int higher = 0, taken = 0;
    for (unsigned seed = 1; seed <= 4; ++seed) {
      std::mt19937 random(seed);
      std::normal_distribution<double> normal;
      Dataset fit, validation;
      for (Dataset* set : {&fit, &validation}) {
        set->x.resize(set == &fit ? 1000 : 100, 3);
        set->context.resize(set->x.rows(), 0);
        for (double& x : set->x.reshaped()) x = normal(random);
      }
      TrainOptions options = quick("mixture:components=1:fixed=yes,conv1x1,nsf-cl", 1);
      options.max_steps = 300;
      double start = 0;
      bool first = true, once_higher = false;
      const auto progress = [&](const EpochReport& report) {
        if (first) start = report.best_validation;
        first = false;
        once_higher |= report.validation > start;
        return true;
      };
      const Model model = train({"x", "y", "z"}, {}, fit, validation, options, progress);
      higher += once_higher ? 1 : 0;
      taken += model.training.validation_log_prob > start ? 1 : 0;
    }
    MESSAGE("higher than the start: ", higher, ", taken: ", taken, " of 4");
    CHECK(higher >= 1);
    CHECK(taken == 0);
  }

  TEST_CASE("the average of several fits is worth more than they are, most where rows are few") {
    const Clusters fit(120, 1), held_out(5000, 2);
    ThreadPool pool(2);
    const MixtureFit mixture(fit.rows, pool, 0);
    const GaussianMixture average = mixture.fit(25, 50, {}, 3);  // of 8, 8 and 9
    REQUIRE(average.log_weight.size() == 25);
    double weight = 0, single = 0;
    for (const double w : average.log_weight) weight += std::exp(w);
    CHECK(weight == doctest::Approx(1));
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const MixtureFit alone(fit.rows, pool, seed);
      single += alone.mean_log_density(alone.fit(8, 50), held_out.rows) / 5;
    }
    CHECK(mixture.mean_log_density(average, held_out.rows) > single + 0.02);
    const GaussianMixture most = mixture.fit(2, 50, {}, 6);  // no more fits than components
    CHECK(most.log_weight.size() == 2);
    CHECK(std::isfinite(mixture.mean_log_density(most, held_out.rows)));
  }

  TEST_CASE("of averages as many components as fits ask for, or one") {
    ThreadPool pool(2);
    const Clusters three(300, 1);
    const Index chosen = MixtureChoice({three.rows}, pool, 0, 4).components(64);
    CHECK(chosen >= 8);
    CHECK(chosen % 4 == 0);
    CHECK(MixtureChoice({three.rows}, pool, 0, 4).components(3) == 1);
  }

  TEST_CASE("a marginal link starts from each column's own density") {
    TrainOptions options = quick("marginal:components=12", 1);
    options.learning_rate = 1e-9;
    const Model model = train({"a", "b"}, {}, long_tail_and_two_modes(6000, 1),
                              long_tail_and_two_modes(6000, 2), options, nullptr);
    const double entropy = 0.5 * std::log(2 * 3.14159265358979) + 0.5;  // of a standard normal
    const double modes = std::log(0.1) + std::log(3) / 3 + std::log(1.5) * 2 / 3;
    CHECK(model.training.validation_log_prob > -2 * entropy - modes - 0.05);
    CHECK(model.training.validation_log_prob < -2 * entropy - modes + 0.05);
  }

  TEST_CASE("behind another link, where EM does not fit it, a mixture is trained") {
    for (const std::string kind : {"mixture", "neural-mixture", "marginal"}) {
      CAPTURE(kind);
      TrainOptions options = quick("reverse," + kind + ":components=3:fixed=yes", 1);
      options.learning_rate = 1e-9;
      const Dataset fit = long_tail_and_two_modes(600, 1),
                    validation = long_tail_and_two_modes(600, 2);
      const Model before = train({"a", "b"}, {}, fit, validation, options, nullptr);
      options.learning_rate = 0.02;
      options.max_steps = 200;
      const Model after = train({"a", "b"}, {}, fit, validation, options, nullptr);
      CHECK(after.training.validation_log_prob > before.training.validation_log_prob + 0.5);
    }
  }

  TEST_CASE("in a hurry, choices and fits end with what there is") {
    const Clusters three(300, 1);
    ThreadPool pool(2);
    int runs = 0, left = 0;
    pool.interrupt_by({[&] { return ++runs == 0; }, [&] { return runs >= left; }});
    const auto runs_of = [&](int before_hurry, const auto& work) {
      runs = 0;
      left = before_hurry;
      work();
      return runs;
    };
    Index components = 0;
    GaussianMixture mixture;
    const auto choose = [&] { components = MixtureChoice({three.rows}, pool, 0).components(64); };
    const auto fit = [&] { mixture = MixtureFit(three.rows, pool, 0).fit(8, 200); };
    const int whole_choice = runs_of(1 << 30, choose), whole_fit = runs_of(1 << 30, fit);
    CHECK(components == 4);
    for (const int before : {0, 1, 10, 40}) {
      CAPTURE(before);
      // What goes on then is a run for each part of the rows, to fit and to score.
      CHECK(runs_of(before, choose) < before + 30);
      CHECK(runs_of(before, fit) < before + 10);
      CHECK(std::isfinite(MixtureFit(three.rows, pool, 0).mean_log_density(mixture, three.rows)));
    }
    CHECK(whole_choice > 500);
    CHECK(whole_fit > 50);
  }

  TEST_CASE("a choice that is stopped again and again goes on each time, and ends the same") {
    const Clusters three(300, 1);
    Dataset fit;
    fit.x = three.rows;
    fit.context.resize(fit.x.rows(), 0);
    const Index whole = choose_components(fit, 64, {0, 2});
    std::vector<double> found;
    int parts = 0, runs = 0;
    for (Index chosen = 0; chosen == 0 && parts < 100; ++parts) {
      const std::size_t before = found.size();
      const Interruption interruption{
          [&] { return ++runs > 0 && found.size() > before; }, {}, &found};
      try {
        chosen = choose_components(fit, 64, {0, 2, 1, {}, interruption});
        CHECK(chosen == whole);
      } catch (const Interrupted&) {
        CHECK(found.size() == before + 1);
      }
    }
    // What comes after the last of the search is not kept in part.
    CHECK(parts <= static_cast<int>(found.size()) + 1);
  }

  TEST_CASE("rows all alike, and fewer rows than components, give finite mixtures") {
    ThreadPool pool(1);
    RowMatrix same = RowMatrix::Constant(50, 3, 1.5);
    const GaussianMixture flat = MixtureFit(same, pool, 0).fit(4, 50);
    for (double s : flat.log_scale) CHECK(std::isfinite(s));
    for (double s : flat.slope) CHECK(std::isfinite(s));
    RowMatrix few = RowMatrix::Random(3, 2);
    const GaussianMixture many = MixtureFit(few, pool, 0).fit(10, 50);
    for (double s : many.intercept) CHECK(std::isfinite(s));
    CHECK(std::isfinite(MixtureFit(few, pool, 0).mean_log_density(many, few)));
  }
}
