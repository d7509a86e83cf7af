#include "training/same_run.h"

#include <array>

#include "nflow/error.h"

namespace nflow::app {
namespace {

/// The setting that stands for them.
constexpr const char* kRows = "rows";
/// Where the rows are not the same, one of these may say why.
constexpr std::array kChoosers{"columns", "--context", "--weights", "--seed"};
/// And one of these, which need not be the same where the rows are.
constexpr std::array kSources{"--validation-fraction", "--validation-file", "DATA"};

std::string value_of(const Settings& settings, const std::string& key) {
  const auto found = settings.find(key);
  return found == settings.end() ? "none" : found->second;
}

/// " with KEY A, where this run has B"; empty where both have the same.
std::string difference(const Settings& before, const Settings& now, const std::string& key) {
  const std::string one = value_of(before, key), other = value_of(now, key);
  return one == other ? "" : " with " + key + " " + one + ", where this run has " + other;
}

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw Error(name + ": a checkpoint" + why);
}

/// Much else follows from the rows, and so they come first.
void refuse_other_rows(const std::string& name, const Settings& before, const Settings& now) {
  if (value_of(before, kRows) == value_of(now, kRows)) return;
  std::string why;
  for (const char* key : kChoosers) why = why.empty() ? difference(before, now, key) : why;
  for (const char* key : kSources) why = why.empty() ? difference(before, now, key) : why;
  refuse(name, why.empty() ? " of other rows than these" : why);
}

}  // namespace

void refuse_other_run(const std::string& name, Settings before, Settings now) {
  refuse_other_rows(name, before, now);
  for (Settings* settings : {&before, &now}) {
    settings->erase(kKernels);
    for (const char* key : kSources) settings->erase(key);
  }
  for (const auto& setting : now) {
    const std::string why = difference(before, now, setting.first);
    if (!why.empty()) refuse(name, why);
  }
  if (before.size() != now.size()) refuse(name, " of another kind of run");
}

}  // namespace nflow::app
