#include "commands/region.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "nflow/error.h"
#include "nflow/printable.h"
#include "processes/processes.h"
#include "report/log.h"

namespace nflow::app {

Option where_option(const std::string& help, std::vector<std::string> excludes) {
  return {"where", 0, "EXPRESSION", help, std::move(excludes)};
}

std::optional<Condition> where_of(const Arguments& arguments, const Model& model) {
  const auto text = arguments.find("where");
  if (!text) return std::nullopt;
  try {
    return Condition(*text, model.columns, model.supports);
  } catch (const UsageError& problem) {
    throw UsageError(arguments.spelling("where") + ": " + problem.what());
  }
}

void tell_mass(const RegionMass& mass, const std::string& what) {
  log_with({{"region_mass", mass.mass()},
            {"region_mass_stderr", mass.error()},
            {"region_draws", static_cast<std::int64_t>(mass.draws)}},
           spdlog::level::info,
           fmt::format("the region has {:.4g} of {}, standard error {:.2g} ({} draws)", mass.mass(),
                       what, mass.error(), mass.draws));
}

std::string none_inside(Index draws) {
  return fmt::format(
      "none of {} rows drawn from the model is in the region, whose mass is below {:.1g} (95 %)",
      draws, 3 / static_cast<double>(draws));
}

GivenRegion::GivenRegion(const Arguments& arguments, const Model& model, Evaluator& evaluator)
    : condition_(where_of(arguments, model)), has_context_(!model.context.empty()) {
  if (!condition_) return;
  masses_.emplace(model, evaluator, *condition_);
  if (has_context_) return;
  const RegionMass mass = (*masses_)(RowMatrix(0, 0), 0);
  if (mass.inside == 0) {
    throw Error(arguments.spelling("where") + ": " + none_inside(mass.draws) +
                ": log p given it is not known; name a wider one");
  }
  log_mass_ = std::log(mass.mass());
  tell_mass(mass, "the model's mass");
}

void GivenRegion::apply(ModelInput& input, std::vector<double>& log_prob) {
  if (!condition_) return;
  condition_->find(input.data(), inside_);
  unusable_.clear();
  if (has_context_) find_masses(input, log_prob);
  for (std::size_t i = 0; i < log_prob.size(); ++i) {
    if (inside_[i] == 0) {
      ++outside_;
      log_prob[i] = -std::numeric_limits<double>::infinity();
    } else {
      log_prob[i] -= log_mass_;
    }
  }
}

void GivenRegion::find_masses(ModelInput& input, std::vector<double>& log_prob) {
  for (std::size_t i = 0; i < log_prob.size(); ++i) {
    if (inside_[i] == 0) continue;
    const auto row = static_cast<Index>(i);
    const RegionMass found = (*masses_)(input.context(), row);
    if (found.inside == 0) {
      input.refuse(row, "given its context, " + none_inside(found.draws) +
                            ": log p given the region is not known");
      unusable_.resize(log_prob.size(), false);
      unusable_[i] = true;
      continue;
    }
    log_prob[i] -= std::log(found.mass());
    least_ = std::min(least_, found.mass());
    most_ = std::max(most_, found.mass());
    largest_error_ = std::max(largest_error_, found.error() / found.mass());
  }
}

void GivenRegion::tell(bool shared) const {
  if (!condition_) return;
  std::vector<double> own{least_, most_, largest_error_};
  std::uint64_t outside = outside_;
  if (shared) {
    own = gather_all(ranks(), own);
    outside = sum_of_all(outside_);
  }
  double least = 2, most = -1, error = 0;
  for (std::size_t i = 0; i < own.size(); i += 3) {
    least = std::min(least, own[i]);
    most = std::max(most, own[i + 1]);
    error = std::max(error, own[i + 2]);
  }
  if (least <= most) {
    log_with({{"region_mass_least", least},
              {"region_mass_most", most},
              {"region_mass_relative_stderr", error}},
             spdlog::level::info,
             fmt::format("given the contexts of the rows in it, the region has {:.4g} to {:.4g} of "
                         "the model's mass, standard error at most {:.2g} % of it",
                         least, most, 100 * error));
  }
  if (outside == 0) return;
  log_info("{} outside the region: log p = -inf",
           counted(static_cast<std::int64_t>(outside), "row") + (outside == 1 ? " is" : " are"));
}

}  // namespace nflow::app
