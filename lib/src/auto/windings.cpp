#include "nflow/windings.h"

#include <cstdlib>

#include "auto/angles.h"

namespace nflow {
namespace {

/// Windings that are looked for: of one circle before it, or of two at once.
constexpr int kMostTurns = 3;
constexpr std::size_t kMostForPairs = 6;

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
    found_ = reached_ + kLeastGainOfAngles;
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

/// The circles of a table, and what each goes round with so far: entry i is about the i-th.
struct Circles {
  std::vector<Turns> turns;
  std::vector<std::vector<int>> windings;

  bool follows(std::size_t j, std::size_t other) const {
    for (std::size_t i = 0; i < windings[j].size(); ++i) {
      if (windings[j][i] != 0 && (i == other || follows(i, other))) return true;
    }
    return false;
  }

  /// Windings of j about one later circle, more than one: by once, the later would follow j.
  void search_later(std::size_t j) {
    Turns rest = turns[j];
    double reached = concentration(rest) + kLeastGainOfAngles;
    for (std::size_t i = j + 1; i < turns.size(); ++i) {
      if (follows(i, j)) continue;
      for (int k = -kMostTurns; k <= kMostTurns; ++k) {
        if (std::abs(k) < 2) continue;
        rest = turns[j];
        for (std::size_t r = 0; r < rest.size(); ++r) rest[r] -= k * turns[i][r];
        const double gain = concentration(rest);
        if (gain <= reached) continue;
        reached = gain;
        windings[j].assign(i + 1, 0);
        windings[j][i] = k;
      }
    }
  }
};

}  // namespace

std::vector<Support> choose_windings(const Dataset& fit, std::vector<Support> supports) {
  const std::vector<Index> rows = rows_of_angles(fit);
  if (circular_columns(supports) < 2 || rows.size() < kFewestRowsOfAngles) return supports;
  if (any_winding(supports)) return supports;
  Circles circles;
  std::vector<std::size_t> columns;
  for (std::size_t j = 0; j < supports.size(); ++j) {
    if (supports[j].kind != Support::Kind::circular) continue;
    columns.push_back(j);
    circles.turns.push_back(turns_at(fit, rows, supports[j], j));
  }
  std::vector<Turns> before;
  for (const Turns& turns : circles.turns) {
    circles.windings.push_back(Search(before, turns).best());
    before.push_back(turns);
  }
  // An angle's half does not go round with the angle, but the angle goes round twice with it.
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (circles.windings[j].empty()) circles.search_later(j);
  }
  for (std::size_t j = 0; j < columns.size(); ++j) {
    supports[columns[j]].winding = circles.windings[j];
  }
  return supports;
}

}  // namespace nflow
