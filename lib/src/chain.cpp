#include "chain.h"

#include <algorithm>

#include "bijectors/coupling.h"

namespace nflow {
namespace {

template <class T>
std::unique_ptr<Bijector<T>> make_link(const FlowKind& kind, const LinkOptions& options,
                                       Blueprint& blueprint) {
  if constexpr (std::is_same_v<T, float>) return kind.make_float(options, blueprint);
  if constexpr (std::is_same_v<T, double>) return kind.make_double(options, blueprint);
}

}  // namespace

// The workspace, in columns of `rows` entries:
//   training    rooms 0 .. L of D columns: the input of link i in i | every link's tape | scratch
//   evaluation  two rooms of D columns, taken in turn               | one tape          | scratch
// where D are those of the links. The circular columns' tape and scratch stand before all of that,
// since the links read and add to them.

template <class T>
Chain<T>::Chain(const FlowSpec& spec, Index columns, Index context, std::uint64_t seed,
                const std::vector<Permutation>* known, Index circular)
    : circular_(circular),
      context_(context),
      blueprint_(columns - circular, context + kCircleFeatures * circular, seed, known) {
  if (circular > 0) {
    blueprint_.begin_circles("circular");
    circles_ = std::make_unique<Circular<T>>(circular, context, blueprint_);
    circles_tape_ = blueprint_.link_tape_cols();
    circles_scratch_ = blueprint_.link_scratch_cols();
  }
  if (blueprint_.columns() == 0) return;
  for (const LinkSpec& link : spec.links) {
    const FlowKind& kind = find_flow(link.name);
    LinkOptions options = link.options;
    options.fixed = options.fixed && links_.empty();  // EM fits the first link only
    blueprint_.begin_link(kind.name);
    add_link(make_link<T>(kind, options, blueprint_));
    if (blueprint_.context() > 0 && kind.context == ContextUse::shift_scale) {
      blueprint_.begin_link("context");
      add_link(make_context_shift_scale<T>(blueprint_));
    }
  }
}

template <class T>
void Chain<T>::add_link(std::unique_ptr<Bijector<T>> bijector) {
  const Index tape = blueprint_.link_tape_cols();
  links_.push_back({std::move(bijector), tape, tape_total_});
  tape_total_ += tape;
  tape_most_ = std::max(tape_most_, tape);
  scratch_most_ = std::max(scratch_most_, blueprint_.link_scratch_cols());
}

template <class T>
Index Chain<T>::fixed_cols(bool training) const {
  const Index columns = blueprint_.columns();
  return training ? columns * static_cast<Index>(links_.size() + 1) + tape_total_
                  : 2 * columns + tape_most_;
}

template <class T>
Index Chain<T>::entries(Index rows, bool training) const {
  return (circles_tape_ + circles_scratch_ + fixed_cols(training) + scratch_most_) * rows;
}

template <class T>
Pass<T> Chain<T>::on_circles(const Pass<T>& pass) const {
  Pass<T> inner = pass;
  inner.scratch = pass.tape + circles_tape_ * pass.rows;
  return inner;
}

template <class T>
Pass<T> Chain<T>::inside(const Pass<T>& pass, std::size_t i) const {
  const bool training = pass.training;
  const Index columns = blueprint_.columns();
  const Index tape = training
                         ? columns * static_cast<Index>(links_.size() + 1) + links_[i].tape_first
                         : 2 * columns;
  Pass<T> inner = pass;
  T* links = pass.tape + (circles_tape_ + circles_scratch_) * pass.rows;
  inner.tape = links + tape * pass.rows;
  inner.scratch = links + fixed_cols(training) * pass.rows;
  if (circles_) {
    inner.context = circles_->given(on_circles(pass));
    inner.dcontext = circles_->dgiven(on_circles(pass));
  }
  return inner;
}

template <class T>
View<T> Chain<T>::between(const Pass<T>& pass, std::size_t i) const {
  const Index columns = blueprint_.columns();
  const Index place = pass.training ? static_cast<Index>(i) : static_cast<Index>(i % 2);
  const Index before = circles_tape_ + circles_scratch_ + place * columns;
  return {pass.tape + before * pass.rows, pass.rows, columns};
}

template <class T>
void Chain<T>::forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const {
  if (circles_) {
    circles_->forward(on_circles(pass), x.columns(0, circular_), z.columns(0, circular_), log_det);
  }
  View<const T> in = rest(x);
  for (std::size_t i = 0; i < links_.size(); ++i) {
    const View<T> out = i + 1 == links_.size() ? rest(z) : between(pass, i + 1);
    links_[i].bijector->forward(inside(pass, i), in, out, log_det);
    in = out;
  }
}

template <class T>
void Chain<T>::inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const {
  if (circles_) {
    circles_->inverse(on_circles(pass), z.columns(0, circular_), x.columns(0, circular_), log_det);
  }
  View<const T> in = rest(z);
  for (std::size_t i = links_.size(); i-- > 0;) {
    const View<T> out = i == 0 ? rest(x) : between(pass, i);
    links_[i].bijector->inverse(inside(pass, i), in, out, log_det);
    in = out;
  }
}

template <class T>
void Chain<T>::backward(const Pass<T>& pass, View<const T> x, View<const T> z, View<const T> dz,
                        const T* dlog_det, View<T> dx) const {
  // Two kinds of room take turns for the gradients: room 0, which forward() does not use, and that
  // of the output of the link done before, which nobody reads any more.
  if (circles_) circles_->clear_dgiven(on_circles(pass));
  View<const T> out = rest(z), dout = rest(dz);
  for (std::size_t i = links_.size(); i-- > 0;) {
    const View<const T> in = i == 0 ? rest(x) : View<const T>(between(pass, i));
    const View<T> din = i == 0 ? rest(dx) : between(pass, (links_.size() - i) % 2 == 1 ? 0 : i + 2);
    links_[i].bijector->backward(inside(pass, i), in, out, dout, dlog_det, din);
    out = in;
    dout = din;
  }
  if (!circles_) return;
  circles_->backward(on_circles(pass), x.columns(0, circular_), z.columns(0, circular_),
                     dz.columns(0, circular_), dlog_det, dx.columns(0, circular_));
}

template <class T>
void Chain<T>::initialize(const Pass<T>& pass, T* theta, View<const T> x, Index live) const {
  std::vector<T> log_det(pass.rows);
  if (circles_) {
    const View<const T> turns = x.columns(0, circular_);
    circles_->initialize(on_circles(pass), theta, turns, live);
    // Its output is of no use here, but what it gives to the links is.
    std::vector<T> z(static_cast<std::size_t>(turns.size()));
    circles_->forward(on_circles(pass), turns, View<T>(z.data(), pass.rows, circular_),
                      log_det.data());
  }
  View<const T> in = rest(x);
  for (std::size_t i = 0; i < links_.size(); ++i) {
    links_[i].bijector->initialize(inside(pass, i), theta, in, live);
    const View<T> out = between(pass, i + 1);
    links_[i].bijector->forward(inside(pass, i), in, out, log_det.data());
    in = out;
  }
}

template class Chain<float>;
template class Chain<double>;

}  // namespace nflow
