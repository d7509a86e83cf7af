#pragma once

namespace nflow::app {

/// What signals ask of a training that can be cut: SIGUSR1 to save, SIGTERM, SIGINT, SIGHUP and
/// SIGXCPU to save and stop. A second SIGINT ends the process at once. One that is ignored, as
/// SIGHUP under nohup, stays it. One object at a time.
class Signals {
 public:
  Signals();  ///< SIGUSR1 no longer ends the process
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// From now on the others no longer do either.
  void listen();
  /// The signal that asked to stop; 0: none did.
  int stop() const;
  /// Has SIGUSR1 come since the last call?
  bool take_save();
};

}  // namespace nflow::app
