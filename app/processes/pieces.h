#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "nflow/output_file.h"

namespace nflow::app {

/// The output of a command that makes it piece by piece. Several processes share the pieces out
/// among them, and the first writes all, in order.
class PieceOutput {
 public:
  /// "-" is standard output.
  explicit PieceOutput(const std::string& path);

  /// For what comes before and behind the pieces.
  void write(const std::string& text);
  /// Is the next piece this process's to make?
  bool mine() const;
  /// Call in every process; `text` matters in that whose piece it is.
  void write_piece(const std::string& text);
  void commit();

 private:
  int owner() const;  // of the next piece

  std::optional<OutputFile> file_;  // of the first process
  std::uint64_t number_ = 0;        // of the next piece
};

}  // namespace nflow::app
