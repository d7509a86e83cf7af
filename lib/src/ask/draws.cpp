#include "ask/draws.h"

#include "math/random.h"
#include "nflow/labels.h"

namespace nflow {

RowMatrix fixed_latent(Index first, Index n, Index columns) {
  const Random random(0, Purpose::ask);
  RowMatrix z(n, columns);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < columns; ++j) {
      z(i, j) =
          random.normal_pair(static_cast<std::uint64_t>(first + i),
                             static_cast<std::uint32_t>(j / 2))[static_cast<std::size_t>(j % 2)];
    }
  }
  return z;
}

RowMatrix draws_given(Evaluator& evaluator, const RowMatrix& latent, const RowMatrix& context) {
  RowMatrix rows;
  evaluator.from_latent(latent.replicate(context.rows(), 1), each_repeated(context, latent.rows()),
                        rows);
  return rows;
}

RowMatrix each_repeated(const RowMatrix& rows, Index times) {
  RowMatrix many(rows.rows() * times, rows.cols());
  for (Index i = 0; i < many.rows(); ++i) many.row(i) = rows.row(i / times);
  return many;
}

RowKey key_of(const RowMatrix& rows, Index row) {
  RowKey key;
  for (const double value : rows.row(row)) key.push_back(bits_of(value));
  return key;
}

}  // namespace nflow
