#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nflow/region.h"
#include "options/options.h"
#include "tables/model_input.h"

namespace nflow::app {

/// --where of sample and logprob.
Option where_option(const std::string& help, std::vector<std::string> excludes = {});

/// What it says of the model's columns; none where it is absent. Throws UsageError.
std::optional<Condition> where_of(const Arguments& arguments, const Model& model);

/// Tells the region's mass in a line; `what` says of what it is a share.
void tell_mass(const RegionMass& mass, const std::string& what);

/// What none of the draws of a mass in a region says of it: that it is below 3 / N, with 95 %.
std::string none_inside(Index draws);

/// Makes log p of rows what it is given the region that --where names.
class GivenRegion {
 public:
  /// `evaluator` is the model's. Throws Error where the region is empty for all that the model's
  /// own draws tell; a mass that holds for all rows is told at once.
  GivenRegion(const Arguments& arguments, const Model& model, Evaluator& evaluator);

  /// Does --where say anything?
  explicit operator bool() const { return condition_.has_value(); }
  /// Takes log P(region | context) from the log p of the rows in the region; others have -inf. A
  /// row in a region without mass for its context cannot be used.
  void apply(ModelInput& input, std::vector<double>& log_prob);
  /// Is row `i` of those that came last to be written?
  bool shows(std::size_t i) const { return unusable_.empty() || !unusable_[i]; }
  /// Tells how many rows were outside, and of masses that are not told yet. `shared`: has each
  /// process seen its own rows only?
  void tell(bool shared) const;

 private:
  void find_masses(ModelInput& input, std::vector<double>& log_prob);

  std::optional<Condition> condition_;
  std::optional<RegionMasses> masses_;
  bool has_context_ = false;
  double log_mass_ = 0;  // where there is no context
  std::vector<char> inside_;
  std::vector<bool> unusable_;
  std::uint64_t outside_ = 0;
  double least_ = 2, most_ = -1, largest_error_ = 0;  // of the masses, by context
};

}  // namespace nflow::app
