#include "thread_pool.h"

#include <algorithm>
#include <string>

#include "nflow/error.h"

namespace nflow {
namespace {

// A training step is a few short rounds: a worker that looks again for some microseconds before it
// sleeps saves most of the wake-up calls. Longer would steal time from a neighbour's job, and
// giving the processor away in between (yield) would cost a whole time slice where it is shared.
constexpr int kLooks = 1000;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

ThreadPool::ThreadPool(int threads) : size_(std::max(threads, 1)) {}

/// A thread that had no work yet is not there yet. One that is new knows of no round but the next.
void ThreadPool::start(Index workers) {
  const std::size_t wanted = static_cast<std::size_t>(std::min<Index>(workers, size_)) - 1;
  threads_.reserve(wanted);
  try {
    while (threads_.size() < wanted) {
      const int worker = static_cast<int>(threads_.size()) + 1;
      threads_.emplace_back([this, worker, seen = round_.load()] { serve(worker, seen); });
    }
  } catch (const std::exception& error) {  // a batch system's limit of memory or of processes
    throw Error("cannot start " + std::to_string(wanted + 1) + " threads, only " +
                std::to_string(threads_.size() + 1) + ": " + error.what());
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
    ++round_;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void ThreadPool::run(Index count, const void* task, Call call) {
  if (interruption_.stop && interruption_.stop()) throw Interrupted();
  if (count <= 1 || size_ == 1) {
    for (Index number = 0; number < count; ++number) call(task, number, 0);
    return;
  }
  if (static_cast<Index>(threads_.size()) + 1 < std::min<Index>(count, size_)) start(count);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    count_ = count;
    task_ = task;
    call_ = call;
    failure_ = nullptr;
    next_ = 0;
    busy_ = static_cast<int>(threads_.size());
    ++round_;
  }
  wake_.notify_all();
  work(0);
  for (int look = 0; look < kLooks && busy_ > 0; ++look) pause();
  if (busy_ > 0) {
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
  }
  if (failure_) std::rethrow_exception(failure_);
}

void ThreadPool::work(int worker) {
  for (Index number = next_++; number < count_; number = next_++) {
    try {
      call_(task_, number, worker);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      next_ = count_;
    }
  }
}

void ThreadPool::serve(int worker, unsigned seen) {
  for (;;) {
    for (int look = 0; look < kLooks && round_ == seen; ++look) pause();
    if (round_ == seen) {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [&] { return round_ != seen; });
    }
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      seen = round_;
      if (stop_) return;
    }
    work(worker);
    if (--busy_ == 0) {
      const std::lock_guard<std::mutex> lock(mutex_);
      done_.notify_one();
    }
  }
}

}  // namespace nflow
