#include "commands/draw_report.h"

#include <algorithm>
#include <cmath>

#include "nflow/printable.h"
#include "processes/processes.h"
#include "report/log.h"

namespace nflow::app {

void DrawReport::add(const std::vector<double>& effective, const std::vector<bool>& enough) {
  for (std::size_t i = 0; i < effective.size(); ++i) {
    ++rows_;
    if (!(effective[i] > 0)) {
      ++none_;
      continue;
    }
    few_ += enough[i] ? 0 : 1;
    if (!std::isfinite(effective[i])) continue;
    least_ = weighed_ == 0 ? effective[i] : std::min(least_, effective[i]);
    sum_ += effective[i];
    ++weighed_;
  }
}

void DrawReport::warn() const {
  const std::uint64_t none = sum_of_all(none_), few = sum_of_all(few_);
  const auto rows = [](std::uint64_t n) { return counted(static_cast<std::int64_t>(n), "row"); };
  if (weighed_ > 0) {
    log_debug("{} of {} drawn by weight: effective sample size {:.0f} in the mean, {:.0f} at least",
              weighed_, rows(rows_), sum_ / static_cast<double>(weighed_), least_);
  }
  if (none > 0) {
    log_warning("{} stayed as they were: what they have has no density under the model",
                rows(none));
  }
  if (few > 0) {
    log_warning(
        "{} whose draws are less good than they should be: too few of those tried fit what is "
        "known",
        rows(few));
  }
}

}  // namespace nflow::app
