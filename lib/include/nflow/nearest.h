#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nflow {

/// The candidate that `word` is most likely a misspelling of, for "did you mean": the one with the
/// fewest letters changed, added, left out or swapped with their neighbour, upper or lower case
/// being the same. Empty where none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace nflow
