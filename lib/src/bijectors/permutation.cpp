#include "bijectors/bijector.h"

namespace nflow {
namespace {

/// z_j = x_{index[j]}; log_det 0; the inverse puts each column back.
template <class T>
class Permute final : public Bijector<T> {
 public:
  explicit Permute(std::vector<std::int64_t> index) : index_(std::move(index)) {}

  void forward(const Pass<T>&, View<const T> x, View<T> z, T*) const override {
    for (Index j = 0; j < x.cols; ++j) copy<T>(x.columns(index_[j], 1), z.columns(j, 1));
  }
  void inverse(const Pass<T>&, View<const T> z, View<T> x, T*) const override {
    for (Index j = 0; j < x.cols; ++j) copy<T>(z.columns(j, 1), x.columns(index_[j], 1));
  }
  void backward(const Pass<T>& pass, View<const T>, View<const T>, View<const T> dz, const T*,
                View<T> dx) const override {
    inverse(pass, dz, dx, nullptr);
  }

 private:
  std::vector<std::int64_t> index_;
};

template <class T>
std::unique_ptr<Bijector<T>> make_reverse(const LinkOptions&, Blueprint& blueprint) {
  std::vector<std::int64_t> index;
  for (Index j = blueprint.columns(); j-- > 0;) index.push_back(j);
  return std::make_unique<Permute<T>>(std::move(index));
}

template <class T>
std::unique_ptr<Bijector<T>> make_shuffle(const LinkOptions&, Blueprint& blueprint) {
  return std::make_unique<Permute<T>>(blueprint.permutation("permutation"));
}

}  // namespace

extern const FlowKind reverse_kind;
const FlowKind reverse_kind{
    "reverse", "the columns in reverse order", {}, ContextUse::none, NFLOW_MAKERS(make_reverse)};

extern const FlowKind shuffle_kind;
const FlowKind shuffle_kind{"shuffle",
                            "the columns in a random order, drawn from the seed",
                            {},
                            ContextUse::none,
                            NFLOW_MAKERS(make_shuffle)};

}  // namespace nflow
