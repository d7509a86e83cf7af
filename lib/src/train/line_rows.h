#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nflow/support.h"
#include "nflow/table.h"

namespace nflow {

/// What rows are drawn noise for: the two sets of a training have streams of their own.
enum class RowUse { fit, validation };

/// The way of a training's rows from their supports to the real line.
struct LineMap {
  std::vector<Support> supports;  ///< of the columns in the table's order; empty: all REAL
  std::vector<std::string> names;
  std::uint64_t seed = 0;
};

/// Takes rows there, in place and in the chain's order of columns, and gives each row's log-slope.
/// An integer goes to a random point of its cell, a function of seed, use, row and column: a
/// density on the line with the mass of k on [k, k + 1) is what is to be learnt, and its mean log
/// there is a lower bound of that of the probabilities (Theis, van den Oord and Bethge, "A note on
/// the evaluation of generative models", 2016). `ids` are the rows' numbers in the table; none:
/// they count from 0. Throws Error, naming column and value, for a row outside.
std::vector<double> put_on_line(RowMatrix& rows, const LineMap& map, RowUse use,
                                const std::vector<std::uint64_t>& ids = {});

}  // namespace nflow
