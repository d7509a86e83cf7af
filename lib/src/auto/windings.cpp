#include "nflow/windings.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace nflow {
namespace {

/// Below the first an entropy says little; more rows than the second change none of it.
constexpr Index kFewestRows = 50, kMostRows = 2000;

/// Windings that are looked for: of one circle before it, or of two at once.
constexpr int kMostTurns = 3;
constexpr std::size_t kMostForPairs = 6;

/// What an angle without its windings must have more of, in nats a row: chance alone moves an
/// entropy by spacings by a twentieth.
constexpr double kLeastGain = 0.15;

/// A spacing of rounded angles may be 0; nothing is told apart that is closer, in turns.
constexpr double kLeastSpacing = 1e-9;

using Turns = std::vector<double>;

/// The mean log density of turns on the circle, by the spacings of every m-th of them (Vasicek, "A
/// test for normality based on sample entropy", 1976).
double concentration(Turns& turns) {
  for (double& x : turns) x -= std::floor(x);
  std::sort(turns.begin(), turns.end());
  const std::size_t n = turns.size();
  const auto m = static_cast<std::size_t>(std::sqrt(static_cast<double>(n)) / 2) + 1;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double wrapped = i + m < n ? turns[i + m] : turns[i + m - n] + 1;
    sum -= std::log(std::max(wrapped - turns[i], kLeastSpacing));
  }
  const auto count = static_cast<double>(n);
  return sum / count + std::log(static_cast<double>(m) / count);
}

/// Some rows of a circular column, in turns.
Turns some_turns(const Dataset& fit, const Support& support, std::size_t column) {
  const Index rows = fit.x.rows(), step = (rows + kMostRows - 1) / kMostRows;
  Turns turns;
  for (Index r = 0; r < rows; r += step) {
    const bool counts = fit.weights.empty() || fit.weights[static_cast<std::size_t>(r)] > 0;
    if (counts) turns.push_back(support.to_line(fit.x(r, static_cast<Index>(column))));
  }
  return turns;
}

/// Climbs from no windings by the best change of one or two of them, while it gains enough.
class Search {
 public:
  Search(const std::vector<Turns>& before, const Turns& turns)
      : before_(before), turns_(turns), best_(before.size()) {
    reached_ = gain_of(best_);
  }

  std::vector<int> best() {
    while (step()) {
    }
    while (!best_.empty() && best_.back() == 0) best_.pop_back();
    return best_;
  }

 private:
  double gain_of(const std::vector<int>& windings) {
    rest_ = turns_;
    for (std::size_t i = 0; i < windings.size(); ++i) {
      for (std::size_t r = 0; r < rest_.size(); ++r) rest_[r] -= windings[i] * before_[i][r];
    }
    return concentration(rest_);
  }

  void look_at(const std::vector<int>& windings) {
    const double gain = gain_of(windings);
    if (gain <= found_) return;
    found_ = gain;
    next_ = windings;
  }

  bool step() {
    found_ = reached_ + kLeastGain;
    next_ = best_;
    std::vector<int> windings = best_;
    for (std::size_t i = 0; i < best_.size(); ++i) {
      for (int k = -kMostTurns; k <= kMostTurns; ++k) {
        windings[i] = k;
        look_at(windings);
        for (std::size_t l = 0; l < i && best_.size() <= kMostForPairs; ++l) {
          for (windings[l] = -kMostTurns; windings[l] <= kMostTurns; ++windings[l]) {
            look_at(windings);
          }
          windings[l] = best_[l];
        }
      }
      windings[i] = best_[i];
    }
    if (next_ == best_) return false;
    best_ = next_;
    reached_ = found_;
    return true;
  }

  const std::vector<Turns>& before_;
  const Turns& turns_;
  std::vector<int> best_, next_;
  Turns rest_;
  double reached_ = 0, found_ = 0;
};

}  // namespace

std::vector<Support> choose_windings(const Dataset& fit, std::vector<Support> supports) {
  if (circular_columns(supports) < 2) return supports;
  std::vector<Turns> before;
  for (std::size_t j = 0; j < supports.size(); ++j) {
    if (supports[j].kind != Support::Kind::circular) continue;
    const Turns turns = some_turns(fit, supports[j], j);
    const bool enough = turns.size() >= static_cast<std::size_t>(kFewestRows);
    if (enough && supports[j].winding.empty()) supports[j].winding = Search(before, turns).best();
    before.push_back(turns);
  }
  return supports;
}

}  // namespace nflow
