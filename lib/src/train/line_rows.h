#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nflow/support.h"
#include "nflow/table.h"

namespace nflow {

/// What rows are drawn noise for: the two sets of a training have streams of their own.
enum class RowUse { fit, validation };

/// Takes rows from their supports to the real line for training, in place, and gives each row's
/// log-slope. An integer goes to a random point of its cell, a function of seed, use, row and
/// column: a density on the line with the mass of k on [k, k + 1) is what is to be learnt, and its
/// mean log there is a lower bound of that of the probabilities (Theis, van den Oord and Bethge, "A
/// note on the evaluation of generative models", 2016).
/// Throws Error, naming column and value, for a row outside.
std::vector<double> put_on_line(RowMatrix& rows, const std::vector<Support>& supports,
                                const std::vector<std::string>& names, std::uint64_t seed,
                                RowUse use);

}  // namespace nflow
