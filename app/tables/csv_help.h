#pragma once

#include <string>

#include "nflow/csv.h"
#include "options/options.h"

namespace nflow::app {

// What the library knows to help with a table, as a message ends: "; try --delimiter ';'".

/// Names the options of the command; empty where it has none that help.
std::string words_for(const CsvHelp& help, const Arguments& arguments);

/// The words for CsvReader::first_line_help(), whose options all commands have that read a table.
std::string first_line_words(const CsvReader& reader);

}  // namespace nflow::app
