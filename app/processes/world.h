#pragma once

#include "nflow/deadline.h"
#include "nflow/ranks.h"

namespace nflow::app {

/// The processes that run this command together: more than one where nflow was built with MPI and
/// started by mpirun or srun. Made first and destroyed last in main().
class World {
 public:
  World(int& argc, char**& argv);
  ~World();  // NOLINT(performance-trivially-destructible): MPI's has work to do
  World(const World&) = delete;
  World& operator=(const World&) = delete;
};

/// Null: this process is alone.
Ranks* ranks();

/// Is this the process that reads standard input, logs and writes?
inline bool first_rank() { return !ranks() || ranks()->rank() == 0; }

/// Is it over? All of several processes go by the clock of the first.
inline bool is_late(const Deadline& deadline) {
  if (deadline.is_never()) return false;
  return (ranks() ? ranks()->of_first(deadline.passed()) : deadline.passed()) >= 1;
}

/// Ends them all where one has failed and the others may wait for it; returns where this process is
/// alone.
void end_all(int status);

}  // namespace nflow::app
