#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace nflow {

/// Decompresses a stream as it comes, in bounded memory.
class Decoder {
 public:
  struct Progress {
    std::size_t taken = 0;  ///< bytes of the input
    std::size_t given = 0;  ///< bytes of the output
    std::string failure;    ///< what is wrong behind these; empty: nothing
    bool damaged = true;    ///< false: the failure says all, and the data may be sound
  };

  virtual ~Decoder() = default;
  /// Decodes some of `input` into the `size` bytes at `bytes`. Where it fills these, more may come
  /// of the same input, even where all of it is taken.
  virtual Progress decode(std::string_view input, char* bytes, std::size_t size) = 0;
  /// May the input end here?
  virtual bool at_end() const = 0;
};

/// What a file is by its first bytes.
struct FileFormat {
  std::string_view name;                       ///< "gzip"
  std::string_view magic;                      ///< its first bytes
  std::unique_ptr<Decoder> (*make_decoder)();  ///< null: none of ours
};

/// The format whose magic `start` begins with; null where there is none. `undecided` says whether
/// more bytes could still make it one.
const FileFormat* find_format(std::string_view start, bool& undecided);

}  // namespace nflow
