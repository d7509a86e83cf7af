#include "signals.h"

#include <csignal>

#include "nflow/output_file.h"

namespace nflow::app {
namespace {

constexpr int kStopping[] = {SIGTERM, SIGINT, SIGHUP, SIGXCPU};

volatile std::sig_atomic_t stop_signal = 0, save_wished = 0, interrupts = 0;

extern "C" void note_save(int) { save_wished = 1; }

extern "C" void note_stop(int signal) {
  if (signal == SIGINT) {
    interrupts = interrupts + 1;
    if (interrupts == 2) {
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
  stop_signal = save_wished = interrupts = 0;
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

bool Signals::take_save() {
  const bool wished = save_wished != 0;
  save_wished = 0;
  return wished;
}

}  // namespace nflow::app
