#pragma once

#include <map>
#include <string>
#include <vector>

#include "nflow/trainer.h"
#include "options/options.h"
#include "training/train_data.h"

namespace nflow::app {

// What the command line of train says.

/// How to train; the flow is still to be chosen. Throws UsageError, for a mistake in --flow too.
TrainOptions train_options(const Arguments& arguments);
/// Seconds; infinity where there is none.
double time_limit(const Arguments& arguments);

/// What to train on, in that way.
DataOptions data_options(const Arguments& arguments, const TrainOptions& options);

/// All that --help lists under Flow, as the command line says it or "default": what a checkpoint
/// must have been begun with.
std::map<std::string, std::string> flow_settings(const Arguments& arguments);

/// The net for columns that are cut into cells: nflow's own, with what the command line says of
/// nets.
CellNet cell_net_of(const Arguments& arguments, const TrainData& data);

/// Does nflow choose a neural mixture alone for the table? Its training has defaults of its own.
bool chooses_neural_mixture(const Arguments& arguments, const TrainData& data);

/// The chain of --flow; without it those that nflow tries for the table.
std::vector<FlowSpec> flows_of(const Arguments& arguments, const TrainData& data,
                               const TrainOptions& options, const Interruption& interruption);

}  // namespace nflow::app
