#pragma once

#include <string>
#include <vector>

#include "nflow/dataset.h"

namespace nflow {

/// One column as a linear function of others. Columns are numbered with the context's first, then
/// the modelled ones.
struct Dependence {
  struct Term {
    Index column;
    double slope;
  };

  Index column;  ///< a modelled one
  std::vector<Term> terms;
  double intercept;
  double residual;  ///< what is left of the column: its deviation, as a share of the column's own
};

/// A value that many rows share.
struct Spike {
  Index column;
  double value;
  double share;  ///< of the rows
};

/// Values of a column so far from all others that they are likely errors of the data, or codes.
struct FarOut {
  Index column;
  Index rows;    ///< that have such a value
  double value;  ///< the one furthest out
};

/// Has that column no deviation to speak of, its numbers being all alike, or differing by so little
/// of their size that double can hardly tell? Such a column cannot be trained on.
bool stands_still(const RowMatrix& rows, Index column);

/// Is that column positive, with so long a tail that its logarithm is far less skew?
bool has_long_tail(const RowMatrix& rows, Index column);

/// What a table shows before training that a density of it will suffer from.
struct Preflight {
  std::vector<Dependence> exact;  ///< no residual to speak of: the likelihood has no bound
  std::vector<Dependence> near;   ///< a residual so small that it may be rounding
  std::vector<Spike> spikes;      ///< of modelled columns
  std::vector<FarOut> far_out;    ///< of all columns
  double repeated = 0;            ///< share of the rows that repeat an earlier one in all columns
};

/// Residuals below these are exact and near dependences. Below the first, a model in float could
/// not tell the residual from its own rounding.
inline constexpr double kExactResidual = 1e-6, kNearResidual = 1e-3;

/// The share of the rows from which on a value is a spike.
inline constexpr double kSpikeShare = 0.05;

/// Values are far out that are so many deviations away from the median, as the inner 98 % of the
/// column has them, in no more than the share of the rows.
inline constexpr double kFarOutDeviations = 1000, kFarOutShare = 0.01;

/// Looks at training rows whose columns all vary. Dependences are looked for only where there are
/// more rows than columns plus one: fewer are always dependent.
Preflight inspect(const Dataset& fit);

}  // namespace nflow
