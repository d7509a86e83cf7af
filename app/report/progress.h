#pragma once

#include <spdlog/common.h>

#include <cstdint>
#include <limits>
#include <string>

#include "nflow/trainer.h"
#include "report/progress_text.h"
#include "report/stopwatch.h"

namespace nflow::app {

/// Shows how far a piece of work is, as often as is good: on a terminal in the status line, from
/// `first` seconds on, elsewhere by a message of the given level after 10 s, 20 s, 40 s, and so on.
class Progress {
 public:
  Progress(spdlog::level::level_enum level, double first);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Is it time to show something? Cheap: it can be asked at every step.
  bool due() const;
  void show(const Stage& stage);
  double seconds() const { return watch_.seconds(); }

 private:
  spdlog::level::level_enum level_;
  bool terminal_;
  Stopwatch watch_;
  double next_;
};

/// The progress of a training, or of what comes before its first step.
class TrainingProgress {
 public:
  /// `stage` is what programs are told that goes on.
  explicit TrainingProgress(std::string stage, TrainingPart part = {});

  void wait(const std::string& what);  ///< nobody knows how long
  void step(const StepReport& report);
  void epoch(const EpochReport& report);

 private:
  std::string stage_;
  TrainingPart part_;
  std::string which_;  // of several, for people
  Progress progress_;
  StepReport first_;  // of this process
  double best_ = kUnknown;
};

/// The progress of rows which go from input to output. Shows nothing on a terminal where it would
/// be in the output's way: it must go to a file.
class RowProgress {
 public:
  /// `total` 0: unknown.
  explicit RowProgress(const std::string& output, std::uint64_t total = 0);

  void add(std::uint64_t rows);

 private:
  Progress progress_;
  bool shows_;
  std::uint64_t rows_ = 0, total_;
};

}  // namespace nflow::app
