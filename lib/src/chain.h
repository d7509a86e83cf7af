#pragma once

#include <memory>
#include <vector>

#include "bijectors/head.h"
#include "nflow/front.h"

namespace nflow {

/// The links of a flow in order, itself a bijector: text order, list order and data order are the
/// same. With D columns and C context columns it owns no memory for rows: a worker brings a
/// workspace (see entries()) as pass.tape, and the chain gives each link its place in it.
///
/// The first of the D columns are those of the front: on circles, or cut into cells. They take
/// links of their own, heads, and the links of the flow are those of the others, with what the
/// heads show of theirs for further context. With no other columns the flow has no links.
template <class T>
class Chain final : public Bijector<T> {
 public:
  /// Permutations are drawn from `seed`, or taken from `known` when it is not null.
  Chain(const FlowSpec& spec, Index columns, Index context, std::uint64_t seed,
        const std::vector<Permutation>* known = nullptr, const Front& front = {});

  Index columns() const { return front_ + blueprint_.columns(); }  ///< D
  Index context() const { return context_; }                       ///< C

  const Blueprint& blueprint() const { return blueprint_; }

  /// Numbers of T that a workspace for `rows` rows takes: for training every link keeps its own
  /// tape until backward(); otherwise all links share one, which then stays in the cache.
  Index entries(Index rows, bool training) const;

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override;
  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override;
  void backward(const Pass<T>& pass, View<const T> x, View<const T> z, View<const T> dz,
                const T* dlog_det, View<T> dx) const override;

  /// Starts each link from the output of those before it.
  void initialize(const Pass<T>& pass, T* theta, View<const T> x, Index live) const override;

 private:
  struct Link {
    std::unique_ptr<Bijector<T>> bijector;
    Index tape_cols;
    Index tape_first;  // columns of the tapes before it
    Index context;     // columns that it sees: all, or those that are numbers, which come first
  };

  struct FrontLink {
    std::unique_ptr<Head<T>> head;
    Index first;          // of its columns
    Index tape, scratch;  // columns of the workspace before it
  };

  void add_head(std::unique_ptr<Head<T>> head);
  void add_link(std::unique_ptr<Bijector<T>> bijector);
  /// The pass as that head sees it.
  Pass<T> at_head(const Pass<T>& pass, std::size_t i) const;
  /// The same pass with what the heads before that one, or all of them, show for its context.
  Pass<T> behind_heads(const Pass<T>& pass, std::size_t heads) const;
  /// The columns of that head.
  template <class U>
  View<U> of_head(View<U> x, std::size_t i) const {
    return x.columns(heads_[i].first, heads_[i].head->columns());
  }
  /// The pass as link i sees it.
  Pass<T> inside(const Pass<T>& pass, std::size_t i) const;
  /// The columns of the links.
  template <class U>
  View<U> rest(View<U> x) const {
    return x.columns(front_, x.cols - front_);
  }
  /// Room for the output of link i - 1, which is the input of link i.
  View<T> between(const Pass<T>& pass, std::size_t i) const;
  Index fixed_cols(bool training) const;

  Index front_, context_;
  Blueprint blueprint_;
  std::vector<FrontLink> heads_;
  Index heads_columns_ = 0;  // of their tapes and scratch
  std::vector<Link> links_;
  Index tape_total_ = 0, tape_most_ = 0, scratch_most_ = 0;
};

}  // namespace nflow
