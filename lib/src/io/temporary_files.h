#pragma once

#include <csignal>
#include <string>

namespace nflow {

/// Has `path` removed should a signal (SIGINT, SIGTERM, SIGHUP and the like) end the process.
/// A signal that is ignored, as SIGHUP under nohup, or that has a handler is left alone.
void remove_on_signal(const std::string& path);
/// Takes that back.
void forget_on_signal(const std::string& path);

/// Holds those signals back in this thread, so that none comes between the making of a file and
/// remove_on_signal.
class SignalPause {
 public:
  SignalPause();
  ~SignalPause();
  SignalPause(const SignalPause&) = delete;
  SignalPause& operator=(const SignalPause&) = delete;

 private:
  sigset_t before_;
};

}  // namespace nflow
