#pragma once

#include <vector>

#include "nflow/dataset.h"
#include "nflow/support.h"

namespace nflow {

/// Angles, in turns.
using Turns = std::vector<double>;

/// Fewer rows tell nothing of how an angle follows others.
inline constexpr std::size_t kFewestRowsOfAngles = 50;
/// What an angle that is taken to follow others must gain, in nats a row: chance alone moves an
/// entropy by spacings by a twentieth.
inline constexpr double kLeastGainOfAngles = 0.15;

/// The rows that are looked at: some of those that have a weight.
std::vector<Index> rows_of_angles(const Dataset& fit);
/// These rows of a circular column.
Turns turns_at(const Dataset& fit, const std::vector<Index>& rows, const Support& support,
               std::size_t column);

/// The mean log density of turns on the circle, by the spacings of every m-th of them (Vasicek, "A
/// test for normality based on sample entropy", 1976). Sorts them.
double concentration(Turns& turns);

}  // namespace nflow
