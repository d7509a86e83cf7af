#include "pictures/samples.h"

#include "math/random.h"
#include "nflow/error.h"
#include "nflow/pictures.h"

namespace nflow {

RowMatrix finite_samples(Evaluator& evaluator, const RowMatrix& context, std::uint64_t seed,
                         std::uint64_t first) {
  RowMatrix rows;
  evaluator.sample(seed, first, context.rows(), context, 1, rows);
  if (!rows.allFinite()) throw Error("samples are beyond the model's precision");
  return rows;
}

RowMatrix samples_beside(const RowMatrix& context, const Model& model, std::uint64_t seed,
                         int threads) {
  Evaluator evaluator(model, threads);
  return finite_samples(evaluator, context, seed, FarRows::pictures);
}

}  // namespace nflow
