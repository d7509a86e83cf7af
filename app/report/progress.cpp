#include "report/progress.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <utility>

#include "nflow/output_file.h"
#include "nflow/printable.h"
#include "report/log.h"
#include "report/status_line.h"

namespace nflow::app {
namespace {

constexpr double kSecondsBetweenRefreshes = 0.2;
constexpr double kSecondsOfQuickWork = 1;  // nobody needs to see how far it is

/// Does this output go to a file, and neither to a terminal nor to a program that may use it?
bool goes_to_file(const std::string& output) {
  struct stat status {};
  return !is_standard_output(output) ||
         (::fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode));
}

}  // namespace

Progress::Progress(spdlog::level::level_enum level, double first)
    : level_(level),
      terminal_(overwrites_lines() && logs_text()),
      next_(terminal_ ? first : next_line(0)) {
  if (!spdlog::should_log(terminal_ ? spdlog::level::info : level)) {
    next_ = std::numeric_limits<double>::infinity();
  }
}

Progress::~Progress() { clear_status(); }

bool Progress::due() const { return watch_.seconds() >= next_; }

void Progress::show(const Stage& stage) {
  const double now = watch_.seconds();
  if (terminal_) {
    const std::string name = "nflow: ";
    show_status(name + bar_text(stage, status_width() - std::min(name.size(), status_width())));
    next_ = now + kSecondsBetweenRefreshes;
    return;
  }
  log_with({{"stage", stage.name},
            {"share", stage.share},
            {"stage_share", std::isnan(stage.own_share) ? stage.share : stage.own_share},
            {"validation", stage.log_prob},
            {"rows_per_second", stage.rate},
            {"seconds", stage.seconds},
            {"seconds_left", stage.time_left}},
           level_, line_text(stage));
  next_ = next_line(now);
}

TrainingProgress::TrainingProgress(std::string stage, TrainingPart part)
    : stage_(part.name.empty() ? std::move(stage) : stage + " " + part.name),
      part_(std::move(part)),
      which_(part_.name.empty() ? "" : part_.name + ", "),
      progress_(spdlog::level::info, 0) {}

void TrainingProgress::wait(const std::string& what) {
  if (progress_.seconds() < kSecondsOfQuickWork || !progress_.due()) return;
  Stage stage;
  stage.name = stage_;
  stage.seconds = progress_.seconds();
  stage.what = which_ + what + ", " + duration_text(stage.seconds);
  progress_.show(stage);
}

void TrainingProgress::step(const StepReport& report) {
  if (first_.step == 0) first_ = report;
  if (!progress_.due()) return;
  Stage stage;
  stage.name = stage_;
  stage.what = which_ + "epoch " + std::to_string(report.epoch);
  stage.share = report.share;
  stage.seconds = report.seconds;
  stage.log_prob = best_;
  const double seconds = report.seconds - first_.seconds, share = report.share - first_.share;
  if (seconds > 0) stage.rate = (report.rows - first_.rows) / seconds;
  if (share > 0) stage.time_left = seconds * (1 - report.share) / share;
  put_in_whole(stage, part_);
  progress_.show(stage);
}

void TrainingProgress::epoch(const EpochReport& report) {
  best_ = report.best_validation;
  if (!report.note.empty()) log_warning("{}", report.note);
  if (!spdlog::should_log(spdlog::level::debug)) return;
  log_with({{"epoch", std::int64_t{report.epoch}},
            {"step", std::int64_t{report.step}},
            {"train", report.train},
            {"validation", report.validation},
            {"best", report.best},
            {"learning_rate", report.learning_rate},
            {"seconds", report.seconds}},
           spdlog::level::debug,
           fmt::format("epoch {}, step {}: train {:.4f}, validation {:.4f}{}, learning rate {:.3g}",
                       report.epoch, report.step, report.train, report.validation,
                       report.best ? " (best)" : "", report.learning_rate));
}

RowProgress::RowProgress(const std::string& output, std::uint64_t total)
    : progress_(spdlog::level::debug, kSecondsOfQuickWork),
      shows_(!overwrites_lines() || goes_to_file(output)),
      total_(total) {}

void RowProgress::add(std::uint64_t rows) {
  rows_ += rows;
  if (!shows_ || !progress_.due()) return;
  Stage stage;
  const auto done = static_cast<double>(rows_);
  stage.name = "rows";
  stage.what = counted(static_cast<std::int64_t>(rows_), "row");
  stage.seconds = progress_.seconds();
  stage.rate = done / stage.seconds;
  if (total_ != 0) stage.share = done / static_cast<double>(total_);
  if (total_ != 0) stage.time_left = stage.seconds * (1 - stage.share) / stage.share;
  progress_.show(stage);
}

}  // namespace nflow::app
