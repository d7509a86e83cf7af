#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nflow/mean_estimate.h"
#include "nflow/model.h"
#include "nflow/summary.h"

namespace nflow {

/// The mean log p of several models, and of each two their mean difference, over the rows of a
/// stream. What makes a row hard is mostly the same for all models and cancels in a difference,
/// whose standard error is therefore much smaller than those of the means. A row counts where all
/// models give it a finite log p; the others are only counted. Nats; its memory is the square of
/// the number of models.
class Comparison {
 public:
  explicit Comparison(std::size_t models);

  /// log p of some more rows: a vector for each model, all of one length.
  void add(const std::vector<std::vector<double>>& log_prob);

  std::uint64_t rows() const { return rows_; }          ///< that counted
  std::uint64_t left_out() const { return left_out_; }  ///< that some model gives no finite log p
  /// The rows that this model gives none.
  std::uint64_t infinite(std::size_t model) const { return infinite_[model]; }
  MeanEstimate mean(std::size_t model) const { return means_[model].mean(); }
  /// The mean of log p of `model` less that of `other`.
  MeanEstimate difference(std::size_t model, std::size_t other) const;

 private:
  const Summary& pair(std::size_t high, std::size_t low) const;

  std::vector<Summary> means_;
  std::vector<Summary> pairs_;  // (1, 0), (2, 0), (2, 1), (3, 0) ...
  std::vector<std::uint64_t> infinite_;
  std::uint64_t rows_ = 0, left_out_ = 0;
};

/// Why log p of two models are no densities of the same rows: "only A has the column 'x'"; empty
/// where they are. The order of columns and the context may differ.
std::string not_comparable(const Model& a, const std::string& name_a, const Model& b,
                           const std::string& name_b);

/// The Kullback-Leibler divergence of p from q in nats, the mean of log p - log q over rows of p:
/// what is lost on each where q stands for p.
struct Divergence {
  MeanEstimate estimate;  ///< infinite where q gives a row of p the density 0
  std::uint64_t rows;     ///< draws that it is the mean of
  std::uint64_t outside;  ///< of these, that q gives the density 0
  std::uint64_t lost;     ///< draws beyond p's own precision, which are none of them
};

/// From the first `n` rows of p's stream `seed`, as Evaluator::sample() draws them. The models have
/// the same columns, as not_comparable() says, and no context. The same bits for any number of
/// threads.
Divergence divergence(const Model& p, const Model& q, std::uint64_t n, std::uint64_t seed,
                      int threads);

}  // namespace nflow
