#include "nets/conditioner.h"

#include <algorithm>

#include "nets/layers.h"
#include "nets/ramps.h"

namespace nflow {
namespace {

/// The net that nothing reaches: its outputs are parameters, the same for every row.
template <class T>
class Constant final : public Conditioner<T> {
 public:
  Constant(Index outputs, Blueprint& blueprint)
      : bias_(blueprint.param("out.bias", 1, outputs, Start::constant(0))) {}

  void forward(const Pass<T>& pass, View<const T>, View<T> out) const override {
    for (Index j = 0; j < out.cols; ++j) {
      std::fill_n(out.col(j), out.rows, pass.theta[bias_.offset + j]);
    }
  }
  void backward(const Pass<T>& pass, View<const T>, View<const T> dout,
                View<T> din) const override {
    kernels<T>().add_column_sums(dout.rows, dout.cols, dout.data, dout.stride,
                                 pass.grad + bias_.offset);
    for (Index j = 0; j < din.cols; ++j) std::fill_n(din.col(j), din.rows, T(0));
  }
  void advance(const Pass<T>& pass, View<const T> in, View<T> out, Index) const override {
    forward(pass, in, out);
  }

 private:
  Param bias_;
};

}  // namespace

template <class T>
std::unique_ptr<Conditioner<T>> make_conditioner(Index inputs, Index outputs,
                                                 const LinkOptions& options, Blueprint& blueprint,
                                                 const Autoregressive* masked) {
  const bool reached = masked ? masked->context + masked->features > 1 : inputs > 0;
  if (reached && options.ramps > 0) {
    return std::make_unique<Ramps<T>>(inputs, outputs, options, blueprint, masked);
  }
  blueprint.enter("net");
  std::unique_ptr<Conditioner<T>> net;
  if (!reached) {
    net = std::make_unique<Constant<T>>(outputs, blueprint);
  } else if (options.net == NetKind::mlp) {
    net = make_mlp<T>(inputs, outputs, options, blueprint, LayerPlan(masked));
  } else {
    net = make_residual<T>(inputs, outputs, options, blueprint, LayerPlan(masked));
  }
  blueprint.leave();
  return net;
}

template std::unique_ptr<Conditioner<float>> make_conditioner(Index, Index, const LinkOptions&,
                                                              Blueprint&, const Autoregressive*);
template std::unique_ptr<Conditioner<double>> make_conditioner(Index, Index, const LinkOptions&,
                                                               Blueprint&, const Autoregressive*);

}  // namespace nflow
