#include "stats/labelled_mixture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "math/pick.h"
#include "math/random.h"
#include "stats/hole_pattern.h"

namespace nflow {
namespace {

// Sums are those of chunks in their order, so that threads change no bit.
constexpr Index kChunks = 32;

// A component has seen so many labels of each column more, with all rows' shares.
constexpr double kLabelsMore = 1;

constexpr double kLeastVariance = 1e-12;

// Few rows have many local optima and cost little.
constexpr int kStartIterations = 10, kMostIterations = 60;
constexpr Index kFewRows = 5000;
constexpr double kSettled = 2e-4;  // nats a row

/// Two rows of another label are as far from each other as two numbers of an average distance.
constexpr double kLabelDistance = 2;

struct Sums {
  double log_density = 0, weight = 0;
  Eigen::VectorXd count;                // K
  Eigen::MatrixXd mean;                 // E x K
  std::vector<Eigen::MatrixXd> square;  // K times E x E
  std::vector<Eigen::MatrixXd> labels;  // L times levels x K

  explicit Sums(const LabelledMixture& like)
      : count(Eigen::VectorXd::Zero(like.components())),
        mean(Eigen::MatrixXd::Zero(like.columns(), like.components())),
        square(like.covariance.size(), Eigen::MatrixXd::Zero(like.columns(), like.columns())) {
    for (const Eigen::MatrixXd& p : like.probability) {
      labels.push_back(Eigen::MatrixXd::Zero(p.rows(), p.cols()));
    }
  }

