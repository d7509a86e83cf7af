#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "nflow/input_file.h"
#include "nflow/output_file.h"
#include "nflow/trainer.h"

namespace nflow {

/// A training that was cut: all that it takes to go on as if it never had been, but the state of
/// the training at hand, which may be gigabytes and has its place behind this in the file. A
/// command may train several chains, one after the other, and keep the best.
struct Checkpoint {
  struct Training {
    std::string model;           ///< its bytes, as to_bytes(Model) gives them
    std::string history;         ///< CSV
    bool start_is_best = false;  ///< is the model what the training began with?
  };

  /// What must be the same for the bytes to be the same, and how to say so: option to value.
  std::map<std::string, std::string> settings;
  std::vector<double> found;       ///< by the choice of the chains, so far (Interruption)
  std::vector<std::string> flows;  ///< the chains to train, as text; none: not chosen yet
  /// The chains of the tables before this one, where the command trains on several: folds.
  std::vector<std::vector<std::string>> earlier = {};
  std::vector<Training> finished;  ///< of all tables, in their order
  std::string history;             ///< of the training at hand, its epochs so far
};

// The file:
//   1. a line of text: "nflow checkpoint 2 ", a digest of all that follows, and a line feed
//   2. 8 bytes: the length of the head, unsigned little-endian
//   3. the head, CBOR (RFC 8949): settings, found, flows, earlier, and the sizes of what comes
//   behind it
//   4. models and histories of the trainings that are finished, the history of that at hand, its
//      state as it lies in memory; nothing else

/// Keeps other processes from writing a checkpoint of that name as long as this lives, so that two
/// trainings do not lose each other's work: flock(2) on the file itself, which leaves nothing
/// behind however a process ends. A file system without locks has none of this.
class CheckpointLock {
 public:
  explicit CheckpointLock(std::string path);
  ~CheckpointLock();
  CheckpointLock(const CheckpointLock&) = delete;
  CheckpointLock& operator=(const CheckpointLock&) = delete;

  const std::string& path() const { return path_; }
  /// Takes the lock; false where there is no such file. Throws Error that names the process where
  /// another one has it.
  bool take();
  /// Puts a whole new file there, which has the lock then. Throws Error as take() does.
  void commit(OutputFile& file);

 private:
  void hold(int fd);
  [[noreturn]] void refuse(int fd) const;

  std::string path_;
  int fd_ = -1;  // of the file that is locked
};

/// Writes a checkpoint to the lock's file, whole or not at all; no `state`: the training at hand
/// has not begun. Takes little memory beside what it is given. Throws Error.
void save_checkpoint(const Checkpoint& checkpoint, const StatePieces& state, CheckpointLock& lock);

/// A checkpoint as it lies in a file, which is open for as long as this lives.
class CheckpointFile final : public StateSource {
 public:
  /// Throws Error, with the file's name, where it cannot be read, is no checkpoint (a pipe is not
  /// opened), is cut short or damaged.
  explicit CheckpointFile(const std::string& path);

  /// All but the state; to be called once.
  Checkpoint take() { return std::move(checkpoint_); }
  std::string name() const override { return name_; }
  /// Bytes of the state; 0: there is none.
  std::uint64_t size() const override { return state_bytes_; }
  void read(char* to, std::size_t size) override;
  /// Writes the same to the lock's file, whole or not at all. To be called before read().
  void copy_to(CheckpointLock& lock);

 private:
  std::string name_;  // fit to print
  InputFile file_;
  Checkpoint checkpoint_;
  std::uint64_t state_bytes_ = 0;
};

}  // namespace nflow
