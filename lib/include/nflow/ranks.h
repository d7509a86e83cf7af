#pragma once

#include <cstddef>
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

/// Of `count` pieces of work, those of rank r are [share(count, r), share(count, r + 1)).
template <class Count>
Count share_of_rank(Count count, int rank, int ranks) {
  return count * static_cast<Count>(rank) / static_cast<Count>(ranks);
}

}  // namespace nflow
