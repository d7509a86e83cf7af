#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "nflow/interruption.h"
#include "view.h"

namespace nflow {

/// A fixed set of threads that share out numbered tasks. Which worker takes which task is open, so
/// results must not depend on it: tasks write to places of their own, and sums over tasks are taken
/// in the order of their numbers.
class ThreadPool {
 public:
  /// At most so many threads, which run() starts: no more than it ever had tasks at once.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// From now on run() first asks whether to stop, and throws Interrupted where that is so.
  void interrupt_by(Interruption interruption) { interruption_ = std::move(interruption); }
  /// Is the work to end with what there is by now? For what goes on as long as it gets better.
  bool hurried() const { return interruption_.hurry && interruption_.hurry(); }

  int size() const { return size_; }

  /// Calls task(number, worker) for each number below `count`, worker below size() and below the
  /// largest `count` so far, and waits. The caller works too. The first exception of a task is
  /// thrown here, and Error where threads cannot be started. Allocates nothing but threads.
  template <class Task>
  void run(Index count, const Task& task) {
    run(count, &task, [](const void* t, Index number, int worker) {
      (*static_cast<const Task*>(t))(number, worker);
    });
  }

 private:
  using Call = void (*)(const void* task, Index number, int worker);

  void run(Index count, const void* task, Call call);
  void start(Index workers);
  void work(int worker);
  void serve(int worker, unsigned seen);

  int size_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::atomic<unsigned> round_{0};  // grows by 1 with each run()
  bool stop_ = false;
  std::atomic<int> busy_{0};  // workers that have not finished this round
  std::atomic<Index> next_{0};
  Index count_ = 0;
  const void* task_ = nullptr;
  Call call_ = nullptr;
  std::exception_ptr failure_;
  Interruption interruption_;
};

}  // namespace nflow
