#pragma once

#include <memory>
#include <vector>

#include "nflow/flow_spec.h"
#include "pass.h"

namespace nflow {

/// A network from conditioning columns to raw parameters. It knows nothing of flows.
template <class T>
class Conditioner {
 public:
  virtual ~Conditioner() = default;

  /// out = net(in). Leaves on the tape what backward() needs.
  virtual void forward(const Pass<T>& pass, View<const T> in, View<T> out) const = 0;
  /// Given dL/dout, writes dL/din and adds dL/dtheta to pass.grad.
  virtual void backward(const Pass<T>& pass, View<const T> in, View<const T> dout,
                        View<T> din) const = 0;
  /// Masked nets only: computes the hidden units of `degree` and the outputs that read no higher
  /// ones and have not been computed yet: those of feature `degree`, counted from 0. Called for
  /// degree 0, 1, ..., with the inputs of degree <= `degree` known, this is one forward pass in
  /// all.
  virtual void advance(const Pass<T>& pass, View<const T> in, View<T> out, Index degree) const = 0;
  /// A start from `live` rows of its inputs; theta holds all parameters.
  virtual void initialize(T* /*theta*/, View<const T> /*in*/, Index /*live*/) const {}
};

/// What a masked net (MADE, Germain et al. 2015) is to respect: inputs are `context` columns that
/// all may read, then `features` of `width` columns each; outputs are features x `size`, and those
/// of feature j read the context and the features before j.
struct Autoregressive {
  Index context;
  Index features;
  Index size;
  Index width = 1;  ///< input columns of a feature: more where it is shown in several coordinates
  /// The same where features differ, one each; empty: all are `width` and `size`.
  std::vector<Index> widths = {}, sizes = {};
};

/// A net as `options` say (mlp or residual), from `inputs` columns to `outputs`; masked when
/// `masked` is given. Its last layer starts at 0. Where no input can reach an output it is
/// constant.
template <class T>
std::unique_ptr<Conditioner<T>> make_conditioner(Index inputs, Index outputs,
                                                 const LinkOptions& options, Blueprint& blueprint,
                                                 const Autoregressive* masked = nullptr);

}  // namespace nflow
