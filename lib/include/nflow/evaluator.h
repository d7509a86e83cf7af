#pragma once

#include <cstdint>
#include <memory>

#include "nflow/model.h"
#include "nflow/table.h"

namespace nflow {

/// Runs a model over rows, on several threads. The bits do not depend on how many. One caller at a
/// time: the threads and their room are its own. The model must hang together as one that was
/// trained or loaded does: this is not checked again.
/// `context` has one row for each row of data and C columns; pass a matrix of 0 columns where the
/// model has no context.
class Evaluator {
 public:
  Evaluator(const Model& model, int threads);
  ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  /// log p(x | context) in nats, in the units of the columns; x is N x D. A row outside the
  /// supports, or so far out that the model's precision cannot hold it, has -inf. A column of
  /// integers contributes the logarithm of a probability, not of a density.
  void log_prob(const RowMatrix& x, const RowMatrix& context, std::vector<double>& out);
  /// Data to latent, N x D each; in latent space circular columns come first, then
  /// those that are cut into cells. A row outside the
  /// supports becomes NaN, and so does one that the model's precision cannot hold. An integer goes
  /// where the middle of its cell goes; a value of a column that is cut into cells to a point of
  /// its cell that is a function of the row's number, which counts from `first`, so that the latent
  /// numbers are independent and standard normal.
  void to_latent(const RowMatrix& x, const RowMatrix& context, RowMatrix& z,
                 std::uint64_t first = 0);
  /// Latent to data, N x D each; always in the supports.
  void from_latent(const RowMatrix& z, const RowMatrix& context, RowMatrix& x);
  /// Rows first .. first + n - 1 of the stream that `seed` names; row i depends on (seed, i) and
  /// its context alone. The latent deviation is `temperature`.
  void sample(std::uint64_t seed, std::uint64_t first, Index n, const RowMatrix& context,
              double temperature, RowMatrix& x);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nflow
