#include "nflow/mixture_search.h"

#include "auto/mixture_work.h"

namespace nflow {
namespace {

/// In few columns so many components in each fit are tried in any case: a density with fine teeth
/// asks for many or for none.
constexpr Index kFewColumns = 4, kAlwaysTried = 8;

/// Standard errors by which a product of columns must be ahead of a joint density.
constexpr double kAheadOfJoint = 2;

}  // namespace

Index choose_components(const Dataset& fit, Index most, const MixtureSearch& search) {
  MixtureWork work(fit, search);
  return MixtureChoice(work.data, work.pool, search.seed, search.fits, work.given)
      .components(most, search.interruption.found,
                  work.data.rows.cols() <= kFewColumns ? kAlwaysTried : 1);
}

bool are_independent(const Dataset& fit, Index components, const MixtureSearch& search) {
  if (fit.context.cols() > 0 || fit.x.cols() - cut_columns(search.supports) == 1) return false;
  MixtureWork work(fit, search);
  const HeldOut apart = marginal_held_out(work.data, work.pool, search.seed);
  const HeldOut joint =
      MixtureChoice(work.data, work.pool, search.seed, search.fits).held_out(components);
  return is_ahead(apart, joint, kAheadOfJoint);
}

}  // namespace nflow
