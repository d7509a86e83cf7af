#pragma once

#include <algorithm>
#include <chrono>
#include <limits>

namespace nflow {

/// When work is to end, by a clock that nobody sets. It is made where the limit is known, and
/// passed down; what has a part of the time gets a deadline of its own.
class Deadline {
 public:
  Deadline() = default;  ///< never
  /// So many seconds from now; infinity: never.
  static Deadline in(double seconds) {
    Deadline deadline;
    deadline.seconds_ = std::max(0.0, seconds);
    return deadline;
  }

  bool is_never() const { return seconds_ == std::numeric_limits<double>::infinity(); }
  /// Seconds; 0 once it is over.
  double remaining() const { return std::max(0.0, seconds_ - elapsed()); }
  /// Which share of the time that it left is over, from 0 to 1; 0 for never.
  double passed() const {
    if (is_never()) return 0;
    return seconds_ > 0 ? std::min(1.0, elapsed() / seconds_) : 1;
  }
  bool is_over() const { return passed() >= 1; }
  /// Over when that part of what remains is.
  Deadline share(double part) const { return is_never() ? *this : in(part * remaining()); }

 private:
  double elapsed() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  }

  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  double seconds_ = std::numeric_limits<double>::infinity();
};

}  // namespace nflow
