#pragma once

#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "nflow/ranks.h"

namespace nflow::testing {

/// What the ranks of one run share: a place where all wait for all, and what each has put there.
class Meeting {
 public:
  explicit Meeting(int count) : offers(count), count_(count) {}

  struct Offer {
    const std::vector<Ranks::Message>* sends;
    const void* data;
    double number;
  };
  std::vector<Offer> offers;

  void wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    const int round = round_;
    if (++waiting_ == count_) {
      waiting_ = 0;
      ++round_;
      all_here_.notify_all();
    }
    all_here_.wait(lock, [&] { return round_ != round || ended_; });
    if (round_ == round) throw std::runtime_error("another rank ended");
  }
  /// Nobody is to wait any longer, as where MPI ends all.
  void end() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    all_here_.notify_all();
  }

 private:
  int count_, waiting_ = 0, round_ = 0;
  bool ended_ = false;
  std::mutex mutex_;
  std::condition_variable all_here_;
};

/// A rank that is a thread of this process.
class ThreadRank final : public Ranks {
 public:
  ThreadRank(Meeting& meeting, int rank) : meeting_(meeting), rank_(rank) {}

  int rank() const override { return rank_; }
  int count() const override { return static_cast<int>(meeting_.offers.size()); }
  int neighbours() const override { return count(); }

  void exchange(const std::vector<Message>& sends, const std::vector<Message>& receives) override {
    offer().sends = &sends;
    meeting_.wait();
    std::vector<std::size_t> next(meeting_.offers.size());  // message of each peer
    for (const Message& to : receives) {
      const std::vector<Message>& theirs = *meeting_.offers[to.peer].sends;
      std::size_t& at = next[to.peer];
      while (theirs.at(at).peer != rank_) ++at;
      if (theirs[at].bytes != to.bytes) throw std::runtime_error("messages of two sizes");
      if (to.bytes > 0) std::memcpy(to.data, theirs[at].data, to.bytes);
      ++at;
    }
    meeting_.wait();
  }

  void gather_parts(void* data, const std::vector<std::size_t>& ends) override {
    offer().data = data;
    meeting_.wait();
    for (int peer = 0; peer < count(); ++peer) {
      const std::size_t begin = peer == 0 ? 0 : ends[peer - 1], bytes = ends[peer] - begin;
      if (peer == rank_ || bytes == 0) continue;
      std::memcpy(static_cast<char*>(data) + begin,
                  static_cast<const char*>(meeting_.offers[peer].data) + begin, bytes);
    }
    meeting_.wait();
  }

  double of_first(double value) override { return numbers(value).front(); }
  int largest(int value) override {
    const std::vector<double> all = numbers(value);
    return static_cast<int>(*std::max_element(all.begin(), all.end()));
  }

 private:
  Meeting::Offer& offer() { return meeting_.offers[rank_]; }
  std::vector<double> numbers(double own) {
    offer().number = own;
    meeting_.wait();
    std::vector<double> all;
    for (const Meeting::Offer& theirs : meeting_.offers) all.push_back(theirs.number);
    meeting_.wait();
    return all;
  }

  Meeting& meeting_;
  int rank_;
};

/// work(ranks) in each of `count` ranks; with null in this thread where there is one. Gives what
/// they return, and throws what the first throws that does.
template <class Work>
auto as_ranks(int count, const Work& work) {
  using Result = decltype(work(static_cast<Ranks*>(nullptr)));
  std::vector<Result> results(static_cast<std::size_t>(count));
  if (count == 1) {
    results[0] = work(static_cast<Ranks*>(nullptr));
    return results;
  }
  Meeting meeting(count);
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(count));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < count; ++rank) {
    threads.emplace_back([&, rank] {
      ThreadRank self(meeting, rank);
      try {
        results[rank] = work(&self);
      } catch (...) {
        failures[rank] = std::current_exception();
        meeting.end();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return results;
}

}  // namespace nflow::testing
