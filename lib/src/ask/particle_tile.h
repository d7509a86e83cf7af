#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ask/cell_walk.h"
#include "ask/partial_plan.h"
#include "ask/stand_in.h"
#include "math/random.h"

namespace nflow {

/// Streams of Purpose::ask, of which ask/draws.h has those below. A row's draws of a number have a
/// key of their own in each; of streams for columns there is one for each pair of numbers at most.
enum ParticleStream : std::uint32_t {
  kColumnStream = 1u << 24,  // the bin of a column
  kPlaceStream = 2u << 24,   // the place in it
  kPartStream = 3u << 24,    // component and scale
  kNormalStream = 4u << 24,  // on the line
  kTakeStream = 5u << 24,    // which draws are taken
  kBehindStream = 6u << 24,  // what the chain's inverse draws
  kContextStream = 7u << 24  // of the stand-in's rows
};

inline std::uint64_t particle_key(std::uint64_t row, std::uint64_t draw) {
  return (row << 20) + draw;
}

/// One row with unknown columns, and what was drawn for it so far. All is on the line, as Asked has
/// it, but for the place inside of bins: a value of a column with cells is its bin + 1/2.
struct ParticleRow {
  ParticleRow(Index columns, Index features) : line(1, columns), context(1, features) {}

  RowMatrix line, context;         ///< 1 x D, 1 x C; what is unknown is any number
  std::uint64_t number = 0;        ///< that its draws depend on, with the seed
  RowMatrix drawn;                 ///< M x D
  std::vector<double> log_weight;  ///< log p(drawn) - log q(drawn)

  // What the stand-in says of it: log weights of components given the context alone, given all that
  // is known, and of the two scales of each given that.
  StandInGiven::Row given;
  std::vector<double> before, all, narrow;
};

/// One draw that is to be made for a row, by its number; or one combination of bins.
struct ParticleJob {
  ParticleRow* row;
  Index number;
};

/// Makes kTileRows draws at most, side by side: what one thread needs for that.
class ParticleTile {
 public:
  /// What is drawn is told by `plan`; `random` is null for combinations of bins.
  struct Task {
    const PartialPlan& plan;
    const ParticleJob* jobs;
    Index first, n;  ///< rows of `drawn`, and places in the other lists
    const Random* random;
  };
  struct Output {
    RowMatrix& drawn;                   ///< begins as the rows' line
    std::vector<double>&log_p, &log_q;  ///< log_p of the columns with cells that were walked
  };

  /// All must outlive this.
  ParticleTile(const Model& model, const PartialLayout& layout, const StandIn& stand_in,
               bool there);

  void make(const Task& task, Output out);

 private:
  void draw_circle(const Task& task, std::size_t c, Output& out);
  void walk(const Task& task, Output& out);
  Index draw_bin(const Task& task, std::size_t s, Index j, Index r, double& log_q);
  void draw_line(const Task& task, Index r, Output& out);
  double log_density_of_line(const PartialPlan& plan, const ParticleRow& row,
                             const std::vector<double>& all);
  static double uniform(const Task& task, Index r, Index stream);

  const Model& model_;
  const PartialLayout& layout_;
  const StandIn& stand_in_;
  bool there_;
  std::unique_ptr<CellWalk> walk_;
  RowMatrix before_, log_share_;  // what stands before the columns with cells; their bins
  // Shares of the components for each draw: given all that is known and drawn, and given what
  // stands before the column at hand alone.
  std::vector<std::vector<double>> all_, prefix_;
  std::vector<Index> bins_;
  std::vector<double> share_, normal_, others_, work_, terms_;
};

/// log of the sum of exp(terms).
double log_sum_of(const std::vector<double>& terms);

}  // namespace nflow
