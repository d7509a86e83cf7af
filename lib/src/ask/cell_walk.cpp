#include "ask/cell_walk.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "bijectors/categorical.h"
#include "memory.h"
#include "tile.h"

namespace nflow {
namespace {

constexpr char kRoom[] = "cells.";  // of the head's parameters

template <class T>
class CellWalkOf final : public CellWalk {
 public:
  explicit CellWalkOf(const Model& model)
      : front_(model.front()),
        before_(model.context_features() + kCircleFeatures * front_.circular),
        blueprint_(0, before_, 0) {
    blueprint_.begin_head("cells");
    head_ = std::make_unique<Categorical<T>>(front_, before_, blueprint_);
    const auto& all = std::get<std::vector<T>>(model.parameters);
    Index first = 0;
    for (const TensorPlace& place :
         tensor_places(model.flow, static_cast<Index>(model.columns.size()),
                       model.context_features(), model.front())) {
      if (place.name.rfind(kRoom, 0) != 0) continue;
      first = place.offset;
      break;
    }
    theta_.assign(all.begin() + first, all.begin() + first + blueprint_.parameter_count());
    blueprint_.clear_masked(theta_);
    const Index columns =
        before_ + 1 + blueprint_.link_tape_cols() + blueprint_.link_scratch_cols();
    block_ = AlignedBlock<T>(columns * padded(kTileRows));
  }

  void begin(const RowMatrix& before, Index first, Index n) override {
    rows_ = n;
    const Index all = padded(n);
    pass_ = {};
    pass_.theta = theta_.data();
    pass_.rows = all;
    T* at = block_.data();
    const View<T> context(at, all, before_);
    for (Index j = 0; j < before_; ++j) {
      std::fill_n(context.col(j), all, T(0));
      for (Index r = 0; r < n; ++r) context.col(j)[r] = static_cast<T>(before(first + r, j));
    }
    pass_.context = context;
    own_ = View<T>(at + context.size(), all, 1);
    pass_.tape = own_.data + all;
    pass_.scratch = pass_.tape + blueprint_.link_tape_cols() * all;
    head_->begin(pass_);
  }

  void next(Index j, RowMatrix& log_share) override {
    const View<const T> logits = head_->logits(pass_, j);
    const std::vector<T>& log_mass = head_->log_mass(j);
    log_share.resize(rows_, logits.cols);
    for (Index b = 0; b < logits.cols; ++b) {
      for (Index r = 0; r < rows_; ++r) {
        log_share(r, b) = static_cast<double>(logits.col(b)[r]) +
                          static_cast<double>(log_mass[static_cast<std::size_t>(b)]);
      }
    }
    for (Index r = 0; r < rows_; ++r) {
      const double top = log_share.row(r).maxCoeff();
      log_share.row(r).array() -= top + std::log((log_share.row(r).array() - top).exp().sum());
    }
  }

  void take(Index j, const std::vector<Index>& bins) override {
    std::fill_n(own_.data, own_.rows, T(0.5));
    for (Index r = 0; r < rows_; ++r) {
      own_.data[r] = static_cast<T>(static_cast<double>(bins[static_cast<std::size_t>(r)]) + 0.5);
    }
    head_->show(pass_, own_, j);
  }

 private:
  Front front_;
  Index before_;
  Blueprint blueprint_;
  std::unique_ptr<Categorical<T>> head_;
  std::vector<T> theta_;
  AlignedBlock<T> block_{1};
  Pass<T> pass_;
  View<T> own_;
  Index rows_ = 0;
};

}  // namespace

std::unique_ptr<CellWalk> make_cell_walk(const Model& model) {
  if (model.front().cells.empty()) return nullptr;
  if (model.precision() == Precision::float32) return std::make_unique<CellWalkOf<float>>(model);
  return std::make_unique<CellWalkOf<double>>(model);
}

}  // namespace nflow
