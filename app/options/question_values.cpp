#include "options/question_values.h"

#include <algorithm>

#include "nflow/error.h"
#include "options/values.h"

namespace nflow::app {
namespace {

constexpr std::size_t kMostShares = 1000;

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

}  // namespace

std::vector<Share> parse_shares(const std::string& option, std::string_view text) {
  std::vector<Share> shares;
  for (const std::string& part : parts_of(text)) {
    shares.push_back({parse_real(option, part, {0, 1, true, true}), part});
    const auto same = [&](const Share& share) { return share.text == part; };
    if (std::count_if(shares.begin(), shares.end(), same) > 1) {
      throw UsageError(option + ": '" + part + "' is there twice");
    }
  }
  if (shares.size() > kMostShares) {
    throw UsageError(option + ": more than " + std::to_string(kMostShares) + " shares");
  }
  return shares;
}

double ValueGrid::value(std::size_t i) const {
  if (i + 1 == count) return high;
  return low + (high - low) * (static_cast<double>(i) / static_cast<double>(count - 1));
}

ValueGrid parse_grid(const std::string& option, std::string_view text) {
  const std::vector<std::string> parts = parts_of(text);
  if (parts.size() != 3) {
    throw UsageError(option + ": '" + std::string(text) + "' is not LO,HI,N");
  }
  const ValueGrid grid{parse_real(option, parts[0], {}), parse_real(option, parts[1], {}),
                       parse_count(option, parts[2], 2, kMostGridValues)};
  if (!(grid.low < grid.high)) {
    throw UsageError(option + ": LO must be less than HI in '" + std::string(text) + "'");
  }
  return grid;
}

}  // namespace nflow::app
