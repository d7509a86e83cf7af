#pragma once

#include <cstdint>
#include <vector>

#include "nflow/evaluator.h"
#include "nflow/table.h"

namespace nflow {

/// Rows that are evaluated at once.
inline constexpr Index kAskedRows = 8192;

/// Rows first .. first + n - 1 of independent standard normal numbers that are always the same: a
/// model's own draws given a context are then a function of that alone.
RowMatrix fixed_latent(Index first, Index n, Index columns);

/// Evaluator::from_latent of those for each row of `context`, one context after the other.
RowMatrix draws_given(Evaluator& evaluator, const RowMatrix& latent, const RowMatrix& context);

/// Rows of which each is there `times` times, one after the other.
RowMatrix each_repeated(const RowMatrix& rows, Index times);

/// The bits of a row, by which what was found for a context is found again: what is NaN has an
/// order among them too.
using RowKey = std::vector<std::uint64_t>;
RowKey key_of(const RowMatrix& rows, Index row);

}  // namespace nflow
