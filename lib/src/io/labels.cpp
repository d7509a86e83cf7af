#include "nflow/labels.h"

#include <functional>

#include "nflow/csv.h"

namespace nflow {
namespace {

std::uint32_t hash_of(std::string_view text) {
  return static_cast<std::uint32_t>(std::hash<std::string_view>()(text));
}

}  // namespace

Labels::Labels(const std::vector<std::string>& texts, LabelBounds bounds) : bounds_(bounds) {
  for (const std::string& text : texts) number_of(text);
}

/// The slot that holds the text, or the free one where it would be put. Call where there are slots.
std::size_t Labels::slot_of(std::string_view text, std::uint32_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].label != 0 &&
         (slots_[at].hash != hash || texts_[slots_[at].label - 1] != text)) {
    at = (at + 1) & mask;
  }
  return at;
}

/// Half of the slots stay free, which keeps the ways short. Labels go to the new ones in their
/// order, as forget_last() wants.
void Labels::grow() {
  std::vector<std::uint32_t> hashes(texts_.size());
  for (const Slot& slot : slots_) {
    if (slot.label != 0) hashes[slot.label - 1] = slot.hash;
  }
  slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), {0, 0});
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    slots_[slot_of(texts_[i], hashes[i])] = {hashes[i], static_cast<std::uint32_t>(i + 1)};
  }
}

Index Labels::number_of(std::string_view text) {
  if (2 * (texts_.size() + 1) > slots_.size()) grow();
  const std::uint32_t hash = hash_of(text);
  Slot& slot = slots_[slot_of(text, hash)];
  if (slot.label != 0) return slot.label - 1;
  if (size() >= bounds_.labels || text.size() > bounds_.bytes - bytes_) {
    overflowed_ = true;
    return kOther;
  }
  texts_.emplace_back(text);
  bytes_ += text.size();
  slot = {hash, static_cast<std::uint32_t>(texts_.size())};
  return size() - 1;
}

std::optional<Index> Labels::find(std::string_view text) const {
  if (slots_.empty()) return std::nullopt;
  const std::uint32_t found = slots_[slot_of(text, hash_of(text))].label;
  return found == 0 ? std::nullopt : std::optional<Index>(found - 1);
}

/// No other label was put behind its slot, so the ways to all others stay whole.
void Labels::forget_last() {
  slots_[slot_of(texts_.back(), hash_of(texts_.back()))] = {0, 0};
  bytes_ -= texts_.back().size();
  texts_.pop_back();
}

void append_value(std::string& out, double value, const std::vector<std::string>& levels,
                  char delimiter, char decimal) {
  if (value == value) return append_number(out, value, delimiter, decimal);
  if (!is_label(value)) return;
  const auto number = static_cast<std::size_t>(label_number(value));
  if (number < levels.size()) append_field(out, levels[number], delimiter);
}

}  // namespace nflow
