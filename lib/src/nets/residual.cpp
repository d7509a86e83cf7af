#include "nets/dropout.h"
#include "nets/layers.h"

namespace nflow {
namespace {

/// s_0 = W in + b; a block of width w: s_{i+1} = s_i + B act(A act(s_i)), with dropout before B;
/// out = V s_L + c (He et al. 2016, pre-activation). The stream has the first block's width; B
/// starts at 0, so that every block starts as the identity.
template <class T>
class ResidualNet final : public Conditioner<T> {
 public:
  ResidualNet(Index inputs, Index outputs, const LinkOptions& options, Blueprint& blueprint,
              const LayerPlan& plan)
      : activation_(options.activation),
        dropout_(options.dropout),
        width_(options.hidden.front()),
        stream_degrees_(plan.hidden(width_)),
        output_degrees_(plan.outputs()),
        input_(inputs, width_, "in", First::usual, blueprint,
               plan.reach(plan.inputs(), stream_degrees_)),
        stream_(blueprint.tape(width_)),
        gradient_(blueprint.scratch(width_)) {
    for (Index inner : options.hidden) {
      const Degrees degrees = plan.hidden(inner);
      const std::string name = "block" + std::to_string(blocks_.size() + 1);
      blocks_.push_back({Linear<T>(width_, inner, name + ".a", First::usual, blueprint,
                                   plan.reach(stream_degrees_, degrees)),
                         Linear<T>(inner, width_, name + ".b", First::zero, blueprint,
                                   plan.reach(degrees, stream_degrees_)),
                         degrees, blueprint.tape(width_), blueprint.tape(inner),
                         blueprint.tape(inner), blueprint.tape(width_), blueprint.scratch(inner),
                         blueprint.scratch(width_)});
    }
    output_ = std::make_unique<Linear<T>>(width_, outputs, "out", First::zero, blueprint,
                                          plan.reach(stream_degrees_, output_degrees_));
  }

  void forward(const Pass<T>& pass, View<const T> in, View<T> out) const override {
    compute(pass, in, out, LayerPlan::kAll);
  }

  void advance(const Pass<T>& pass, View<const T> in, View<T> out, Index degree) const override {
    compute(pass, in, out, degree);
  }

  void backward(const Pass<T>& pass, View<const T> in, View<const T> dout,
                View<T> din) const override {
    const Kernels<T>& k = kernels<T>();
    const View<T> ds = pass.scratch_view(gradient_);  // of the stream, from the last block down
    const View<T> last = pass.tape_view(blocks_.back().sum);
    output_->backward(pass, last, dout, ds);
    for (Index i = static_cast<Index>(blocks_.size()) - 1; i >= 0; --i) {
      const Block& block = blocks_[i];
      const View<T> s = pass.tape_view(i == 0 ? stream_ : blocks_[i - 1].sum);
      const View<T> active = pass.tape_view(block.active), inner = pass.tape_view(block.inner);
      const View<T> inner_active = pass.tape_view(block.inner_active);
      const View<T> dinner = pass.scratch_view(block.inner_gradient);
      const View<T> dactive = pass.scratch_view(block.gradient);
      block.b.backward(pass, inner_active, ds, dinner);
      apply_dropout(pass, dropout_, block.a.first_unit(), dinner);
      k.activate_backward(activation_, inner.size(), inner.data, dinner.data, dinner.data);
      block.a.backward(pass, active, dinner, dactive);
      k.activate_backward(activation_, s.size(), s.data, dactive.data, dactive.data);
      k.add(ds.size(), dactive.data, ds.data);
    }
    input_.backward(pass, in, ds, din);
  }

 private:
  using First = typename Linear<T>::First;

  struct Block {
    Linear<T> a, b;
    Degrees degrees;  // of the inner units
    Slot active, inner, inner_active, sum;
    Slot inner_gradient, gradient;
  };

  void compute(const Pass<T>& pass, View<const T> in, View<T> out, Index degree) const {
    const Kernels<T>& k = kernels<T>();
    const Units wide = LayerPlan::units(stream_degrees_, width_, degree);
    const Index count = (wide.last - wide.first) * pass.rows;
    View<T> s = pass.tape_view(stream_);
    input_.forward(pass, in, s, wide.first, wide.last);
    for (const Block& block : blocks_) {
      const Units u = LayerPlan::units(block.degrees, block.a.outputs(), degree);
      const View<T> active = pass.tape_view(block.active), inner = pass.tape_view(block.inner);
      const View<T> inner_active = pass.tape_view(block.inner_active);
      const View<T> sum = pass.tape_view(block.sum);
      k.activate(activation_, count, s.col(wide.first), active.col(wide.first));
      block.a.forward(pass, active, inner, u.first, u.last);
      k.activate(activation_, (u.last - u.first) * pass.rows, inner.col(u.first),
                 inner_active.col(u.first));
      apply_dropout(pass, dropout_, block.a.first_unit(), inner_active);
      block.b.forward(pass, inner_active, sum, wide.first, wide.last);
      k.add(count, s.col(wide.first), sum.col(wide.first));
      s = sum;
    }
    const Units u = LayerPlan::units(output_degrees_, output_->outputs(), degree);
    output_->forward(pass, s, out, u.first, u.last);
  }

  Activation activation_;
  double dropout_;
  Index width_;
  Degrees stream_degrees_, output_degrees_;
  Linear<T> input_;
  Slot stream_, gradient_;
  std::vector<Block> blocks_;
  std::unique_ptr<Linear<T>> output_;
};

}  // namespace

template <class T>
std::unique_ptr<Conditioner<T>> make_residual(Index inputs, Index outputs,
                                              const LinkOptions& options, Blueprint& blueprint,
                                              const LayerPlan& plan) {
  return std::make_unique<ResidualNet<T>>(inputs, outputs, options, blueprint, plan);
}
template std::unique_ptr<Conditioner<float>> make_residual(Index, Index, const LinkOptions&,
                                                           Blueprint&, const LayerPlan&);
template std::unique_ptr<Conditioner<double>> make_residual(Index, Index, const LinkOptions&,
                                                            Blueprint&, const LayerPlan&);

}  // namespace nflow
