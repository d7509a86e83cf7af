#pragma once

#include <memory>
#include <vector>

#include "nflow/model.h"

namespace nflow {

/// The density of one column of a row given all others, and the row's context. What is asked of
/// numbers is given that the value is there: missing() is told apart. All is NaN, and is_known()
/// false, where the rest of the row has no density under the model, as where it has a label that
/// the model never saw.
class ColumnDensity {
 public:
  virtual ~ColumnDensity() = default;

  virtual bool is_known() const = 0;
  /// Was the quadrature as accurate as it is meant to be?
  virtual bool is_accurate() const { return true; }
  /// The probability that the value is missing; 0 for a column without holes.
  virtual double missing() const { return 0; }
  /// The probability of each label of a category, by number; together with missing() they sum to 1.
  /// A column of numbers gives an empty list.
  virtual std::vector<double> labels() const { return {}; }

  // For columns of numbers, in the units of the column. On a circle they count from its low end.
  virtual double below(double value) const = 0;  ///< P(Y < value)
  virtual double at(double value) const = 0;     ///< P(Y = value); 0 where Y has a density
  /// The least value with P(Y <= value) >= share, for a share in (0, 1).
  virtual double quantile(double share) const = 0;
  virtual double mean() const = 0;  ///< of a circle, the mean direction
  /// Density at a value: the exponential of what the column adds to log p; a probability, per step
  /// on a grid, where the value has one, and 0 where the column has no such value. Between the
  /// nodes of the quadrature it is interpolated, which in the tails is right to some 1e-3 of
  /// itself; Conditional::density() has it exactly.
  virtual double density(double value) const = 0;

  /// The densest value. Where some values have a probability and others a density, that is the
  /// likeliest among the single values and all others taken as one, and of these the densest. Of a
  /// category the likeliest label.
  virtual double mode() const = 0;

  /// P(Y < value) + P(Y = value) / 2: uniform where rows come from the model, but for the steps of
  /// single values, where its mean is 1/2.
  double place(double value) const { return below(value) + at(value) / 2; }
  /// How little a value is to be expected: twice the smaller of P(Y <= value) and P(Y >= value), at
  /// most 1; of a label the probability of all that are no likelier; of a missing value its own
  /// probability, or 1 where that is above one half.
  double tail(double value) const;
};

/// Answers for the columns of a model, by quadrature over one column of the joint density; nothing
/// is drawn from row to row, and a row's answer does not depend on those beside it. The bits are
/// the same for any number of threads.
///
/// A column cut into cells takes a pass for each bin (nflow/cells.h): its probabilities are exact,
/// and what is inside of a bin is known. For other columns the density on the line is put on panels
/// with Chebyshev polynomials of degree 8. Where are its peaks? It is first seen at nodes where the
/// model's own draws of the column are (quantiles of 4096, with the values in those draws whose
/// other columns are nearest to the row's; of a model with context 64 draws given the row's), and
/// from there outwards until it has no mass. A panel is evaluated where it may have any: where
/// log p at its ends, continued by the slopes beside it, leaves room for more than 3e-8 of the
/// mass found so far, however narrow the peak. It is halved until the rules of degree 4 and 8
/// agree, to 1e-9 of the mass by QUADPACK's formula where the density is smooth, and to 6e-7 where
/// halving hardly helps, since it has kinks; and where log p between two nodes still has such room.
/// So each peak is found of which a flank is seen: a single one always. One that is narrower than
/// the draws are apart, and stands on another's flank without bending it at any node, is not; tests
/// hold the answers against brute force, and the places of a model's own rows against the uniform
/// distribution. In single precision, changes of 3e-5 of a panel's mass are its rounding.
class Conditional {
 public:
  /// Keeps a copy of the model.
  Conditional(const Model& model, int threads);
  ~Conditional();
  Conditional(const Conditional&) = delete;
  Conditional& operator=(const Conditional&) = delete;

  /// What is known of a column of each of these rows, N x D, given the others; its own values are
  /// not looked at. The answers must not outlive this.
  std::vector<std::unique_ptr<ColumnDensity>> given(Index column, const RowMatrix& rows,
                                                    const RowMatrix& context);

  /// The density of a column of one row at these values, given what given() found for it: log p
  /// itself is evaluated at each.
  std::vector<double> density(Index column, const RowMatrix& row, const RowMatrix& context,
                              const ColumnDensity& found, const std::vector<double>& values);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nflow
