#pragma once

#include <string>

#include "nflow/csv.h"
#include "nflow/model.h"
#include "options/options.h"

namespace nflow::app {

/// The table that a model was trained on, for one that may be like it. What options say of the
/// manner is left out: they win.
CsvLike like_table_of(const Model& model, const Arguments& arguments);

/// How such a table is written: "; between fields, decimal comma". Empty for plain CSV.
std::string manner_text(const TableManner& manner);

/// Tells in a line how the file was read where that was found in it and not asked for. Call behind
/// its last row.
void tell_of_manner(const CsvReader& reader);

/// Tells of lines inside the table that were no rows, as headers repeated, where there were any.
void tell_of_lines_left_out(const CsvReader& reader);

}  // namespace nflow::app
