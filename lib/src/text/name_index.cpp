#include "nflow/name_index.h"

namespace nflow {
namespace {

constexpr int kMostScans = 8;

void add(NameIndex::Place& place, Index position) {
  if (place.first < 0) {
    place.first = position;
  } else if (place.second < 0) {
    place.second = position;
  }
}

}  // namespace

NameIndex::Place NameIndex::find(std::string_view name) {
  const auto count = static_cast<Index>(names_.size());
  if (scans_ < kMostScans) {
    ++scans_;
    Place place;
    for (Index i = 0; i < count; ++i) {
      if (names_[static_cast<std::size_t>(i)] == name) add(place, i);
    }
    return place;
  }
  if (places_.empty()) {
    places_.reserve(names_.size());
    for (Index i = 0; i < count; ++i) add(places_[names_[static_cast<std::size_t>(i)]], i);
  }
  const auto found = places_.find(name);
  return found == places_.end() ? Place() : found->second;
}

}  // namespace nflow
