#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace nflow {

/// Processes that train one model together. All call the same functions in the same order with the
/// same options and rows; each takes its part of the work. What they give each other are bytes of
/// numbers, so that the result has the same bits for any number of them.
class Ranks {
 public:
  virtual ~Ranks() = default;

  virtual int rank() const = 0;  ///< of this process, from 0
  virtual int count() const = 0;
  /// How many of them are on this one's machine and share its memory.
  virtual int neighbours() const = 0;

  struct Message {
    int peer;
    void* data;
    std::size_t bytes;
  };
  /// Sends and receives all of them. Messages of one process to another arrive in their order.
  virtual void exchange(const std::vector<Message>& sends,
                        const std::vector<Message>& receives) = 0;

  /// Where `data` falls into a part for each rank, one after the other: gives all of them to all.
  /// Part r ends at byte ends[r].
  virtual void gather_parts(void* data, const std::vector<std::size_t>& ends) = 0;

  /// The value that rank 0 has.
  virtual double of_first(double value) = 0;
  /// The largest that any has.
  virtual int largest(int value) = 0;
};

/// Pieces of work [first, last).
struct Part {
  std::ptrdiff_t first, last;
  std::ptrdiff_t size() const { return last - first; }
};

/// The pieces, of `count`, that `rank` does; it does all where there are no ranks.
inline Part part_of_rank(const Ranks* ranks, std::ptrdiff_t count, int rank) {
  if (!ranks) return {0, count};
  return {count * rank / ranks->count(), count * (rank + 1) / ranks->count()};
}
inline Part own_part(const Ranks* ranks, std::ptrdiff_t count) {
  return part_of_rank(ranks, count, ranks ? ranks->rank() : 0);
}

/// Gives all ranks all numbers, of which each has its own part.
template <class N>
void gather(Ranks* ranks, std::vector<N>& numbers) {
  if (!ranks) return;
  std::vector<std::size_t> ends;
  for (int r = 0; r < ranks->count(); ++r) {
    const Part part = part_of_rank(ranks, static_cast<std::ptrdiff_t>(numbers.size()), r);
    ends.push_back(sizeof(N) * static_cast<std::size_t>(part.last));
  }
  ranks->gather_parts(numbers.data(), ends);
}

/// The numbers of all ranks, in their order; each gives its own, as many as it has.
template <class N>
std::vector<N> gather_all(Ranks* ranks, std::vector<N> own) {
  if (!ranks) return own;
  std::vector<std::size_t> ends(static_cast<std::size_t>(ranks->count()));
  ends[static_cast<std::size_t>(ranks->rank())] = own.size() * sizeof(N);
  gather(ranks, ends);
  for (std::size_t r = 1; r < ends.size(); ++r) ends[r] += ends[r - 1];
  std::vector<N> all(ends.back() / sizeof(N));
  const std::size_t end = ends[static_cast<std::size_t>(ranks->rank())] / sizeof(N);
  std::copy(own.begin(), own.end(), all.begin() + static_cast<std::ptrdiff_t>(end - own.size()));
  ranks->gather_parts(all.data(), ends);
  return all;
}

/// The sum of what each has.
template <class N>
N sum_of_all(Ranks* ranks, N own) {
  if (!ranks) return own;
  std::vector<N> all(static_cast<std::size_t>(ranks->count()));
  all[static_cast<std::size_t>(ranks->rank())] = own;
  gather(ranks, all);
  return std::accumulate(all.begin(), all.end(), N{0});
}

}  // namespace nflow
