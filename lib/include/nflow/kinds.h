#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nflow/context_kind.h"
#include "nflow/dataset.h"
#include "nflow/front.h"
#include "nflow/support.h"

namespace nflow {

/// A column as it was read: numbers, labels and holes (labels.h).
struct ColumnValues {
  std::vector<double> values;
  std::vector<double> weights = {};      ///< one a value, or none
  std::vector<std::string> labels = {};  ///< by number; of a column of numbers none
};

/// What a column is taken for where nobody said, or why it cannot be modelled.
struct InferredKind {
  Support support;       ///< without its cells
  std::string left_out;  ///< the reason; empty: it is modelled
};

/// The kind of a column, by rules whose thresholds stand in lib/src/auto/kinds.cpp:
///   text that repeats        CATEGORY; text that hardly does is left out
///   whole numbers            GRID[1], or INTEGER where most values are seen a few times only;
///                            two values are a CATEGORY, a counter is left out
///   decimals with many ties  GRID of their step
///   a value that many share  an atom beside REAL, or POSITIVE where the others are above 0
///   holes                    +{missing}
///   else                     REAL
InferredKind infer_kind(const ColumnValues& column);

/// What a context column holds: labels where any value is one, or where `category` says so, which
/// share bins as in fit_cells(); else numbers. Throws Error where its labels are free text; the
/// message goes on from the column's name.
ContextKind fit_context_kind(const ColumnValues& column, bool category);

/// Where a column is one of numbers, and texts among them are known marks for missing, marks that
/// other columns were `found` to have, or so few that they must be marks, makes holes of these and
/// numbers of the labels that spell some; returns the marks.
std::vector<std::string> take_marks(ColumnValues& column,
                                    const std::vector<std::string>& found = {});

/// Where all columns would be left out, text that hardly repeats is better than nothing.
void leave_some(std::vector<InferredKind>& kinds);

/// Are the distinct numbers few enough, or most rows at few of them, that bins hold them?
bool holds_few_whole(const ColumnValues& column);

/// The support with its bins fitted to the values; INTEGER becomes GRID[1] where bins hold it. One
/// without cells stays as it is.
Support fit_cells(const Support& support, const ColumnValues& column, std::uint64_t seed,
                  int threads);

/// The net for columns with cells that suits so many rows.
CellNet default_cell_net(Index rows);

/// The same, with a mixture to begin at, the average of four fits, where the table is small and
/// rows held out say so. None where there is context, which the mixture would not see.
CellNet choose_cell_net(const Dataset& fit, const std::vector<Support>& supports,
                        std::uint64_t seed, int threads);

}  // namespace nflow
