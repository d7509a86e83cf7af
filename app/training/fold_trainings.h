#pragma once

#include <map>
#include <optional>
#include <string>

#include "nflow/folds.h"
#include "options/options.h"
#include "training/journal.h"
#include "training/train_data.h"

namespace nflow::app {

/// Trains on all rows but those of a fold, once for each of data.folds, and tells log p of the rows
/// left out. The K trainings and the one to come on all rows share the time until the deadline
/// evenly. `scores` names the file that log p of each row goes to. `options` are those of the
/// command line, without what suit_options() makes of a table. None where the journal stopped it.
std::optional<FoldEstimate> train_folds(const Arguments& arguments, const TrainData& data,
                                        const TrainOptions& options, const Deadline& deadline,
                                        const std::optional<std::string>& scores, Journal& journal);

/// Which part of the command's trainings is that without fold `number`, from 0, or, behind the last
/// fold, that on all rows.
TrainingPart part_of_fold(Index folds, Index number);

/// What the folds depend on, by the options that decide it.
std::map<std::string, std::string> fold_settings(const TrainData& data);

}  // namespace nflow::app
