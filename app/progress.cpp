#include "progress.h"

#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace nflow::app {
namespace {

const double kSecondsBetweenLines = 10;
const double kSecondsBetweenRefreshes = 0.1;

/// Can standard error overwrite a line? We use no colours and no escape sequences, so NO_COLOR has
/// nothing to switch off.
bool is_overwritable() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) != 0 && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

std::size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col - 1u : 79u;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<long long>(seconds + 0.5);
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
  return fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
}

}  // namespace

Progress::Progress(Index rows, double time_limit, bool quiet)
    : rows_(static_cast<double>(rows)),
      time_limit_(time_limit),
      quiet_(quiet),
      terminal_(is_overwritable()),
      next_line_(terminal_ ? 0 : kSecondsBetweenLines) {}

Progress::~Progress() { clear(); }

void Progress::report(const EpochReport& report) {
  if (!report.note.empty() || spdlog::should_log(spdlog::level::debug)) clear();
  if (!report.note.empty()) spdlog::warn("{}", report.note);
  spdlog::debug("epoch {}, step {}: train {:.4f}, validation {:.4f}{}, learning rate {:.3g}",
                report.epoch, report.step, report.train, report.validation,
                report.best ? " (best)" : "", report.learning_rate);
  if (!quiet_ && report.seconds >= next_line_) {
    if (terminal_) {
      overwrite(text(report));
    } else {
      spdlog::info("{}", text(report));
    }
    next_line_ = report.seconds + (terminal_ ? kSecondsBetweenRefreshes : kSecondsBetweenLines);
  }
  last_seconds_ = report.seconds;
}

std::string Progress::text(const EpochReport& report) const {
  const double share = report.total_steps > 0 ? static_cast<double>(report.step) /
                                                    static_cast<double>(report.total_steps)
                                              : 0;
  std::string text =
      fmt::format("epoch {}, {:.0f}%: log p train {:.4f}, validation {:.4f} nats/row", report.epoch,
                  100 * share, report.train, report.validation);
  const double took = report.seconds - last_seconds_;
  if (took > 0) text += fmt::format(", {:.0f} rows/s", rows_ / took);
  if (share > 0 && share <= 1) {
    const double left =
        std::min(report.seconds * (1 - share) / share, time_limit_ - report.seconds);
    text += ", " + duration_text(std::max(left, 0.0)) + " left";
  }
  return text;
}

void Progress::overwrite(const std::string& line) {
  const std::string visible = ("nflow: " + line).substr(0, terminal_width());
  std::string padded = visible;
  padded.resize(std::max(visible.size(), shown_), ' ');
  std::fprintf(stderr, "\r%s", padded.c_str());
  std::fflush(stderr);
  shown_ = visible.size();
}

void Progress::clear() {
  if (shown_ == 0) return;
  std::fprintf(stderr, "\r%s\r", std::string(shown_, ' ').c_str());
  std::fflush(stderr);
  shown_ = 0;
}

}  // namespace nflow::app
