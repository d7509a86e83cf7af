#pragma once

#include <cstdint>
#include <vector>

namespace nflow::app {

/// Counts rows whose draws, or figures, are less good than they are meant to be, and says so once.
class DrawReport {
 public:
  /// What each row's draws are worth, and whether that is enough.
  void add(const std::vector<double>& effective, const std::vector<bool>& enough);
  /// At the end, of all processes together.
  void warn() const;

 private:
  std::uint64_t rows_ = 0, none_ = 0, few_ = 0, weighed_ = 0;
  double least_ = 0, sum_ = 0;
};

}  // namespace nflow::app
