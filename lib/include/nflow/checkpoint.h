#pragma once

#include <map>
#include <string>
#include <vector>

namespace nflow {

/// A training that was cut: all that it takes to go on as if it never had been. A command may train
/// several chains, one after the other, and keep the best.
struct Checkpoint {
  struct Training {
    std::string model;    ///< its bytes, as to_bytes(Model) gives them
    std::string history;  ///< CSV
  };

  /// What must be the same for the bytes to be the same, and how to say so: option to value.
  std::map<std::string, std::string> settings;
  std::vector<std::string> flows;  ///< the chains to train, as text; none: not chosen yet
  std::vector<Training> finished;  ///< in their order
  std::string state;               ///< of the training at hand (TrainControl); empty: not begun
  std::string history;             ///< its epochs so far
};

/// The file: a line of text, a digest of all that follows, and CBOR (RFC 8949).
std::string to_bytes(const Checkpoint& checkpoint);
/// Throws Error, with the file's name, where it cannot be read, is no checkpoint, is cut short or
/// damaged.
Checkpoint load_checkpoint(const std::string& path);

}  // namespace nflow
