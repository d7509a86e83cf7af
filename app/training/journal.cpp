#include "training/journal.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <system_error>
#include <utility>

#include "nflow/build.h"
#include "nflow/error.h"
#include "nflow/model_file.h"
#include "nflow/output_file.h"
#include "options/train_options.h"
#include "options/values.h"
#include "processes/world.h"
#include "report/log.h"
#include "report/progress.h"

namespace nflow::app {
namespace {

constexpr double kDefaultSeconds = 600;

/// NaN, as where an epoch was rolled back, becomes an empty field.
void append_history(std::string& text, const EpochReport& report) {
  text += std::to_string(report.epoch) + ',' + std::to_string(report.step);
  for (const double value :
       {report.train, report.validation, report.learning_rate, report.seconds}) {
    text += ',';
    if (!std::isnan(value)) append_number(text, value);
  }
  text += '\n';
}

/// Only a file that is not there is none: one that cannot be reached now may hold days of work.
bool exists(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT) return false;
  throw Error("cannot open " + path + ": " + std::generic_category().message(errno));
}

/// Goes on with the kernels that the training began with, for the same bytes.
void keep_kernels(const std::string& name, const std::string& before) {
  if (before == build_info().kernels) return;
  const std::vector<std::string> here = kernel_sets();
  if (std::find(here.begin(), here.end(), before) != here.end()) {
    use_kernel_set(before);
  } else {
    log_warning(
        "{}: begun with {} kernels, which this processor lacks: sums are rounded "
        "differently from here on",
        name, before);
  }
}

}  // namespace

OptionGroup checkpoint_group() {
  return {
      "Checkpoints",
      {{"checkpoint", 0, "FILE", "all it takes to go on, written again and again"},
       {"checkpoint-every", 0, "DURATION", "how often (default: 10m)"},
       {"resume", 0, "FILE", "go on from a checkpoint, and keep it up to date"},
       {"resume-if-exists", 0, "FILE", "the same; start afresh where there is none", {"resume"}}}};
}

Journal::Journal(const Arguments& arguments) {
  const auto resume = arguments.find("resume"), maybe = arguments.find("resume-if-exists");
  const std::string from = resume ? *resume : maybe ? *maybe : "";
  path_ = arguments.text("checkpoint", from);
  if (path_.empty() && arguments.given("checkpoint-every")) {
    throw UsageError("--checkpoint-every needs --checkpoint FILE or --resume FILE");
  }
  if (!active()) return;
  if (path_ == "-" || from == "-") throw UsageError("a checkpoint is a file, not a stream");
  if (arguments.given("checkpoint") && is_stream(path_)) {
    throw UsageError(arguments.spelling("checkpoint") + ": " + path_ +
                     " is a device or a pipe, and a checkpoint is a file");
  }
  deadline_ = Deadline::in(time_limit(arguments));
  every_ = arguments.duration("checkpoint-every", kDefaultSeconds);
  signals_.emplace();
  if (first_rank()) {
    lock_.emplace(path_);
    lock_->take();
  }
  if (resume || (maybe && exists(from))) {
    resumed_ = std::make_unique<CheckpointFile>(from);
    checkpoint_ = resumed_->take();
  }
}

void Journal::begin(Settings settings) {
  if (!active()) return;
  if (resumed_) {
    const std::string name = resumed_->name();
    refuse_other_run(name, checkpoint_.settings, settings);
    keep_kernels(name, checkpoint_.settings[kKernels]);
    log_info("goes on from {}", name);
  }
  checkpoint_.settings = std::move(settings);
  checkpoint_.settings[kKernels] = build_info().kernels;
  signals_->listen();  // first: where there is a checkpoint, signals can be sent to any process
  if (ranks()) ranks()->largest(0);
  if (!resumed_) {
    write({});
  } else if (lock_) {
    resumed_->copy_to(*lock_);  // the state of the training at hand is there alone
  }
}

std::vector<FlowSpec> Journal::flows(
    const std::function<std::vector<FlowSpec>(const Interruption&)>& choose) {
  TrainingProgress progress("choosing");
  Interruption interruption;
  std::vector<double>& found = checkpoint_.found;
  interruption.stop = [&, before = found.size()] {
    progress.wait("chooses the flow");
    return active() && stop_agreed(found.size() > before);
  };
  interruption.found = &found;
  std::vector<FlowSpec> chosen = flows_before();
  if (!chosen.empty()) return chosen;
  try {
    chosen = choose(interruption);
  } catch (const Interrupted&) {
    save({});
    return {};
  }
  for (const FlowSpec& flow : chosen) checkpoint_.flows.push_back(to_text(flow));
  if (active()) save({});
  return chosen;
}

void Journal::next_table() {
  if (tables_++ < checkpoint_.earlier.size())
    return;  // it was done with before the command was cut
  checkpoint_.earlier.push_back(std::exchange(checkpoint_.flows, {}));
  checkpoint_.found.clear();
}

