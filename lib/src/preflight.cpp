#include "nflow/preflight.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "dependence.h"
#include "stats/moments.h"

namespace nflow {
namespace {

constexpr double kLongTail = 2;  // skewness: that of an exponential distribution

Spike commonest_value(const RowMatrix& rows, Index column) {
  std::vector<double> values(rows.rows());
  for (Index r = 0; r < rows.rows(); ++r) values[r] = rows(r, column);
  std::sort(values.begin(), values.end());
  Spike spike{column, 0, 0};
  std::size_t most = 0;
  for (std::size_t first = 0; first < values.size();) {
    std::size_t end = first + 1;
    while (end < values.size() && values[end] == values[first]) ++end;
    if (end - first > most) {
      most = end - first;
      spike.value = values[first];
    }
    first = end;
  }
  spike.share = static_cast<double>(most) / static_cast<double>(values.size());
  return spike;
}

void look_far_out(const RowMatrix& rows, Index first, std::vector<FarOut>& found) {
  for (Index j = 0; j < rows.cols(); ++j) {
    const Inner inner = inner_part(rows, j);
    if (!(inner.deviation > 0)) continue;
    FarOut far{first + j, 0, inner.median};
    for (const double x : rows.col(j)) {
      const double away = std::fabs(x - inner.median);
      if (!(away > kFarOutDeviations * inner.deviation)) continue;
      ++far.rows;
      if (away > std::fabs(far.value - inner.median)) far.value = x;
    }
    const bool few = static_cast<double>(far.rows) <= kFarOutShare * double(rows.rows());
    if (far.rows > 0 && few) found.push_back(far);
  }
}

/// A 64-bit digest of a row: Fibonacci hashing of each word (by 2^64 / phi), and a shift that stirs
/// the high bits down.
std::uint64_t digest(const RowMatrix& rows, Index r, std::uint64_t hash) {
  for (Index j = 0; j < rows.cols(); ++j) {
    const double value = rows(r, j) + 0.0;  // -0 is 0
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof word);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  return hash;
}

/// The chance that two different rows among a million have one digest is 3 in 10^8.
double repeated_share(const Dataset& data) {
  std::vector<std::uint64_t> digests;
  for (Index r = 0; r < data.x.rows(); ++r) {
    digests.push_back(digest(data.x, r, digest(data.context, r, 0xcbf29ce484222325u)));
  }
  std::sort(digests.begin(), digests.end());
  const auto different = std::unique(digests.begin(), digests.end()) - digests.begin();
  return 1 - static_cast<double>(different) / static_cast<double>(digests.size());
}

}  // namespace

bool has_long_tail(const RowMatrix& rows, Index column) {
  const Eigen::ArrayXd x = rows.col(column).array();
  if (!(x > 0).all()) return false;
  const Eigen::ArrayXd scaled = x / x.maxCoeff();  // the cube of a large number must not overflow
  const double skew = skewness(scaled);
  return skew > kLongTail && std::fabs(skewness(scaled.log())) < skew / 2;
}

Preflight inspect(const Dataset& fit) {
  Preflight found;
  if (fit.x.rows() > fit.x.cols() + fit.context.cols() + 1) {
    for (Dependence& dependence : find_dependences(fit)) {
      const bool exact = dependence.residual < kExactResidual;
      (exact ? found.exact : found.near).push_back(std::move(dependence));
    }
  }
  for (Index j = 0; j < fit.x.cols(); ++j) {
    Spike spike = commonest_value(fit.x, j);
    spike.column += fit.context.cols();
    if (spike.share > kSpikeShare) found.spikes.push_back(spike);
  }
  look_far_out(fit.context, 0, found.far_out);
  look_far_out(fit.x, fit.context.cols(), found.far_out);
  found.repeated = repeated_share(fit);
  return found;
}

}  // namespace nflow
