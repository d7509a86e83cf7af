#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>
#include <vector>

namespace nflow::bench {

/// Something a second: the median of repetitions, and the slowest and fastest of them.
struct Rate {
  double median = 0;
  double lowest = 0;
  double highest = 0;
};

inline constexpr int kRepetitions = 5;

/// What passes while work is done. Processor time is that of all threads, so it serves one thread,
/// on a machine where others work too.
enum class Clock { wall, processor };

inline double seconds_on(Clock clock) {
  if (clock == Clock::processor) {
    return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Effort {
  int threads = 1;
  double seconds = 1;  ///< of a measurement, all its repetitions together
  Clock clock = Clock::wall;
};

inline Rate rate_of(std::vector<double> rates) {
  std::sort(rates.begin(), rates.end());
  const std::size_t half = rates.size() / 2;
  const double median = rates.size() % 2 == 1 ? rates[half] : (rates[half - 1] + rates[half]) / 2;
  return {median, rates.front(), rates.back()};
}

template <class Work>
double seconds_of(Clock clock, const Work& work) {
  const double start = seconds_on(clock);
  work();
  return seconds_on(clock) - start;
}

/// How much a second work() does, `amount` being what one call does. The first calls, which warm
/// the caches, are not counted.
template <class Work>
Rate time_calls(double amount, const Effort& effort, const Work& work) {
  work();
  const double once = seconds_of(Clock::wall, work);
  const int calls =
      static_cast<int>(std::clamp(effort.seconds / kRepetitions / once + 0.5, 1.0, 1e9));
  std::vector<double> rates;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    const double taken = seconds_of(effort.clock, [&] {
      for (int call = 0; call < calls; ++call) work();
    });
    rates.push_back(amount * calls / taken);
  }
  return rate_of(std::move(rates));
}

}  // namespace nflow::bench
