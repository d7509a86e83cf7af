#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/digest.h"

namespace nflow {

/// The bytes of a model file, from its begin to its end, wherever they come from. Takes memory for
/// what is there, not for what the file claims, and keeps the digest as it goes.
class ModelSource {
 public:
  /// Puts some of the next bytes in a place of that size and says how many; 0 at the end.
  using Read = std::function<std::size_t(char*, std::size_t)>;

  /// `size` is that of the whole file, where it is known. Reads all up to the data of the tensors.
  /// Throws Error where the file is no model, or where it is cut short or too long.
  ModelSource(Read from, std::optional<std::uint64_t> size);

  /// The JSON. Throws Error where its length cannot be.
  std::string_view header() const;
  /// What the file has behind the header, as it claims.
  std::uint64_t data_bytes() const { return promised_ - start_.size(); }

  /// The next `count` numbers of the data. Throws Error where there are fewer.
  template <class T>
  std::vector<T> take(std::uint64_t count) {
    constexpr std::uint64_t block = (std::uint64_t{1} << 20) / sizeof(T);
    std::vector<T> values;
    if (size_known_) values.reserve(count);
    while (values.size() < count) {
      const std::size_t before = values.size();
      values.resize(before + std::min(count - before, block));
      read(reinterpret_cast<char*>(&values[before]), (values.size() - before) * sizeof(T));
    }
    return values;
  }

  /// To be called behind the data. Throws Error where the file goes on or is damaged.
  void check_end();
  /// Where the header is refused: throws Error where that comes from damage to the file. Files that
  /// claim to be huge are not read for that.
  void check_for_damage();

 private:
  void read(char* bytes, std::size_t size);
  std::size_t read_up_to(char* bytes, std::size_t size);
  void check_size(std::uint64_t size) const;

  Read read_;
  bool size_known_;
  std::string start_;  // of the file, up to the data
  std::uint64_t length_ = 0;
  std::uint64_t promised_ = 0;
  std::uint64_t count_ = 0;  // bytes read
  Digest digest_;
};

}  // namespace nflow
