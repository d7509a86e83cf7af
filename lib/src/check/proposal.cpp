#include "check/proposal.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "math/constants.h"

namespace nflow {

Proposal::Proposal(GaussianMixture mixture)
    : mixture_(std::move(mixture)),
      components_(static_cast<Index>(mixture_.log_weight.size())),
      columns_(static_cast<Index>(mixture_.intercept.size()) / components_) {}

double Proposal::conditional_mean(Index column, Index component, const double* row) const {
  const Index place = column * components_ + component;
  double mean = mixture_.intercept[place];
  for (Index i = 0; i < column; ++i) mean += mixture_.slope[place * columns_ + i] * row[i];
  return mean;
}

RowMatrix Proposal::sample(Index n, const Random& random) const {
  RowMatrix rows(n, columns_);
  for (Index i = 0; i < n; ++i) {
    const auto number = static_cast<std::uint64_t>(i);
    double left = random.uniform(number, 0);
    Index k = 0;
    while (k + 1 < components_ && (left -= std::exp(mixture_.log_weight[k])) > 0) ++k;
    for (Index e = 0; e < columns_; ++e) {
      const auto pair = static_cast<std::uint32_t>(1 + e / 2);
      rows(i, e) = conditional_mean(e, k, rows.row(i).data()) +
                   random.normal_pair(number, pair)[e % 2] *
                       std::exp(-mixture_.log_scale[e * components_ + k]);
    }
  }
  return rows;
}

std::vector<double> Proposal::log_prob(const RowMatrix& rows) const {
  std::vector<double> out;
  std::vector<double> terms(static_cast<std::size_t>(components_));
  for (Index i = 0; i < rows.rows(); ++i) {
    const double* row = rows.row(i).data();
    for (Index k = 0; k < components_; ++k) {
      double sum = mixture_.log_weight[k];
      for (Index e = 0; e < columns_; ++e) {
        const double log_scale = mixture_.log_scale[e * components_ + k];
        const double y = (row[e] - conditional_mean(e, k, row)) * std::exp(log_scale);
        sum += log_scale - y * y / 2 - kHalfLogTwoPi;
      }
      terms[k] = sum;
    }
    const double top = *std::max_element(terms.begin(), terms.end());
    double sum = 0;
    for (const double term : terms) sum += std::exp(term - top);
    out.push_back(top + std::log(sum));
  }
  return out;
}

}  // namespace nflow
