#pragma once

#include <vector>

#include "nets/conditioner.h"

namespace nflow {

/// The degrees of one layer's units, in ascending order: unit k reads units of the layer before
/// whose degree is not above its own. Sorted degrees make every mask a staircase, so that half of a
/// product can be skipped, and a unit can be computed as soon as its last input is known.
class Degrees {
 public:
  /// The inputs: context has degree 0, features 1 .. D.
  static Degrees inputs(const Autoregressive& a);
  /// A hidden layer: degrees up to D - 1 in equal shares, from 0 where there is context, else from
  /// 1 (a unit of degree 0 would be a constant).
  static Degrees hidden(const Autoregressive& a, Index width);
  /// The outputs: those of feature j (from 0) have degree j, since x_j has degree j + 1.
  static Degrees outputs(const Autoregressive& a);

  /// For each unit of `to`, how many units of this layer it reads: a prefix.
  std::vector<Index> reach(const Degrees& to) const;
  /// Units of that degree: [first(degree), first(degree + 1)).
  Index first(Index degree) const;
  Index count() const { return static_cast<Index>(degrees_.size()); }

 private:
  std::vector<Index> degrees_;
};

}  // namespace nflow
