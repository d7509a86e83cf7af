#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "nflow/model.h"
#include "view.h"

namespace nflow {

/// The place of a matrix in the vector of all parameters, row-major.
struct Param {
  Index offset = 0;
  Index rows = 0;
  Index cols = 0;

  Index size() const { return rows * cols; }
};

/// A matrix of weights W as a product has it: x W^T on the way forward, or, `turned`, dy W on the
/// way back.
struct Factor {
  Param weight;
  bool turned = false;
  std::vector<Index> begin, end;  ///< what of the depth each column of the product reads; or empty
};

/// Columns of a worker's memory, as many rows as the tile at hand has.
struct Slot {
  Index first = 0;
  Index cols = 0;
};

/// How parameters begin.
struct Start {
  enum class Kind { constant, uniform, normal };
  Kind kind = Kind::constant;
  double value = 0;          ///< the constant, half-width or deviation
  bool decays = false;       ///< does weight decay act on it?
  bool overwritten = false;  ///< where Pass::begins, is its gradient written, not added to?
  std::vector<Index> live;   ///< row r keeps its first live[r] entries, the rest stay 0; empty: all

  static Start constant(double value) { return {Kind::constant, value, false, false, {}}; }
  static Start uniform(double width) { return {Kind::uniform, width, false, false, {}}; }
  static Start normal(double deviation) { return {Kind::normal, deviation, false, false, {}}; }
};

/// Drawn while the links of a chain are made: gives each its places in the parameters, on the tape
/// (what forward() leaves for backward()) and in scratch memory (valid inside one call). Links hold
/// places, never pointers, so that they are const and shared by all threads.
class Blueprint {
 public:
  /// Permutations are drawn from `seed`, or taken from `known`, in order, when it is not null.
  Blueprint(Index columns, Index context, std::uint64_t seed,
            const std::vector<Permutation>* known = nullptr);

  Index columns() const { return columns_; }  ///< D
  Index context() const { return context_; }  ///< C, of the link at hand
  /// How many of these, the first, are numbers and points of circles: a fit of all columns together
  /// has them among its own.
  Index numbers() const { return numbers_; }

  Param param(const std::string& name, Index rows, Index cols, Start start);
  /// The number of this factor; see PackedWeights.
  Index factor(const Factor& factor);
  Slot tape(Index cols);
  Slot scratch(Index cols);
  const std::vector<std::int64_t>& permutation(const std::string& name);
  /// Couplings made so far, this call not counted: they alternate between the halves.
  Index next_coupling() { return couplings_++; }

  /// Opens the room of the next link, which sees so many context columns, of which the first
  /// `numbers` are no cells' features; its tape and scratch places count from 0.
  void begin_link(const std::string& name, Index context, Index numbers);
  /// The same for a head, which stands outside the flow and its numbers.
  void begin_head(const std::string& name);
  /// Names inside begin with `prefix` from now on, up to leave().
  void enter(const std::string& prefix);
  void leave();

  Index link_tape_cols() const { return tape_cols_; }
  Index link_scratch_cols() const { return scratch_cols_; }

  Index parameter_count() const { return parameter_count_; }
  const std::vector<TensorPlace>& tensors() const { return tensors_; }
  const std::vector<Start>& starts() const { return starts_; }  ///< one a tensor
  const std::vector<Factor>& factors() const { return factors_; }
  const std::vector<Permutation>& permutations() const { return permutations_; }

  /// Parameters as they begin, drawn from `seed`.
  std::vector<double> initial_parameters(std::uint64_t seed) const;
  /// Sets to 0 the entries that masks leave out, as the products of masked nets need it.
  template <class T>
  void clear_masked(std::vector<T>& theta) const {
    for (std::size_t t = 0; t < tensors_.size(); ++t) {
      const TensorPlace& place = tensors_[t];
      for (Index r = 0; r < place.rows && !starts_[t].live.empty(); ++r) {
        const auto row = theta.begin() + place.offset + r * place.cols;
        std::fill(row + starts_[t].live[r], row + place.cols, T(0));
      }
    }
  }

 private:
  std::string path(const std::string& name) const;

  Index columns_, context_, numbers_;
  std::uint64_t seed_;
  const std::vector<Permutation>* known_;
  std::vector<std::string> rooms_;
  Index links_ = 0, couplings_ = 0, tape_cols_ = 0, scratch_cols_ = 0, parameter_count_ = 0;
  std::vector<TensorPlace> tensors_;
  std::vector<Start> starts_;
  std::vector<Factor> factors_;
  std::vector<Permutation> permutations_;
};

}  // namespace nflow
