#include "nflow/labels.h"

#include <functional>

#include "nflow/csv.h"

namespace nflow {

Labels::Labels(const std::vector<std::string>& texts, LabelBounds bounds) : bounds_(bounds) {
  for (const std::string& text : texts) number_of(text);
}

/// That of the text, or the free one where it would be put. Call where there are slots.
std::size_t Labels::slot_of(std::string_view text) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = std::hash<std::string_view>()(text) & mask;
  while (slots_[at] != 0 && texts_[slots_[at] - 1] != text) at = (at + 1) & mask;
  return at;
}

/// Half of the slots stay free, which keeps the ways short.
void Labels::grow() {
  slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), 0);
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    slots_[slot_of(texts_[i])] = static_cast<std::uint32_t>(i + 1);
  }
}

Index Labels::number_of(std::string_view text) {
  if (const std::optional<Index> known = find(text)) return *known;
  if (size() >= bounds_.labels || text.size() > bounds_.bytes - bytes_) {
    overflowed_ = true;
    return kOther;
  }
  if (2 * (texts_.size() + 1) > slots_.size()) grow();
  const std::size_t slot = slot_of(text);
  texts_.emplace_back(text);
  bytes_ += text.size();
  slots_[slot] = static_cast<std::uint32_t>(texts_.size());
  return size() - 1;
}

std::optional<Index> Labels::find(std::string_view text) const {
  if (slots_.empty()) return std::nullopt;
  const std::uint32_t found = slots_[slot_of(text)];
  return found == 0 ? std::nullopt : std::optional<Index>(found - 1);
}

/// No other label was put behind its slot, so the ways to all others stay whole.
void Labels::forget_last() {
  slots_[slot_of(texts_.back())] = 0;
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
