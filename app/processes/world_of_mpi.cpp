#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <optional>
#include <thread>

#include "nflow/error.h"
#include "processes/world.h"

namespace nflow::app {
namespace {

/// MPI's functions end the program where they fail, so that their results need no look.
class MpiRanks final : public Ranks {
 public:
  MpiRanks() {
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &count_);
    MPI_Comm machine = MPI_COMM_NULL;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    MPI_Comm_size(machine, &neighbours_);
    MPI_Comm_free(&machine);
  }

  int rank() const override { return rank_; }
  int count() const override { return count_; }
  int neighbours() const override { return neighbours_; }

  void exchange(const std::vector<Message>& sends, const std::vector<Message>& receives) override {
    std::vector<MPI_Request> requests;
    for (const Message& m : receives) {
      MPI_Irecv(m.data, size(m.bytes), MPI_BYTE, m.peer, 0, MPI_COMM_WORLD, &next(requests));
    }
    for (const Message& m : sends) {
      MPI_Isend(m.data, size(m.bytes), MPI_BYTE, m.peer, 0, MPI_COMM_WORLD, &next(requests));
    }
    MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
  }

  void gather_parts(void* data, const std::vector<std::size_t>& ends) override {
    if (ends.back() > kLargest) return gather_large_parts(static_cast<char*>(data), ends);
    std::vector<int> counts, places;
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
      places.push_back(size(begin));
      counts.push_back(size(end - begin));
      begin = end;
    }
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, data, counts.data(), places.data(), MPI_BYTE,
                   MPI_COMM_WORLD);
  }

  double of_first(double value) override {
    MPI_Bcast(&value, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    return value;
  }

  int largest(int value) override {
    int result = value;
    MPI_Allreduce(&value, &result, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    return result;
  }

 private:
  static constexpr std::size_t kLargest = std::numeric_limits<int>::max();

  /// Part by part, in pieces whose bytes MPI can count.
  void gather_large_parts(char* data, const std::vector<std::size_t>& ends) {
    std::size_t at = 0;
    for (int r = 0; r < count_; ++r) {
      while (at < ends[r]) {
        const std::size_t bytes = std::min(ends[r] - at, kLargest);
        MPI_Bcast(data + at, size(bytes), MPI_BYTE, r, MPI_COMM_WORLD);
        at += bytes;
      }
    }
  }

  static int size(std::size_t bytes) {
    if (bytes > kLargest) {
      throw Error("the model is too large for MPI: more than 2 GiB in one message");
    }
    return static_cast<int>(bytes);
  }
  static MPI_Request& next(std::vector<MPI_Request>& requests) {
    return requests.emplace_back(MPI_REQUEST_NULL);
  }

  int rank_ = 0, count_ = 1, neighbours_ = 1;
};

std::optional<MpiRanks> all;

/// MPI alone would take a tenth of a second to find that there is nobody else.
bool started_by_launcher() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE"}) {
    if (std::getenv(name)) return true;
  }
  return false;
}

}  // namespace

World::World(int& argc, char**& argv) {
  if (!started_by_launcher()) return;
  int granted = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &granted);
  all.emplace();
}

World::~World() {
  if (all) MPI_Finalize();
}

Ranks* ranks() { return all && all->count() > 1 ? &*all : nullptr; }

void end_all(int status) {
  if (!ranks()) return;
  MPI_Abort(MPI_COMM_WORLD, status);
}

}  // namespace nflow::app
