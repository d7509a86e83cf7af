#include "cli/mpi.h"

namespace cli {

#ifdef NFLOW_MPI_BINARY
const char* const kMpiBinary = NFLOW_MPI_BINARY;
#else
const char* const kMpiBinary = "";
#endif

Outcome mpi_shell(const Workdir& dir, const std::string& script) {
  return dir.shell(
      "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
      "OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl_vader_single_copy_mechanism=none "
      "ASAN_OPTIONS=detect_leaks=0\n"
      "mpi() { n=$1; shift; mpirun -q -n $n '" +
      std::string(kMpiBinary) + "' \"$@\" --threads 1; }\n" + script);
}

std::string why_no_mpi() {
  if (kMpiBinary[0] == '\0') return "MPI is not installed";
  const Workdir dir;
  const Outcome result = mpi_shell(dir, "mpi 2 train --version");
  return result.status == 0 ? "" : "mpirun does not start: " + result.err;
}

}  // namespace cli
