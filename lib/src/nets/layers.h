#pragma once

#include <optional>

#include "nets/linear.h"
#include "nets/masks.h"

namespace nflow {

/// The columns of a layer that one call computes.
struct Units {
  Index first, last;
};

/// The degrees of a net's layers, or none where it is not masked. Mlp and ResidualNet are written
/// once for both: an unmasked net computes all units at once, a masked one can go degree by degree.
class LayerPlan {
 public:
  static constexpr Index kAll = -1;  ///< "every degree"

  explicit LayerPlan(const Autoregressive* masked) {
    if (masked) masked_ = *masked;
  }

  /// Reach of a layer from units `from` to units `to`; empty where there is no mask.
  std::vector<Index> reach(const Degrees& from, const Degrees& to) const {
    return masked_ ? from.reach(to) : std::vector<Index>{};
  }
  Degrees inputs() const { return masked_ ? Degrees::inputs(*masked_) : Degrees(); }
  Degrees hidden(Index width) const {
    return masked_ ? Degrees::hidden(*masked_, width) : Degrees();
  }
  Degrees outputs() const { return masked_ ? Degrees::outputs(*masked_) : Degrees(); }

  /// The units of `degree` in a layer of `width`.
  static Units units(const Degrees& layer, Index width, Index degree) {
    if (degree == kAll) return {0, width};
    return {layer.first(degree), layer.first(degree + 1)};
  }

 private:
  std::optional<Autoregressive> masked_;
};

template <class T>
std::unique_ptr<Conditioner<T>> make_mlp(Index inputs, Index outputs, const LinkOptions& options,
                                         Blueprint& blueprint, const LayerPlan& plan);
template <class T>
std::unique_ptr<Conditioner<T>> make_residual(Index inputs, Index outputs,
                                              const LinkOptions& options, Blueprint& blueprint,
                                              const LayerPlan& plan);

}  // namespace nflow
