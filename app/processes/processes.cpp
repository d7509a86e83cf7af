#include "processes/processes.h"

#include "nflow/error.h"
#include "nflow/output_file.h"

namespace nflow::app {

std::uint64_t sum_of_all(std::uint64_t count) { return nflow::sum_of_all(ranks(), count); }

void print(const std::string& text) {
  if (first_rank()) write_file("-", text);
}

void refuse_shared_input(const std::string& path) {
  if (!ranks() || path != "-") return;
  throw UsageError("several processes cannot read one standard input: name a file");
}

}  // namespace nflow::app
