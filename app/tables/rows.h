#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nflow/csv.h"
#include "nflow/model.h"
#include "nflow/table.h"

namespace nflow::app {

/// Rows that are read, evaluated and written at once.
inline constexpr Index kChunkRows = 8192;

/// The D columns `names` that a model reads, followed by its context columns.
std::vector<std::string> with_context(std::vector<std::string> names, const Model& model);

/// Positions of `names` in the reader's file: by name, in any order, where there is a header. In a
/// file without one, names x2, x5, ... (as a file without header gives them) say the positions
/// themselves if it has that many; otherwise it must have these columns, in this order, and no
/// others.
/// Throws Error, naming file and column, where that cannot be.
std::vector<Index> locate_columns(const CsvReader& reader, const std::vector<std::string>& names);

/// Has the reader take the model's marks for missing, and holes where some column has any.
void understand_model(const Model& model, CsvFormat& format);

/// What each of the model's columns and its context may hold.
std::vector<Support> read_supports(const Model& model);
/// The labels of columns with these supports, by number; none of numbers.
std::vector<Labels> known_labels(const std::vector<Support>& supports);

/// Has the reader, whose selected columns have these supports, read them as what they are, and
/// refuse a value that is missing where a column has no holes.
void select_kinds(const std::vector<Support>& supports, CsvReader& reader);

/// Says what is wrong with a row's values; an empty text where nothing is.
using RowCheck = std::function<std::string(const double* row)>;
/// Checks the context, whose columns begin at that one; null where any numbers will do.
RowCheck context_check(const Model& model, Index at);

/// The delimiter that goes between fields which are added to a record of the file.
char written_delimiter(const CsvReader& reader);

/// Warns where the first line was taken for a header unasked and looks like data.
void warn_of_numeric_header(const CsvReader& reader, const CsvFormat& format);

/// Appends a line of column names / of numbers, without the line end.
void append_names(std::string& out, const std::vector<std::string>& names, char delimiter);
void append_numbers(std::string& out, const double* values, Index count, char delimiter,
                    char decimal = '.');
/// Appends a value of a column with these cells, or of one without, as a field.
void append_value_of(std::string& out, const Cells* cells, double value, char delimiter,
                     char decimal);
/// Appends a row of the model's columns: numbers, labels as they were spelt, nothing for a hole.
void append_row(std::string& out, const Model& model, const double* values, char delimiter,
                char decimal = '.');
/// The same of the context's columns.
void append_context(std::string& out, const Model& model, const double* values, char delimiter,
                    char decimal = '.');
/// Is each value of such a row a number, or a label or hole of its column?
bool is_complete(const Model& model, const double* values);

}  // namespace nflow::app
