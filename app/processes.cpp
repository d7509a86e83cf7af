#include "processes.h"

#include <numeric>
#include <vector>

#include "nflow/error.h"
#include "nflow/output_file.h"

namespace nflow::app {

std::uint64_t sum_of_all(std::uint64_t count) {
  if (!ranks()) return count;
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(ranks()->count()));
  counts[static_cast<std::size_t>(ranks()->rank())] = count;
  gather(ranks(), counts);
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void print(const std::string& text) {
  if (first_rank()) write_file("-", text);
}

void refuse_shared_input(const std::string& path) {
  if (!ranks() || path != "-") return;
  throw UsageError("several processes cannot read one standard input: name a file");
}

}  // namespace nflow::app
