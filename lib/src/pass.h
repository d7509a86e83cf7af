#pragma once

#include <cstdint>

#include "blueprint.h"
#include "view.h"

namespace nflow {

/// Which dropout masks a training step draws: they depend on the row's place in the data stream,
/// not on the thread that treats it.
struct Dropout {
  std::uint64_t seed;
  std::uint64_t first_row;  ///< number of the tile's first row in the stream of all training rows
};

template <class T>
class PackedWeights;

/// What one worker holds while it treats one tile of rows.
template <class T>
struct Pass {
  const T* theta = nullptr;                  ///< all parameters, read only
  const PackedWeights<T>* packed = nullptr;  ///< theta's; null: none
  T* grad = nullptr;      ///< same places as theta; added to, by backward() alone
  bool begins = false;    ///< are the sums in grad to begin here? See Start::overwritten
  T* tape = nullptr;      ///< of the link at hand
  T* scratch = nullptr;   ///< shared by all links
  Index rows = 0;         ///< of the tile: a multiple of kRowStep
  View<const T> context;  ///< rows x C
  View<T> dcontext;       ///< backward() adds the loss's slope by the context; may be empty
  bool training = false;  ///< does backward() follow? Then every link keeps its own tape
  /// Is log p all that is asked for? Then the last link may leave z at 0, with a log_det that makes
  /// log p what it is; in training a lower bound of it will do.
  bool density_alone = false;
  const Dropout* dropout = nullptr;  ///< null: none, as in everything but training

  View<T> tape_view(Slot slot) const { return {tape + slot.first * rows, rows, slot.cols}; }
  View<T> scratch_view(Slot slot) const { return {scratch + slot.first * rows, rows, slot.cols}; }
};

}  // namespace nflow