/// The chains that the checkpoint names. Nobody typed them: where they are wrong, the file is.
std::vector<FlowSpec> Journal::flows_before() const {
  std::vector<FlowSpec> flows;
  const bool done = tables_ < checkpoint_.earlier.size();
  try {
    for (const std::string& text : done ? checkpoint_.earlier[tables_] : checkpoint_.flows) {
      flows.push_back(text.empty() ? FlowSpec{} : parse_flow(text));  // empty: no column is its own
    }
  } catch (const Error& problem) {
    throw Error(resumed_->name() + ": not a valid checkpoint: " + problem.what());
  }
  return flows;
}

std::optional<Outcome> Journal::train(const TrainData& data, const TrainOptions& options,
                                      const Deadline& deadline, const TrainingPart& part) {
  const std::size_t number = trained_++;
  Outcome outcome;
  if (number < checkpoint_.finished.size()) {
    const Checkpoint::Training& before = checkpoint_.finished[number];
    return Outcome{from_bytes(before.model, resumed_->name()), before.history,
                   before.start_is_best};
  }
  TrainingProgress progress("training", part);
  TrainControl control;
  control.ranks = ranks();
  control.deadline = deadline;
  control.after_step = [&](const StepReport& report) { progress.step(report); };
  control.interrupted = [&] {
    progress.wait("starts the chain");
    return active() && stop_agreed(false);
  };
  if (active()) {
    if (resumed_ && resumed_->size() > 0) {
      control.state = resumed_.get();
      outcome.history = checkpoint_.history;
    }
    control.wish = [this] { return wish(); };
    control.save = [&](const StatePieces& state) {
      checkpoint_.history = outcome.history;
      save(state);
    };
  }
  try {
    outcome.model = nflow::train(
        data.columns, data.context, data.fit, data.validation, options,
        [&](const EpochReport& report) {
          progress.epoch(report);
          outcome.start_is_best = report.best_epoch == 0;
          append_history(outcome.history, report);
          return true;
        },
        control);
  } catch (const Interrupted&) {
    save({});
    return std::nullopt;
  }
  resumed_.reset();  // the trainings after this one have not begun
  if (ranks()) stopped_ = ranks()->largest(stopped_ ? 1 : 0) == 1;
  if (active() && !stopped_) {
    checkpoint_.finished.push_back(
        {to_bytes(outcome.model), outcome.history, outcome.start_is_best});
    checkpoint_.history.clear();
    save({});
  }
  return outcome;
}

void Journal::write_outputs(const std::function<void(const std::function<bool()>& stop)>& write) {
  std::function<bool()> stop;
  if (active()) stop = [this] { return signals_->stop() != 0; };
  try {
    if (first_rank()) write(stop);
  } catch (const Interrupted&) {
    stopped_ = true;
  }
  if (ranks()) stopped_ = ranks()->largest(stopped_ ? 1 : 0) == 1;
}

std::string Journal::reason() const {
  int signal = signals_ ? signals_->stop() : 0;
  if (ranks()) signal = ranks()->largest(signal);
  if (signal == 0) return "the time limit";
  return std::string("SIG") + ::sigabbrev_np(signal);
}

// Any of several processes may get a signal, but the first has the clock.
bool Journal::stop_wished(bool is_progress) {
  const bool late = is_progress && first_rank() && deadline_.is_over();
  stopped_ = stopped_ || signals_->stop() != 0 || late;
  return stopped_;
}

/// Before the first step all processes ask at the same places.
bool Journal::stop_agreed(bool is_progress) {
  stop_wished(is_progress);
  if (ranks()) stopped_ = ranks()->largest(stopped_ ? 1 : 0) == 1;
  return stopped_;
}

TrainControl::Wish Journal::wish() {
  if (stop_wished(true)) return TrainControl::Wish::stop;
  const bool due = first_rank() && watch_.seconds() - saved_at_ >= every_;
  return signals_->take_save() || due ? TrainControl::Wish::save : TrainControl::Wish::go_on;
}

void Journal::write(const StatePieces& state) {
  saved_at_ = watch_.seconds();
  if (!lock_) return;
  save_checkpoint(checkpoint_, state, *lock_);
  log_debug("wrote the checkpoint {}", path_);
}

/// A disk that is full now may not be when the next checkpoint is due: the training goes on.
void Journal::save(const StatePieces& state) {
  failure_.clear();
  try {
    write(state);
  } catch (const Error& problem) {
    failure_ = problem.what();
  } catch (const std::bad_alloc&) {
    failure_ = "cannot write " + path_ + ": out of memory";
  }
  if (!failure_.empty() && !stopped_) {
    log_warning("{}; the training goes on without", failure_);
  }
}

}  // namespace nflow::app
