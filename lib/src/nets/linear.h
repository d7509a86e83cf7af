#pragma once

#include <string>
#include <vector>

#include "pass.h"

namespace nflow {

/// out = in W^T + b, with W outputs x inputs; optionally masked by a staircase: output j reads the
/// first reach[j] inputs, reach ascending. Masked weights are 0 and stay so: they get no gradient.
/// Products may read them.
template <class T>
class Linear {
 public:
  /// Starting weights: uniform in 1/sqrt(inputs), or 0. Those that are no net's, but coefficients
  /// of a fit, start as usual and weight decay leaves them alone.
  enum class First { usual, zero, coefficients };

  Linear(Index inputs, Index outputs, const std::string& name, First first, Blueprint& blueprint,
         std::vector<Index> reach = {});

  Index inputs() const { return forward_.weight.cols; }
  Index outputs() const { return forward_.weight.rows; }
  /// The number of the first output among all units of the chain; see dropout.h.
  Index first_unit() const { return bias_.offset; }

  /// Writes columns [first, last) of out.
  void forward(const Pass<T>& pass, View<const T> in, View<T> out, Index first, Index last) const;
  void forward(const Pass<T>& pass, View<const T> in, View<T> out) const {
    forward(pass, in, out, 0, outputs());
  }
  /// Writes dL/din, or adds to it, and adds to the gradients of W and b.
  void backward(const Pass<T>& pass, View<const T> in, View<const T> dout, View<T> din,
                bool accumulate = false) const {
    add_gradients(pass, in, dout);
    backward_input(pass, dout, din, accumulate);
  }
  void add_gradients(const Pass<T>& pass, View<const T> in, View<const T> dout) const;
  void backward_input(const Pass<T>& pass, View<const T> dout, View<T> din, bool accumulate) const;

 private:
  Factor forward_, backward_;  // the weights as products have them
  Index forward_number_, backward_number_;
  Param bias_;
  Slot turned_;  // the input, transposed: inputs contiguous
};

}  // namespace nflow
