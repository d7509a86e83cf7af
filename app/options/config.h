#pragma once

#include <string>
#include <vector>

#include "options/options.h"

namespace nflow::app {

// Configuration files: what a command line says, in lines that config_text.h reads. Keys are the
// long names of options; that of DATA is "data", a line for each file. Flags are yes or no.

/// Adds what the file of --config says and the command line does not. What the command line says,
/// or excludes, is left aside. `places` gets those of what is added, such as "job.conf:3".
void add_config(const Syntax& syntax, Values& values, std::vector<std::string>& operands,
                Places& places);

/// The configuration file that says the same as the command line, with the options that it leaves
/// alone as comments.
std::string config_file(const Arguments& arguments);

}  // namespace nflow::app
