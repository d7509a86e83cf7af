#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "nflow/input_file.h"
#include "nflow/trainer.h"

namespace nflow {

/// A training that was cut: all that it takes to go on as if it never had been, but the state of
/// the training at hand, which may be gigabytes and has its place behind this in the file. A
/// command may train several chains, one after the other, and keep the best.
struct Checkpoint {
  struct Training {
    std::string model;    ///< its bytes, as to_bytes(Model) gives them
    std::string history;  ///< CSV
  };

  /// What must be the same for the bytes to be the same, and how to say so: option to value.
  std::map<std::string, std::string> settings;
  std::vector<double> found;       ///< by the choice of the chains, so far (Interruption)
  std::vector<std::string> flows;  ///< the chains to train, as text; none: not chosen yet
  std::vector<Training> finished;  ///< in their order
  std::string history;             ///< of the training at hand, its epochs so far
};

// The file:
//   1. a line of text: "nflow checkpoint 2 ", a digest of all that follows, and a line feed
//   2. 8 bytes: the length of the head, unsigned little-endian
//   3. the head, CBOR (RFC 8949): settings, found, flows, and the sizes of what comes behind it
//   4. models and histories of the trainings that are finished, the history of that at hand, its
//      state as it lies in memory; nothing else

/// Writes a checkpoint, whole or not at all; no `state`: the training at hand has not begun. Takes
/// little memory beside what it is given. Throws Error.
void save_checkpoint(const Checkpoint& checkpoint, const StatePieces& state,
                     const std::string& path);

/// A checkpoint as it lies in a file, which is open for as long as this lives.
class CheckpointFile final : public StateSource {
 public:
  /// Throws Error, with the file's name, where it cannot be read, is no checkpoint, is cut short or
  /// damaged.
  explicit CheckpointFile(const std::string& path);

  /// All but the state; to be called once.
  Checkpoint take() { return std::move(checkpoint_); }
  std::string name() const override { return name_; }
  /// Of the state; 0: there is none.
  std::uint64_t size() const override { return state_bytes_; }
  void read(char* to, std::size_t size) override;
  /// Writes the same to another file, whole or not at all. To be called before read().
  void copy_to(const std::string& path);

 private:
  InputFile file_;
  std::string name_;  // fit to print
  Checkpoint checkpoint_;
  std::uint64_t state_bytes_ = 0;
};

}  // namespace nflow
