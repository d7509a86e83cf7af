#include "report/progress_text.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace nflow::app {
namespace {

constexpr double kFirstLine = 10, kRarest = 300;        // seconds
constexpr std::size_t kLongestBar = 24, kShortest = 6;  // cells, without brackets

bool known(double number) { return std::isfinite(number); }

/// "[=====>     ]", of so many cells.
std::string bar(double share, std::size_t cells) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(cells));
  std::string text(std::min(full, cells), '=');
  if (text.size() < cells) text += '>';
  text.resize(cells, ' ');
  return "[" + text + "]";
}

std::string rate_text(const Stage& stage) {
  return known(stage.rate) ? fmt::format(", {:.0f} rows/s", stage.rate) : "";
}

std::string left_text(const Stage& stage) {
  return known(stage.time_left) ? ", " + duration_text(stage.time_left) + " left" : "";
}

}  // namespace

std::vector<TrainingPart> training_parts(std::size_t trainings, bool trials) {
  const double trial = 0.1;
  const auto count = static_cast<double>(trainings);
  const double whole = trials ? trial * count + 1 : count;
  std::vector<TrainingPart> parts;
  for (std::size_t i = 0; i < trainings; ++i) {
    const auto before = static_cast<double>(i) * (trials ? trial : 1) / whole;
    const std::string name = fmt::format("{} of {}", i + 1, trainings);
    parts.push_back({trials           ? "trial " + name
                     : trainings == 1 ? ""
                                      : name,
                     before, (trials ? trial : 1) / whole});
  }
  if (trials) parts.push_back({"", trial * count / whole, 1 / whole});
  return parts;
}

TrainingPart within(const TrainingPart& whole, const TrainingPart& part) {
  const bool both = !whole.name.empty() && !part.name.empty();
  return {whole.name + (both ? ", " : "") + part.name, whole.begin + part.begin * whole.width,
          whole.width * part.width};
}

void put_in_whole(Stage& stage, const TrainingPart& part) {
  stage.own_share = stage.share;
  const double left = 1 - part.begin - part.width;
  if (known(stage.time_left) && left > 0) {
    const double own = stage.share < 1 ? stage.time_left / (1 - stage.share) : stage.seconds;
    stage.time_left += own * left / part.width;
  }
  stage.share = part.begin + part.width * stage.share;
}

std::string bar_text(const Stage& stage, std::size_t width) {
  std::string percent;
  double share = 0;
  if (known(stage.share)) {
    share = std::clamp(stage.share, 0.0, 1.0);
    percent = fmt::format(" {:3.0f}%", std::floor(100 * share));
  }
  // Where there is no room for all, the first of these goes first.
  std::array<std::string, 3> parts{
      rate_text(stage), known(stage.log_prob) ? fmt::format(", log p {:.4f}", stage.log_prob) : "",
      left_text(stage)};
  std::size_t size = stage.what.size() + percent.size();
  for (const std::string& part : parts) size += part.size();
  for (std::string& part : parts) {
    if (size <= width) break;
    size -= part.size();
    part.clear();
  }
  std::string text = stage.what;
  const std::size_t room = width - std::min(size, width);
  if (!percent.empty() && room >= kShortest + 3) {
    text += " " + bar(share, std::min(kLongestBar, room - 3));
  }
  text += percent;
  for (const std::string& part : parts) text += part;
  return text.substr(0, width);
}

std::string line_text(const Stage& stage) {
  std::string text = stage.what;
  if (known(stage.share)) text += fmt::format(", {:.0f}%", std::floor(100 * stage.share));
  if (known(stage.log_prob)) {
    text += fmt::format(", validation log p {:.4f} so far", stage.log_prob);
  }
  return text + rate_text(stage) + left_text(stage);
}

double next_line(double seconds) {
  return seconds < kFirstLine ? kFirstLine : seconds + std::min(seconds, kRarest);
}

std::string duration_text(double seconds) {
  const auto whole = std::llround(std::min(seconds, 1e12));
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
  return fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
}

}  // namespace nflow::app
