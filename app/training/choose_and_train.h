#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "options/options.h"
#include "training/journal.h"
#include "training/train_data.h"

namespace nflow::app {

/// The parameters of a chain for this table. Throws Error where that is more than can be.
Index parameters_of(const TrainData& data, const TrainOptions& options, const FlowSpec& flow);

/// Makes the options those of a training on this table: its columns, and, where the command line
/// says nothing of it, how long and how fast.
void suit_options(const Arguments& arguments, const TrainData& data, TrainOptions& options);

/// Chooses the chains for the table, calls `tell` with them and trains the best, all before the
/// deadline; options.flow is then the first of them. A start that is kept is fitted once more to
/// all rows, unless the user has set some apart or half of the time is over. It is the part `whole`
/// of the command's trainings. None where the journal stopped it before there was a model.
std::optional<Outcome> choose_and_train(
    const Arguments& arguments, const TrainData& data, TrainOptions& options,
    const Deadline& deadline, Journal& journal, const TrainingPart& whole,
    const std::function<void(const std::vector<FlowSpec>&)>& tell);

}  // namespace nflow::app
