#include "nets/dropout.h"
#include "nets/layers.h"

namespace nflow {
namespace {

/// a_1 = W_1 in + b_1, h_l = act(a_l), a_{l+1} = W_{l+1} h_l + b_{l+1}, ..., out = W h_L + b;
/// dropout on every h_l.
template <class T>
class Mlp final : public Conditioner<T> {
 public:
  Mlp(Index inputs, Index outputs, const LinkOptions& options, Blueprint& blueprint,
      const LayerPlan& plan)
      : activation_(options.activation), dropout_(options.dropout) {
    using First = typename Linear<T>::First;
    Degrees before = plan.inputs();
    Index width = inputs;
    for (Index next : options.hidden) {
      const Degrees degrees = plan.hidden(next);
      const std::string name = "hidden" + std::to_string(layers_.size() + 1);
      layers_.push_back(
          {Linear<T>(width, next, name, First::usual, blueprint, plan.reach(before, degrees)),
           degrees, blueprint.tape(next), blueprint.tape(next), blueprint.scratch(next)});
      before = degrees;
      width = next;
    }
    output_degrees_ = plan.outputs();
    output_ = std::make_unique<Linear<T>>(width, outputs, "out", First::zero, blueprint,
                                          plan.reach(before, output_degrees_));
  }

  void forward(const Pass<T>& pass, View<const T> in, View<T> out) const override {
    compute(pass, in, out, LayerPlan::kAll);
  }

  void advance(const Pass<T>& pass, View<const T> in, View<T> out, Index degree) const override {
    compute(pass, in, out, degree);
  }

  void backward(const Pass<T>& pass, View<const T> in, View<const T> dout,
                View<T> din) const override {
    View<const T> dnext = dout;
    const Linear<T>* next = output_.get();
    for (Index l = static_cast<Index>(layers_.size()) - 1; l >= 0; --l) {
      const Layer& layer = layers_[l];
      const View<T> a = pass.tape_view(layer.before), h = pass.tape_view(layer.after);
      const View<T> dh = pass.scratch_view(layer.gradient);
      next->backward(pass, h, dnext, dh);
      apply_dropout(pass, dropout_, layer.linear.first_unit(), dh);
      kernels<T>().activate_backward(activation_, a.size(), a.data, dh.data, dh.data);
      dnext = dh;
      next = &layer.linear;
    }
    next->backward(pass, in, dnext, din);
  }

 private:
  struct Layer {
    Linear<T> linear;
    Degrees degrees;
    Slot before, after;  // the activation
    Slot gradient;
  };

  void compute(const Pass<T>& pass, View<const T> in, View<T> out, Index degree) const {
    View<const T> h = in;
    for (const Layer& layer : layers_) {
      const Units u = LayerPlan::units(layer.degrees, layer.linear.outputs(), degree);
      const View<T> a = pass.tape_view(layer.before), next = pass.tape_view(layer.after);
      layer.linear.forward(pass, h, a, u.first, u.last);
      kernels<T>().activate(activation_, (u.last - u.first) * a.rows, a.col(u.first),
                            next.col(u.first));
      apply_dropout(pass, dropout_, layer.linear.first_unit(), next);
      h = next;
    }
    const Units u = LayerPlan::units(output_degrees_, output_->outputs(), degree);
    output_->forward(pass, h, out, u.first, u.last);
  }

  Activation activation_;
  double dropout_;
  std::vector<Layer> layers_;
  std::unique_ptr<Linear<T>> output_;
  Degrees output_degrees_;
};

}  // namespace

template <class T>
std::unique_ptr<Conditioner<T>> make_mlp(Index inputs, Index outputs, const LinkOptions& options,
                                         Blueprint& blueprint, const LayerPlan& plan) {
  return std::make_unique<Mlp<T>>(inputs, outputs, options, blueprint, plan);
}
template std::unique_ptr<Conditioner<float>> make_mlp(Index, Index, const LinkOptions&, Blueprint&,
                                                      const LayerPlan&);
template std::unique_ptr<Conditioner<double>> make_mlp(Index, Index, const LinkOptions&, Blueprint&,
                                                       const LayerPlan&);

}  // namespace nflow