  Sums& operator+=(const Sums& other) {
    log_density += other.log_density;
    weight += other.weight;
    count += other.count;
    mean += other.mean;
    for (std::size_t k = 0; k < square.size(); ++k) square[k] += other.square[k];
    for (std::size_t l = 0; l < labels.size(); ++l) labels[l] += other.labels[l];
    return *this;
  }
};

double weight_of(const HoledRows& rows, Index row) {
  return rows.weights.empty() ? 1 : rows.weights[static_cast<std::size_t>(row)];
}

void add_pattern(const LabelledMixture& mixture, const HoledRows& rows, const PatternRows& which,
                 Sums& sums) {
  const PatternView view(mixture, rows, which);
  Eigen::VectorXd weight(which.count);
  for (Index i = 0; i < which.count; ++i) weight(i) = weight_of(rows, which.row[i]);
  sums.log_density += weight.dot(view.log_density());
  sums.weight += weight.sum();
  const Eigen::MatrixXd share = weight.asDiagonal() * view.share();
  sums.count += share.colwise().sum().transpose();
  for (Index k = 0; k < mixture.components(); ++k) {
    const Eigen::MatrixXd weighted = view.completed(k) * share.col(k).asDiagonal();
    Eigen::MatrixXd& square = sums.square[static_cast<std::size_t>(k)];
    sums.mean.col(k) += weighted.rowwise().sum();
    square.noalias() += weighted * view.completed(k).transpose();
    square(view.missing(), view.missing()) += share.col(k).sum() * view.spread(k);
  }
  for (Index l = 0; l < rows.labels.cols(); ++l) {
    for (Index i = 0; i < which.count; ++i) {
      const int label = rows.labels(which.row[i], l);
      if (label >= 0) sums.labels[static_cast<std::size_t>(l)].row(label) += share.row(i);
    }
  }
}

Sums sums_of(const LabelledMixture& mixture, const HoledRows& rows, const std::vector<Index>& order,
             ThreadPool& pool) {
  std::vector<Sums> parts(kChunks, Sums(mixture));
  pool.run(kChunks, [&](Index chunk, int) {
    const Index first = chunk * rows.rows() / kChunks;
    const Index last = (chunk + 1) * rows.rows() / kChunks;
    each_pattern(rows, order, first, last, [&](const PatternRows& which) {
      add_pattern(mixture, rows, which, parts[static_cast<std::size_t>(chunk)]);
    });
  });
  for (Index c = 1; c < kChunks; ++c) parts.front() += parts[static_cast<std::size_t>(c)];
  return parts.front();
}

LabelledMixture most_likely(Sums sums, const LabelledPrior& prior,
                            const std::vector<Eigen::VectorXd>& all) {
  const Index components = sums.count.size();
  LabelledMixture mixture;
  const Eigen::ArrayXd count = sums.count.array() + 1e-3;
  mixture.log_weight = (count / count.sum()).log();
  mixture.mean = sums.mean;
  Eigen::ArrayXd typical = Eigen::ArrayXd::Zero(sums.mean.rows());  // log variance
  for (Index k = 0; k < components; ++k) {
    Eigen::MatrixXd& scatter = sums.square[static_cast<std::size_t>(k)];
    mixture.mean.col(k) /= count(k);
    scatter -= count(k) * mixture.mean.col(k) * mixture.mean.col(k).transpose();
    typical +=
        count(k) / count.sum() * (scatter.diagonal().array() / count(k)).max(kLeastVariance).log();
  }
  typical = typical.exp();
  for (Index k = 0; k < components; ++k) {
    Eigen::MatrixXd covariance = sums.square[static_cast<std::size_t>(k)];
    covariance.diagonal().array() += prior.rows * prior.variance * typical;
    covariance /= count(k) + prior.rows;
    covariance.diagonal().array() += kLeastVariance;
    mixture.covariance.push_back(std::move(covariance));
  }
  for (std::size_t l = 0; l < all.size(); ++l) {
    Eigen::MatrixXd probability = sums.labels[l].colwise() + kLabelsMore * all[l];
    for (Index k = 0; k < components; ++k) probability.col(k) /= probability.col(k).sum();
    mixture.probability.push_back(std::move(probability));
  }
  return mixture;
}

std::vector<Eigen::VectorXd> shares_of_labels(const HoledRows& rows,
                                              const std::vector<Index>& levels) {
  std::vector<Eigen::VectorXd> shares;
  for (std::size_t l = 0; l < levels.size(); ++l) {
    Eigen::VectorXd share = Eigen::VectorXd::Constant(levels[l], 1e-3);
    for (Index i = 0; i < rows.rows(); ++i) {
      const int label = rows.labels(i, static_cast<Index>(l));
      if (label >= 0) share(label) += weight_of(rows, i);
    }
    shares.push_back(share / share.sum());
  }
  return shares;
}

/// The square of the distance between two rows, where both have a value; what is missing is as far
/// as values are in the mean.
double distance(const HoledRows& rows, Index a, Index b) {
  double sum = 0;
  for (Index e = 0; e < rows.numbers.cols(); ++e) {
    const double apart = std::asinh(rows.numbers(a, e)) - std::asinh(rows.numbers(b, e));
    sum += apart == apart ? apart * apart : kLabelDistance;
  }
  for (Index l = 0; l < rows.labels.cols(); ++l) {
    sum += rows.labels(a, l) == rows.labels(b, l) ? 0 : kLabelDistance;
  }
  return sum;
}

}  // namespace

LabelledFit::LabelledFit(const HoledRows& rows, const std::vector<Index>& levels, ThreadPool& pool,
                         std::uint64_t seed)
    : LabelledFit(rows, shares_of_labels(rows, levels), pool, seed) {}

LabelledFit::LabelledFit(const HoledRows& rows, std::vector<Eigen::VectorXd> shares,
                         ThreadPool& pool, std::uint64_t seed)
    : rows_(rows), pool_(pool), seed_(seed), order_(by_pattern(rows)), all_(std::move(shares)) {}

// Centres far from each other (Arthur and Vassilvitskii, "k-means++", 2007), with round components
// as wide as rows are from the nearest.
LabelledMixture LabelledFit::start(Index components, std::uint32_t number) const {
  const Random random(seed_, Purpose::imputation);
  const Index n = std::min<Index>(rows_.rows(), 2048), columns = rows_.numbers.cols();
  const auto row_at = [&](Index i) { return i * rows_.rows() / n; };
  Eigen::ArrayXd near = Eigen::ArrayXd::Constant(n, 1);
  LabelledMixture mixture;
  mixture.log_weight =
      Eigen::VectorXd::Constant(components, -std::log(static_cast<double>(components)));
  mixture.mean = Eigen::MatrixXd::Zero(columns, components);
  for (const Eigen::VectorXd& share : all_) {
    mixture.probability.push_back(share.replicate(1, components));
  }
  for (Index k = 0; k < components; ++k) {
    const double at = random.uniform(static_cast<std::uint64_t>(k), number) * near.sum();
    const Index centre = row_at(pick(at, n, [&](Index i) { return near(i); }));
    for (Index e = 0; e < columns; ++e) {
      const double x = rows_.numbers(centre, e);
      if (x == x) mixture.mean(e, k) = x;
    }
    for (std::size_t l = 0; l < all_.size(); ++l) {
      const int label = rows_.labels(centre, static_cast<Index>(l));
      if (label < 0 || components == 1) continue;
      mixture.probability[l].col(k) /= 2;
      mixture.probability[l](label, k) += 0.5;
    }
    for (Index i = 0; i < n; ++i) {
      const double apart = distance(rows_, row_at(i), centre);
      near(i) = k == 0 ? apart : std::min(near(i), apart);
    }
  }
  const double all = static_cast<double>(columns + rows_.labels.cols());
  const double variance = components == 1 ? 1 : std::max(near.mean() / all, 1e-4);
  mixture.covariance.assign(static_cast<std::size_t>(components),
                            variance * Eigen::MatrixXd::Identity(columns, columns));
  return mixture;
}

LabelledMixture LabelledFit::climb(LabelledMixture mixture, const LabelledPrior& prior,
                                   int most_iterations, double& density) const {
  density = -std::numeric_limits<double>::infinity();
  for (int i = 0; i < most_iterations; ++i) {
    Sums sums = sums_of(mixture, rows_, order_, pool_);
    const double before = std::exchange(density, sums.log_density / sums.weight);
    mixture = most_likely(std::move(sums), prior, all_);
    if (i > 3 && density - before < kSettled) break;
  }
  return mixture;
}

LabelledMixture LabelledFit::fit(Index components, const LabelledPrior& prior, int starts) const {
  if (components == 1 || rows_.rows() >= kFewRows) starts = 1;
  LabelledMixture best;
  double best_density = -std::numeric_limits<double>::infinity();
  for (int s = 0; s < starts; ++s) {
    double density = 0;
    LabelledMixture mixture =
        climb(start(components, static_cast<std::uint32_t>(components * 16 + s)), prior,
              starts == 1 ? kMostIterations : kStartIterations, density);
    if (s > 0 && !(density > best_density)) continue;
    best_density = density;
    best = std::move(mixture);
  }
  return starts == 1 ? best : climb(std::move(best), prior, kMostIterations, best_density);
}

std::vector<double> log_densities(const LabelledMixture& mixture, const HoledRows& rows,
                                  ThreadPool& pool) {
  const std::vector<Index> order = by_pattern(rows);
  std::vector<double> density(order.size());
  pool.run(kChunks, [&](Index chunk, int) {
    each_pattern(rows, order, chunk * rows.rows() / kChunks, (chunk + 1) * rows.rows() / kChunks,
                 [&](const PatternRows& which) {
                   const PatternView view(mixture, rows, which);
                   for (Index i = 0; i < which.count; ++i) {
                     density[static_cast<std::size_t>(which.row[i])] = view.log_density()(i);
                   }
                 });
  });
  return density;
}

namespace {

void fill_row(const LabelledMixture& mixture, const PatternView& view, Index i, Index row,
              const std::vector<Eigen::MatrixXd>& roots, const Random& random, std::uint32_t stream,
              HoledRows& rows) {
  const auto place = static_cast<std::uint64_t>(row) << 24;  // room for a row's numbers
  const Index k = pick(random.uniform(place, stream), mixture.components(),
                       [&](Index c) { return view.share()(i, c); });
  const std::vector<Index>& missing = view.missing();
  Eigen::VectorXd noise(static_cast<Index>(missing.size()));
  for (Index m = 0; m < noise.size(); ++m) {
    noise(m) = random.normal_pair(place + 1 + static_cast<std::uint64_t>(m), stream)[0];
  }
  noise = roots[static_cast<std::size_t>(k)] * noise;
  for (Index m = 0; m < noise.size(); ++m) {
    const Index e = missing[static_cast<std::size_t>(m)];
    rows.numbers(row, e) = view.completed(k)(e, i) + noise(m);
  }
  const std::uint64_t labels = place + 1 + missing.size();
  for (Index l = 0; l < rows.labels.cols(); ++l) {
    if (rows.labels(row, l) >= 0) continue;
    const double u = random.uniform(labels + static_cast<std::uint64_t>(l), stream);
    const Eigen::MatrixXd& probability = mixture.probability[static_cast<std::size_t>(l)];
    rows.labels(row, l) = static_cast<int>(
        pick(u, probability.rows(), [&](Index label) { return probability(label, k); }));
  }
}

}  // namespace

void fill_holes(const LabelledMixture& mixture, HoledRows& rows, std::uint64_t seed,
                std::uint32_t stream, ThreadPool& pool) {
  const std::vector<Index> order = by_pattern(rows);
  const Random random(seed, Purpose::imputation);
  pool.run(kChunks, [&](Index chunk, int) {
    const Index last = (chunk + 1) * rows.rows() / kChunks;
    each_pattern(rows, order, chunk * rows.rows() / kChunks, last, [&](const PatternRows& which) {
      const PatternView view(mixture, rows, which);
      std::vector<Eigen::MatrixXd> roots;
      for (Index k = 0; k < mixture.components(); ++k) {
        Eigen::MatrixXd spread = view.spread(k);
        spread.diagonal().array() += kLeastVariance;
        roots.push_back(spread.llt().matrixL());
      }
      for (Index i = 0; i < which.count; ++i) {
        fill_row(mixture, view, i, which.row[i], roots, random, stream, rows);
      }
    });
  });
}

}  // namespace nflow
