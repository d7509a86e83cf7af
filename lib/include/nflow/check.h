#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "nflow/dataset.h"
#include "nflow/model.h"

namespace nflow {

/// One thing that check_model() looked at.
struct Finding {
  enum class Verdict { ok, off, open };  ///< open: this model gives no answer to this question

  std::string name;
  double figure;  ///< a deviation, to be at most `limit`; of a test p, to be at least `limit`
  double limit;
  bool is_p;  ///< is the figure the p of a test, adjusted for the number of tests?
  Verdict verdict;
  std::string detail;  ///< a few words on what the figure is
};

struct CheckOptions {
  double alpha = 0.01;  ///< the chance that any test finds fault with a model that is right
  std::uint64_t seed = 0;
  int threads = 1;
  std::function<void(const std::string&)> begins = {};  ///< told what it looks at next
};

/// Holds a model against what a density must be: its map there and back, its log-determinant
/// against finite differences, its mass, its samples against its log p. With `data`, rows that
/// it was not trained on, also against these: two samples, voids that samples or rows lie in, each
/// column, and the latent numbers, which should be standard normal. A conditional model needs
/// `data` for the values of its context. Throws Error where that is missing, and where `data` has
/// fewer rows than two. The same model, data and options give the same findings.
std::vector<Finding> check_model(const Model& model, const Dataset* data,
                                 const CheckOptions& options);

}  // namespace nflow
