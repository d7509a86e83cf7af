#include "commands/fresh_seed.h"

#include <random>

#include "processes/processes.h"
#include "report/log.h"

namespace nflow::app {
namespace {

/// The same in all processes. No longer than what all readers of JSON take for a number.
std::uint64_t fresh_seed() {
  std::random_device device;
  std::uint64_t seed = 0;
  for (int half = 0; half < 2; ++half) {
    double drawn = device();
    if (ranks()) drawn = ranks()->of_first(drawn);
    seed = (seed << 32) | static_cast<std::uint64_t>(drawn);
  }
  return seed >> 11;
}

}  // namespace

std::uint64_t seed_of(const Arguments& arguments) {
  if (arguments.given("seed")) return seed(arguments, 0);
  const std::uint64_t drawn = fresh_seed();
  log_with({{"seed", static_cast<std::int64_t>(drawn)}},
           logs_text() ? spdlog::level::debug : spdlog::level::info,
           fmt::format("drew the seed {0}; --seed {0} draws the same rows again", drawn));
  return drawn;
}

}  // namespace nflow::app
