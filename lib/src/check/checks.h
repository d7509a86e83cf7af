#pragma once

#include <vector>

#include "math/random.h"
#include "nflow/check.h"
#include "nflow/evaluator.h"
#include "thread_pool.h"

namespace nflow {

using Findings = std::vector<Finding>;

/// What the single checks work on.
struct Subject {
  const Model& model;
  const Dataset* data;  ///< null: none
  const CheckOptions& options;
  ThreadPool& pool;

  Index columns() const { return static_cast<Index>(model.columns.size()); }
  /// Context for n rows: those of the data, again and again from row `first` on.
  RowMatrix context(Index n, Index first = 0) const;
  /// The n-th context alone, for many rows.
  RowMatrix one_context(Index rows, Index number) const;
  /// A model of m rows is off by chance as rows are. A squared distance between rows and model has
  /// two parts: `chance` for the rows, 1/n where they are n, and 1/m for the model. Returns the
  /// share of the first, by which a distance is made comparable with that to the truth.
  double share_of_chance(double chance) const;
  /// Different contexts that a costly check looks at; 1 where the model has none.
  Index few_contexts() const;
};

/// A row from a model for each of those contexts. Streams count from 1; see FarRows.
RowMatrix draw(Evaluator& evaluator, const Subject& subject, const RowMatrix& context,
               std::uint32_t stream);

/// Places of the rows that are numbers: a chain whose precision runs out draws others too, which
/// check_samples() counts and all other checks leave out.
std::vector<Index> finite_places(const RowMatrix& rows);

/// Circular columns become points of a circle, the cosine in their own column and the sine in one
/// more at the end, so that no seam parts what is near.
void circles_to_points(const Model& model, RowMatrix& rows);

/// n x D standard normal numbers.
RowMatrix normal_rows(const Subject& subject, Index n, std::uint32_t stream);

/// A number for a few words: "0.0123", "3.1e-09".
std::string short_number(double value, int digits = 2);

/// The test of the tails: how probable rows are beside what the model draws given their contexts.
Finding tail_finding(const Subject& subject);

/// The p of a Kolmogorov-Smirnov distance between so many rows and the model.
double distance_p(const Subject& subject, double distance, Index rows);

/// A figure that may be at most `limit`.
Finding bounded(std::string name, double figure, double limit, std::string detail);
/// The line of a statistical test, by its p-value.
Finding tested(std::string name, double p, std::string detail);

// Each file beside this one has one of these, and says above it what it does.
Findings check_round_trip(const Subject& subject);
Findings check_log_det(const Subject& subject);
Findings check_rounding(const Subject& subject);
Findings check_mass(const Subject& subject);
Findings check_samples(const Subject& subject);
Findings check_two_samples(const Subject& subject);
Findings check_voids(const Subject& subject);
Findings check_columns(const Subject& subject);
Findings check_latent(const Subject& subject);

}  // namespace nflow
