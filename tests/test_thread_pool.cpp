#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "nflow/error.h"
#include "thread_pool.h"

using namespace nflow;

TEST_SUITE("system") {
  TEST_CASE("a pool does each task once, with a worker below its size, round after round") {
    for (const int threads : {1, 2, 5}) {
      CAPTURE(threads);
      ThreadPool pool(threads);
      for (const Index count : {0, 1, 2, 100, 3}) {
        CAPTURE(count);
        std::vector<std::atomic<int>> done(static_cast<std::size_t>(count));
        std::atomic<int> strangers{0};
        pool.run(count, [&](Index number, int worker) {
          ++done[static_cast<std::size_t>(number)];
          if (worker < 0 || worker >= pool.size()) ++strangers;
        });
        for (const auto& times : done) CHECK(times == 1);
        CHECK(strangers == 0);
      }
    }
  }

  TEST_CASE("what a task writes is seen by whoever waited for it") {
    ThreadPool pool(3);
    std::vector<long> sums(64, 0);  // no atomics: the pool has to order them
    for (long round = 1; round <= 200; ++round) {
      pool.run(64, [&](Index number, int) { sums[static_cast<std::size_t>(number)] += round; });
      REQUIRE(sums.front() == round * (round + 1) / 2);
    }
    for (const long sum : sums) CHECK(sum == 200 * 201 / 2);
  }

  TEST_CASE("the first exception of a task comes out, and the pool works on") {
    ThreadPool pool(2);
    const auto fail = [](Index number, int) {
      if (number == 5) throw std::runtime_error("five");
    };
    CHECK_THROWS_WITH_AS(pool.run(8, fail), "five", std::runtime_error);
    std::atomic<int> done{0};
    pool.run(8, [&](Index, int) { ++done; });
    CHECK(done == 8);
  }

  TEST_CASE("an interruption stops the next round before it begins, and haste only tells") {
    ThreadPool pool(2);
    bool stop = false;
    std::atomic<int> done{0};
    const auto task = [&](Index, int) { ++done; };
    pool.interrupt_by({[&] { return stop; }, [] { return true; }});
    CHECK(pool.hurried());
    pool.run(4, task);
    CHECK(done == 4);
    stop = true;
    CHECK_THROWS_AS(pool.run(4, task), Interrupted);
    CHECK(done == 4);
    pool.interrupt_by({});
    CHECK_FALSE(pool.hurried());
    pool.run(4, task);
    CHECK(done == 8);
  }
}
