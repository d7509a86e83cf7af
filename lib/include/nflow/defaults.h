#pragma once

#include "nflow/trainer.h"

namespace nflow {

// How long and how fast a training goes where nobody says, by the number of rows. The rules were
// found on tables of 450 to 200,000 rows.

inline constexpr double kDefaultValidationFraction = 0.1;

/// Below so many training rows a table is small: big steps and many of them, a mixture trained
/// further, and a choice between chains by its few validation rows would all overfit it.
inline constexpr Index kFewestRowsNotSmall = 3000;

/// From so many on training is long, and of several chains only the one that a short training
/// prefers is trained. (A large table, as the library has it, is one of still more rows.)
inline constexpr Index kFewestRowsOfLongTraining = 20000;

/// Sets max_steps where neither epochs nor max_steps is given, for a table of `rows` training
/// rows; less where columns are cut into cells, by options.supports.
void set_default_length(TrainOptions& options, Index rows);

/// Adam's rate at the start: smaller for tables that big steps would overfit within a few.
double default_learning_rate(const TrainOptions& options, Index rows);

/// Noise and rate of one column given others, where nflow chooses a neural mixture.
inline constexpr double kNeuralMixtureNoise = 0.05, kNeuralMixtureRate = 1e-3;

/// Patience, in epochs, for such a table: some epochs, but not so few steps that chance decides.
Index default_patience(const TrainOptions& options, Index rows);

}  // namespace nflow
