#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nflow/table.h"

namespace nflow {

// A label, which is a text in a table, stands in a RowMatrix as a NaN that holds the label's
// number. A hole, where a value is missing, is any other NaN. Copies keep labels; arithmetic need
// not.

/// The high half of a double that is a label: a quiet NaN and a mark that no arithmetic makes.
inline constexpr std::uint32_t kLabelMark = 0x7FFA1ABE;

/// The label of that number, from 0 to 2^32 - 1.
inline double label_value(Index number) {
  const std::uint64_t bits = std::uint64_t{kLabelMark} << 32 | static_cast<std::uint32_t>(number);
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline std::uint64_t bits_of(double value) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline bool is_label(double value) { return bits_of(value) >> 32 == kLabelMark; }

/// Is it a NaN that is no label?
inline bool is_hole(double value) { return value != value && !is_label(value); }

/// The number of a label.
inline Index label_number(double label) { return static_cast<Index>(bits_of(label) & 0xFFFFFFFF); }

/// The labels that a column may have, and the bytes of their texts.
inline constexpr Index kMostLabels = Index{1} << 20;
inline constexpr std::size_t kMostLabelBytes = std::size_t{1} << 26;

/// What bounds the memory of a column's labels.
struct LabelBounds {
  Index labels = kMostLabels;
  std::size_t bytes = kMostLabelBytes;
};

/// The labels of one column, numbered from 0 in the order in which they came.
class Labels {
 public:
  static constexpr Index kUnseen = 0xFFFFFFFF;  ///< of a text that is not among known labels
  static constexpr Index kOther = 0xFFFFFFFE;   ///< of texts beyond the bounds

  Labels() = default;
  explicit Labels(LabelBounds bounds) : bounds_(bounds) {}
  /// Text i has number i, where each is there once.
  explicit Labels(const std::vector<std::string>& texts, LabelBounds bounds = LabelBounds());

  /// Adds the text where it is new; kOther where the bounds leave no room for it.
  Index number_of(std::string_view text);
  std::optional<Index> find(std::string_view text) const;
  const std::string& text(Index number) const { return texts_[static_cast<std::size_t>(number)]; }
  const std::vector<std::string>& texts() const { return texts_; }
  Index size() const { return static_cast<Index>(texts_.size()); }
  LabelBounds bounds() const { return bounds_; }

  /// Has any text been given kOther?
  bool overflowed() const { return overflowed_; }
  void set_overflowed() { overflowed_ = true; }

  /// Takes back the label that came last.
  void forget_last();

 private:
  struct Slot {
    std::uint32_t hash, label;  // 1 + its number; 0: the slot is free
  };
  std::size_t slot_of(std::string_view text, std::uint32_t hash) const;
  void grow();

  // A hash table whose copies need no care.
  std::vector<std::string> texts_;
  std::vector<Slot> slots_;
  std::size_t bytes_ = 0;
  LabelBounds bounds_;
  bool overflowed_ = false;
};

/// The number that a field of this text is; nothing where it is none.
std::optional<double> parse_number(std::string_view text);

/// Appends a value as a field: a label as its text in `levels`, in quotes where it needs them; a
/// hole, and a label that has no text there, as an empty field; a number as append_number does.
void append_value(std::string& out, double value, const std::vector<std::string>& levels,
                  char delimiter, char decimal);

}  // namespace nflow
