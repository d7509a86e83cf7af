#include "processes/signals.h"

#include <atomic>
#include <csignal>

#include "nflow/output_file.h"

namespace nflow::app {
namespace {

constexpr int kStopping[] = {SIGTERM, SIGINT, SIGHUP, SIGXCPU};

// Atomic, since any thread may take a signal while another looks.
std::atomic<int> stop_signal{0}, save_wished{0}, interrupts{0};
static_assert(std::atomic<int>::is_always_lock_free, "as a signal handler needs them");

extern "C" void note_save(int) { save_wished = 1; }

extern "C" void note_stop(int signal) {
  if (signal == SIGINT) {
    if (++interrupts == 2) {
      remove_unfinished_files();
      std::signal(SIGINT, SIG_DFL);
      std::raise(SIGINT);
      return;
    }
  }
  stop_signal = signal;
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction present {};
  ::sigaction(signal, nullptr, &present);
  if ((present.sa_flags & SA_SIGINFO) == 0 && present.sa_handler == SIG_IGN) return;
  struct sigaction ours {};
  ours.sa_handler = handler;
  ours.sa_flags = SA_RESTART;
  ::sigemptyset(&ours.sa_mask);
  ::sigaction(signal, &ours, nullptr);
}

}  // namespace

Signals::Signals() {
  stop_signal = 0;
  save_wished = 0;
  interrupts = 0;
  handle(SIGUSR1, note_save);
}

Signals::~Signals() {
  for (const int signal : kStopping) handle(signal, SIG_DFL);
  handle(SIGUSR1, SIG_DFL);
}

void Signals::listen() {
  for (const int signal : kStopping) handle(signal, note_stop);
}

int Signals::stop() const { return stop_signal; }

bool Signals::take_save() { return save_wished.exchange(0) != 0; }

}  // namespace nflow::app
