#pragma once

#include <string>
#include <vector>

#include "nflow/kinds.h"
#include "nflow/labels.h"
#include "training/train_data.h"

namespace nflow::app {

/// What each of so many columns is read as: the modelled ones, which come first, by what was said
/// of them, then the context, then the weights as numbers.
std::vector<CsvColumn> reader_columns(const std::vector<Support>& supports,
                                      const std::vector<bool>& given, std::size_t all, bool infer);

/// Gives each modelled column that nobody spoke of the kind that its values look like, takes out of
/// data and rows what cannot be modelled, and tells of both. `rows` are all of the table, or the
/// sample of a large one; labels are those of its columns. Where holes are no values of a column,
/// they do not count.
void infer_kinds(TrainData& data, RowMatrix& rows, std::vector<Labels>& labels,
                 const std::vector<bool>& given, bool holes_are_values);

/// Fits what the rows to train on say of the columns: bins of those that are cut into cells, and,
/// where kinds are inferred, scales. The labels of the rows to validate with, and of `others`, are
/// labels of a column too.
void fit_kinds(TrainData& data, const std::vector<Labels>& labels, std::uint64_t seed, int threads,
               const RowMatrix& others = {});

/// Tells which columns got a scale.
void tell_scales(const TrainData& data);

/// Takes out columns of the chain that others determine exactly, but those that somebody spoke of,
/// and their labels, and tells of them.
void leave_out_dependent(TrainData& data, std::vector<Labels>& labels);

/// Finds what the context's columns hold, tells of what is not plain numbers, and makes the context
/// of the rows its features. `categories`: which columns hold labels though they look like numbers.
void fit_context(TrainData& data, const std::vector<Labels>& labels,
                 const std::vector<bool>& categories);

/// The columns that are not cut into cells, for what looks at numbers alone. Those on a grid, which
/// stand before the chain, are context there.
TrainData without_cut_columns(const TrainData& data);

}  // namespace nflow::app
