#pragma once

#include <vector>

#include "nflow/labels.h"
#include "nflow/ranks.h"

namespace nflow {

/// The new number of each label of each column; columns without any stay as they are.
using LabelNumbers = std::vector<std::vector<Index>>;

void renumber(RowMatrix& rows, const LabelNumbers& numbers);

/// Makes `labels`, which a rank found in its part of a table, those of the whole: numbered as one
/// process numbers them, as long as none has overflowed. Gives the new numbers of the rank's own
/// labels. All ranks call it together with as many columns.
LabelNumbers share_labels(Ranks* ranks, std::vector<Labels>& labels);

}  // namespace nflow
