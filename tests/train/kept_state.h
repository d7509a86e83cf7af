#pragma once

#include <cstring>
#include <string>

#include "nflow/error.h"
#include "nflow/trainer.h"

namespace nflow::testing {

/// The state of a training, kept in memory.
class KeptState final : public StateSource {
 public:
  std::string bytes;

  /// For TrainControl::save.
  auto saver() {
    return [this](const StatePieces& state) {
      bytes.clear();
      for (const std::string_view piece : state) bytes += piece;
    };
  }
  /// For TrainControl::state: null where nothing was saved.
  StateSource* source() {
    place_ = 0;
    return bytes.empty() ? nullptr : this;
  }

  std::string name() const override { return "kept"; }
  std::uint64_t size() const override { return bytes.size(); }
  void read(char* to, std::size_t size) override {
    if (bytes.size() - place_ < size) throw Error("the state is shorter than it says");
    if (size > 0) std::memcpy(to, bytes.data() + place_, size);
    place_ += size;
  }

 private:
  std::size_t place_ = 0;
};

}  // namespace nflow::testing
