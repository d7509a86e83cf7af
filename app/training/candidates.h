#pragma once

#include <vector>

#include "training/journal.h"
#include "training/train_data.h"

namespace nflow::app {

/// Trains each of the chains and keeps the one with the best validation log-likelihood. They share
/// the time until the deadline evenly; what one leaves is for those after it. From
/// kFewestRowsOfLongTraining rows on each has a short training first, and only the best of these is
/// trained. Where the journal stops it, gives the best so far, of a short training too; none where
/// there is none yet. Where the table's cells have a mixture to begin at, the best chain is trained
/// from it too, in what time is left. All of it is the part `whole` of the command's trainings.
std::optional<Outcome> train_best(const std::vector<FlowSpec>& flows, const TrainData& data,
                                  TrainOptions options, const Deadline& deadline, Journal& journal,
                                  const TrainingPart& whole = {});

}  // namespace nflow::app
