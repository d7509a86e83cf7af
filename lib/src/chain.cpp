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

template <class T>
Chain<T>::Chain(const FlowSpec& spec, Index columns, Index context, std::uint64_t seed,
                const std::vector<Permutation>* known)
    : blueprint_(columns, context, seed, known) {
  for (const LinkSpec& link : spec.links) {
    const FlowKind& kind = find_flow(link.name);
    blueprint_.begin_link(kind.name);
    add_link(make_link<T>(kind, link.options, blueprint_));
    if (context > 0 && kind.context == ContextUse::shift_scale) {
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
  return (fixed_cols(training) + scratch_most_) * rows;
}

template <class T>
Pass<T> Chain<T>::inside(const Pass<T>& pass, std::size_t i) const {
  const bool training = pass.training;
  const Index columns = blueprint_.columns();
  const Index tape = training
                         ? columns * static_cast<Index>(links_.size() + 1) + links_[i].tape_first
                         : 2 * columns;
  Pass<T> inner = pass;
  inner.tape = pass.tape + tape * pass.rows;
  inner.scratch = pass.tape + fixed_cols(training) * pass.rows;
  return inner;
}

template <class T>
View<T> Chain<T>::between(const Pass<T>& pass, std::size_t i) const {
  const Index columns = blueprint_.columns();
  const Index place = pass.training ? static_cast<Index>(i) : static_cast<Index>(i % 2);
  return {pass.tape + place * columns * pass.rows, pass.rows, columns};
}

template <class T>
void Chain<T>::forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const {
  View<const T> in = x;
  for (std::size_t i = 0; i < links_.size(); ++i) {
    const View<T> out = i + 1 == links_.size() ? z : between(pass, i + 1);
    links_[i].bijector->forward(inside(pass, i), in, out, log_det);
    in = out;
  }
}

template <class T>
void Chain<T>::inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const {
  View<const T> in = z;
  for (std::size_t i = links_.size(); i-- > 0;) {
    const View<T> out = i == 0 ? x : between(pass, i);
    links_[i].bijector->inverse(inside(pass, i), in, out, log_det);
    in = out;
  }
}

template <class T>
void Chain<T>::backward(const Pass<T>& pass, View<const T> x, View<const T> z, View<const T> dz,
                        const T* dlog_det, View<T> dx) const {
  // Two kinds of room take turns for the gradients: room 0, which forward() does not use, and that
  // of the output of the link done before, which nobody reads any more.
  View<const T> out = z, dout = dz;
  for (std::size_t i = links_.size(); i-- > 0;) {
    const View<const T> in = i == 0 ? x : View<const T>(between(pass, i));
    const View<T> din = i == 0 ? dx : between(pass, (links_.size() - i) % 2 == 1 ? 0 : i + 2);
    links_[i].bijector->backward(inside(pass, i), in, out, dout, dlog_det, din);
    out = in;
    dout = din;
  }
}

template <class T>
void Chain<T>::initialize(const Pass<T>& pass, T* theta, View<const T> x, Index live) const {
  std::vector<T> log_det(pass.rows);
  View<const T> in = x;
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
