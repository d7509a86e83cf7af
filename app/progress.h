#pragma once

#include <string>

#include "nflow/trainer.h"

namespace nflow::app {

/// Shows how a training goes. On a terminal: one line that overwrites itself. Elsewhere: a line
/// every few seconds. Nothing with --quiet.
class Progress {
 public:
  Progress(Index rows, double time_limit, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void report(const EpochReport& report);
  /// Takes the line off the terminal, so that other messages have it to themselves.
  void clear();

 private:
  std::string text(const EpochReport& report) const;
  void overwrite(const std::string& line);

  double rows_;
  double time_limit_;
  bool quiet_;
  bool terminal_;
  std::size_t shown_ = 0;  // length of the line that stands on the terminal
  double last_seconds_ = 0;
  double next_line_;  // seconds of training when the next plain line is due
};

}  // namespace nflow::app
