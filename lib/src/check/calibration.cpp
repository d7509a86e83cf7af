#include "nflow/calibration.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>

#include "nflow/evaluator.h"
#include "standardised.h"
#include "stats/distributions.h"

namespace nflow {
namespace {

constexpr std::uint32_t kCellStream = 3U << 30;
constexpr Index kBlock = 8192;     // draws at once
constexpr Index kCellPoints = 64;  // of which one stands for whole numbers

/// Rows of which each is there `times` times, one after the other.
RowMatrix repeated(const RowMatrix& rows, Index times) {
  RowMatrix many(rows.rows() * times, rows.cols());
  for (Index i = 0; i < many.rows(); ++i) many.row(i) = rows.row(i / times);
  return many;
}

bool has_integers(const Model& model) {
  return std::any_of(model.supports.begin(), model.supports.end(),
                     [](const Support& s) { return s.kind == Support::Kind::integer; });
}

/// The first place at which the densities so far reach `share` of their sum.
Index drawn_place(const double* log_density, Index n, double share) {
  const double top = *std::max_element(log_density, log_density + n);
  double sum = 0;
  for (Index i = 0; i < n; ++i) sum += std::exp(log_density[i] - top);
  double left = share * sum;
  Index place = 0;
  while (place + 1 < n && (left -= std::exp(log_density[place] - top)) >= 0) ++place;
  return place;
}

}  // namespace

RowMatrix column_places(const Model& model, const Dataset& rows, Index draws, std::uint64_t seed,
                        int threads) {
  Evaluator evaluator(model, threads);
  const Random random(seed, Purpose::check);
  RowMatrix places(rows.x.rows(), rows.x.cols()), drawn;
  const Index most = std::max<Index>(1, kBlock / draws);
  for (Index first = 0; first < places.rows(); first += most) {
    const Index n = std::min(most, places.rows() - first);
    const RowMatrix context = repeated(rows.context.middleRows(first, n), draws);
    evaluator.sample(seed, FarRows::calibration + static_cast<std::uint64_t>(first * draws),
                     n * draws, context, 1, drawn);
    for (Index i = first; i < first + n; ++i) {
      for (Index j = 0; j < places.cols(); ++j) {
        double below = 0, same = 1;
        for (Index d = (i - first) * draws; d < (i - first + 1) * draws; ++d) {
          below += drawn(d, j) < rows.x(i, j) ? 1 : 0;
          same += drawn(d, j) == rows.x(i, j) ? 1 : 0;
        }
        const auto stream = static_cast<std::uint32_t>(j) + (1U << 31);
        const double part = random.uniform(static_cast<std::uint64_t>(i), stream);
        places(i, j) = (below + part * same) / static_cast<double>(draws + 1);
      }
    }
  }
  return places;
}

RowMatrix latent_numbers(const Model& model, const Dataset& rows, std::uint64_t seed, int threads) {
  const Random random(seed, Purpose::check);
  const Model chain = standardised(in_double(model));
  Evaluator evaluator(chain, threads);
  RowMatrix latent;
  if (!has_integers(model)) {
    evaluator.to_latent(standardised_rows(model, rows.x, random, 0), rows.context, latent);
    return latent;
  }
  RowMatrix points(rows.x.rows(), rows.x.cols());
  const Index most = kBlock / kCellPoints;
  for (Index first = 0; first < points.rows(); first += most) {
    const Index n = std::min(most, points.rows() - first);
    const RowMatrix many = standardised_rows(
        model, repeated(rows.x.middleRows(first, n), kCellPoints), random, first * kCellPoints);
    std::vector<double> log_density;
    evaluator.log_prob(many, repeated(rows.context.middleRows(first, n), kCellPoints), log_density);
    for (Index i = 0; i < n; ++i) {
      const double share = random.uniform(static_cast<std::uint64_t>(first + i), kCellStream);
      points.row(first + i) = many.row(
          i * kCellPoints + drawn_place(log_density.data() + i * kCellPoints, kCellPoints, share));
    }
  }
  evaluator.to_latent(points, rows.context, latent);
  return latent;
}

std::vector<double> radius_places(const RowMatrix& latent) {
  std::vector<double> places;
  for (Index i = 0; i < latent.rows(); ++i) {
    if (!latent.row(i).allFinite()) continue;
    const double squares = latent.row(i).squaredNorm();
    places.push_back(chi_squared_tails(squares, static_cast<double>(latent.cols())).below);
  }
  return places;
}

CountBand chance_band(Index n, Index bins, double share) {
  const boost::math::binomial counts(static_cast<double>(n), 1 / static_cast<double>(bins));
  return {boost::math::quantile(counts, (1 - share) / 2),
          boost::math::quantile(counts, (1 + share) / 2)};
}

}  // namespace nflow
