#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nflow {

/// The candidate that `word` is most likely a misspelling of, for "did you mean": the one with the
/// fewest letters changed, added, left out or swapped with their neighbour, upper or lower case
/// being the same. Where none is near, the only one that begins with the word, has it as a part
/// ("max-steps" of "steps") or is a part of it. Empty where there is no such one either.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "; did you mean 'max-steps'?" of that candidate, printable; empty where there is none.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace nflow
