#pragma once

#include "math/random.h"
#include "nflow/model.h"

namespace nflow {

/// The chain by itself: the same density over the numbers that it sees, which are those of
/// Support's u, standardised. All columns are REAL, or circles in turns.
Model standardised(Model model);

/// Rows of the model, of which the first has this number, as rows of standardised(): whole numbers
/// go to points of their cells drawn by `random`. A value outside its support is NaN.
RowMatrix standardised_rows(const Model& model, RowMatrix rows, const Random& random,
                            std::uint64_t first);

/// The model with numbers in the columns that are cut into cells: the u of their Cells, in which
/// each bin has width 1.
Model with_cell_numbers(Model model);

bool holds_cell_numbers(const Model& model);

/// Rows of the model as rows of that, values with a cell at points of it drawn by `random`. A value
/// outside its support is NaN.
RowMatrix cell_numbers(const Model& model, RowMatrix rows, const Random& random);

}  // namespace nflow
