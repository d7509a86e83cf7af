#include "chain.h"

#include <algorithm>

#include "bijectors/categorical.h"
#include "bijectors/circular.h"
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
// where D are those of the links. The heads' tapes and scratch stand before all of that, since the
// links read and add to them.

template <class T>
Chain<T>::Chain(const FlowSpec& spec, Index columns, Index context, std::uint64_t seed,
                const std::vector<Permutation>* known, const Front& front)
    : front_(front.columns()),
      context_(context),
      blueprint_(columns - front_, context + front.features(), seed, known) {
  if (front.circular > 0) {
    blueprint_.begin_head("circular");
    add_head(std::make_unique<Circular<T>>(front, context, blueprint_));
  }
  if (!front.cells.empty()) {
    blueprint_.begin_head("cells");
    add_head(std::make_unique<Categorical<T>>(front, context + kCircleFeatures * front.circular,
                                              blueprint_));
  }
  if (blueprint_.columns() == 0) return;
  const Index all = context + front.features();
  for (const LinkSpec& link : spec.links) {
    const FlowKind& kind = find_flow(link.name);
    LinkOptions options = link.options;
    options.fixed = options.fixed && links_.empty();  // EM fits the first link only
    blueprint_.begin_link(kind.name, context + front.features(kind.context),
                          context + front.features(ContextUse::joint));
    add_link(make_link<T>(kind, options, blueprint_));
    if (all > 0 && kind.context == ContextUse::shift_scale) {
      blueprint_.begin_link("context", all, context + front.features(ContextUse::joint));
      add_link(make_context_shift_scale<T>(blueprint_));
    }
  }
}

template <class T>
void Chain<T>::add_head(std::unique_ptr<Head<T>> head) {
  const Index first = heads_.empty() ? 0 : heads_.back().first + heads_.back().head->columns();
  const Index tape = heads_columns_, scratch = tape + blueprint_.link_tape_cols();
  heads_.push_back({std::move(head), first, tape, scratch});
  heads_columns_ = scratch + blueprint_.link_scratch_cols();
}

template <class T>
void Chain<T>::add_link(std::unique_ptr<Bijector<T>> bijector) {
  const Index tape = blueprint_.link_tape_cols();
  links_.push_back({std::move(bijector), tape, tape_total_, blueprint_.context()});
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
  return (heads_columns_ + fixed_cols(training) + scratch_most_) * rows;
}

template <class T>
Pass<T> Chain<T>::behind_heads(const Pass<T>& pass, std::size_t heads) const {
  Pass<T> inner = pass;
  if (heads == 0) return inner;
  const Pass<T> last = at_head(pass, heads - 1);
  inner.context = heads_[heads - 1].head->given(last);
  inner.dcontext = heads_[heads - 1].head->dgiven(last);
  return inner;
}

template <class T>
Pass<T> Chain<T>::at_head(const Pass<T>& pass, std::size_t i) const {
  Pass<T> inner = behind_heads(pass, i);
  inner.tape = pass.tape + heads_[i].tape * pass.rows;
  inner.scratch = pass.tape + heads_[i].scratch * pass.rows;
  return inner;
}

template <class T>
Pass<T> Chain<T>::inside(const Pass<T>& pass, std::size_t i) const {
  const bool training = pass.training;
  const Index columns = blueprint_.columns();
  const Index tape = training
                         ? columns * static_cast<Index>(links_.size() + 1) + links_[i].tape_first
                         : 2 * columns;
  Pass<T> inner = behind_heads(pass, heads_.size());
  inner.context = inner.context.columns(0, links_[i].context);
  if (inner.dcontext.cols > 0) inner.dcontext = inner.dcontext.columns(0, links_[i].context);
  T* links = pass.tape + heads_columns_ * pass.rows;
  inner.density_alone = pass.density_alone && i + 1 == links_.size();
  inner.tape = links + tape * pass.rows;
  inner.scratch = links + fixed_cols(training) * pass.rows;
  return inner;
}

template <class T>
View<T> Chain<T>::between(const Pass<T>& pass, std::size_t i) const {
  const Index columns = blueprint_.columns();
  const Index place = pass.training ? static_cast<Index>(i) : static_cast<Index>(i % 2);
  const Index before = heads_columns_ + place * columns;
  return {pass.tape + before * pass.rows, pass.rows, columns};
}

template <class T>
void Chain<T>::forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const {
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    heads_[i].head->forward(at_head(pass, i), of_head(x, i), of_head(z, i), log_det);
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
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    heads_[i].head->inverse(at_head(pass, i), of_head(z, i), of_head(x, i), log_det);
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
  for (std::size_t i = 0; i < heads_.size(); ++i) heads_[i].head->clear_dgiven(at_head(pass, i));
  View<const T> out = rest(z), dout = rest(dz);
  for (std::size_t i = links_.size(); i-- > 0;) {
    const View<const T> in = i == 0 ? rest(x) : View<const T>(between(pass, i));
    const View<T> din = i == 0 ? rest(dx) : between(pass, (links_.size() - i) % 2 == 1 ? 0 : i + 2);
    links_[i].bijector->backward(inside(pass, i), in, out, dout, dlog_det, din);
    out = in;
    dout = din;
  }
  for (std::size_t i = heads_.size(); i-- > 0;) {
    heads_[i].head->backward(at_head(pass, i), of_head(x, i), of_head(z, i), of_head(dz, i),
                             dlog_det, of_head(dx, i));
  }
}

template <class T>
void Chain<T>::initialize(const Pass<T>& pass, T* theta, View<const T> x, Index live) const {
  std::vector<T> log_det(pass.rows);
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    const View<const T> own = of_head(x, i);
    heads_[i].head->initialize(at_head(pass, i), theta, own, live);
    // Its output is of no use here, but what it shows to those behind is.
    std::vector<T> z(static_cast<std::size_t>(own.size()));
    heads_[i].head->forward(at_head(pass, i), own, View<T>(z.data(), pass.rows, own.cols),
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
