#include "io/temporary_files.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <mutex>

#include "nflow/output_file.h"

namespace nflow {
namespace {

constexpr int kEndingSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXCPU, SIGXFSZ};

/// Storage that a signal handler may read at any time: never freed, and filled before it is marked.
struct Slot {
  std::atomic<bool> used{false};
  char path[PATH_MAX];
};

Slot slots[16];  // should they all be taken, further files are not removed
std::mutex slots_mutex;

extern "C" void remove_and_end(int signal) {
  const int saved = errno;
  remove_unfinished_files();
  errno = saved;
  // SA_RESETHAND has restored the default, which acts as soon as this handler returns.
  ::raise(signal);
}

bool has_default_action(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL;
}

bool has_our_action(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == remove_and_end;
}

void install_handlers() {
  struct sigaction ours {};
  ours.sa_handler = remove_and_end;
  ours.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigemptyset(&ours.sa_mask);
  for (const int signal : kEndingSignals) {
    struct sigaction present {};
    ::sigaction(signal, nullptr, &present);
    if (has_default_action(present)) ::sigaction(signal, &ours, nullptr);
  }
}

void restore_handlers() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  ::sigemptyset(&standard.sa_mask);
  for (const int signal : kEndingSignals) {
    struct sigaction present {};
    ::sigaction(signal, nullptr, &present);
    if (has_our_action(present)) ::sigaction(signal, &standard, nullptr);
  }
}

}  // namespace

void remove_on_signal(const std::string& path) {
  const std::lock_guard<std::mutex> lock(slots_mutex);
  const auto slot =
      std::find_if(std::begin(slots), std::end(slots), [](const Slot& s) { return !s.used; });
  if (slot == std::end(slots) || path.size() >= sizeof slot->path) return;
  std::memcpy(slot->path, path.c_str(), path.size() + 1);
  slot->used = true;
  install_handlers();
}

void forget_on_signal(const std::string& path) {
  const std::lock_guard<std::mutex> lock(slots_mutex);
  bool any = false;
  for (Slot& slot : slots) {
    if (slot.used && path == slot.path) slot.used = false;
    any = any || slot.used;
  }
  if (!any) restore_handlers();
}

void remove_unfinished_files() {
  for (const Slot& slot : slots)
    if (slot.used) ::unlink(slot.path);
}

SignalPause::SignalPause() {
  sigset_t held;
  ::sigemptyset(&held);
  for (const int signal : kEndingSignals) ::sigaddset(&held, signal);
  ::pthread_sigmask(SIG_BLOCK, &held, &before_);
}

SignalPause::~SignalPause() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace nflow
