#pragma once

#include <string>

#include "cli/cli.h"

namespace cli {

/// Path of the nflow that was built with MPI; empty where there is none.
extern const char* const kMpiBinary;

/// Runs a script where mpi N ... starts N processes of it, of one thread each.
Outcome mpi_shell(const Workdir& dir, const std::string& script);

/// Why there is nothing to test; empty where there is.
std::string why_no_mpi();

}  // namespace cli
