#pragma once

#include <string_view>
#include <type_traits>
#include <vector>

#include "nflow/error.h"
#include "nflow/trainer.h"

namespace nflow {

/// The numbers and vectors that the state of a training is made of, where they lie in memory: saved
/// from there and read back to there, without a copy of what may be gigabytes.
class StatePlaces {
 public:
  template <class N>
  void add(N& number) {
    static_assert(std::is_arithmetic_v<N>);
    places_.push_back({reinterpret_cast<char*>(&number), sizeof number});
  }
  template <class N>
  void add(std::vector<N>& numbers) {
    static_assert(std::is_arithmetic_v<N>);
    places_.push_back({reinterpret_cast<char*>(numbers.data()), numbers.size() * sizeof(N)});
  }

  StatePieces pieces() const {
    StatePieces pieces;
    for (const Place& place : places_) pieces.emplace_back(place.bytes, place.size);
    return pieces;
  }

  /// Throws Error where the source has another size: it is the state of another flow.
  void read_from(StateSource& source) const {
    std::uint64_t size = 0;
    for (const Place& place : places_) size += place.size;
    if (size != source.size()) {
      throw Error(source.name() + ": the state of the training does not fit its flow");
    }
    for (const Place& place : places_) source.read(place.bytes, place.size);
  }

 private:
  struct Place {
    char* bytes;
    std::size_t size;
  };
  std::vector<Place> places_;
};

}  // namespace nflow
