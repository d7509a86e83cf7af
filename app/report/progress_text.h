#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace nflow::app {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// How far a piece of work is. Numbers may be unknown.
struct Stage {
  std::string what;             ///< "epoch 3"
  std::string name = {};        ///< "training", "trial 1 of 2": for programs
  double share = kUnknown;      ///< of the work that is done, 0 to 1
  double own_share = kUnknown;  ///< of the stage alone
  double seconds = 0;           ///< since it began
  double rate = kUnknown;       ///< rows a second
  double log_prob = kUnknown;   ///< of validation rows, the best so far
  double time_left = kUnknown;  ///< seconds
};

/// Which part of a command's trainings one of them is.
struct TrainingPart {
  std::string name = {};  ///< "2 of 3"; empty where there is one
  double begin = 0;       ///< share of the work that precedes it
  double width = 1;       ///< its own share
};

/// The parts of so many trainings. `trials`: each is preceded by a tenth of itself, by which one is
/// chosen; the trials stand in front, and behind them that one.
std::vector<TrainingPart> training_parts(std::size_t trainings, bool trials);

/// A part of what is itself a part, as a training of one of several folds is.
TrainingPart within(const TrainingPart& whole, const TrainingPart& part);

/// Share and time left of one training become those of all. The others are taken to go as fast.
void put_in_whole(Stage& stage, const TrainingPart& part);

/// For a terminal: "epoch 3 [=====>     ]  43%, 61200 rows/s, log p -12.3456, 1m20s left", or as
/// much of that as `width` has room for.
std::string bar_text(const Stage& stage, std::size_t width);
/// For a file: "epoch 3, 43%, validation log p -12.3456 so far, 61200 rows/s, 1m20s left".
std::string line_text(const Stage& stage);

/// The seconds after which the next such line is due, where the last one came after `seconds` (0:
/// none came yet): 10, 20, 40, and so on, but never more than five minutes behind the last.
double next_line(double seconds);

/// "45s", "1m20s", "3h07m".
std::string duration_text(double seconds);

}  // namespace nflow::app
