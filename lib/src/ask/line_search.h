#pragma once

#include <cstddef>
#include <vector>

#include "ask/panel.h"

namespace nflow {

/// A part of a density on the line.
struct LinePanel {
  double low, high;
  PanelPolynomial density;  ///< relative to LineDensity::top
  double mass, before;      ///< its share of all, and that of the panels before it
  PanelValues log_density;  ///< at the nodes; NaN where nobody looked

  double share_below(double u, double total) const;
};

/// A density on the line, or around a circle that is cut open, as panels in ascending order.
struct LineDensity {
  std::vector<LinePanel> panels;
  double log_mass = 0;        ///< of the density that was given; all else is of mass 1
  double top = 0, total = 0;  ///< its highest logarithm, and its mass relative to that
  bool known = false;         ///< is there any mass?
  bool accurate = true;       ///< or were there too many places to look at?

  double share_below(double u) const;
  double place_of(double share) const;  ///< u with this share below it
  double log_density(double u) const;
};

/// Finds where a density on the line has its mass, asking for its logarithm at places that it
/// names; nflow/conditional.h says how.
class LineSearch {
 public:
  /// Begins with the log density at `nodes`, two or more, ascending. The mass of a panel need not
  /// be known better than by its share `noise`. Of a closed line no mass is looked for beyond the
  /// first and the last.
  LineSearch(std::vector<double> nodes, bool closed, double noise);

  /// The places to be looked at next; none: it is done.
  const std::vector<double>& wanted() const { return wanted_; }
  /// The log density at these.
  void take(const double* log_density);
  LineDensity result() const;
  std::size_t asked() const { return asked_; }  ///< places so far

 private:
  static constexpr double kFirst = -1;
  struct Panel {
    double low, high;
    PanelValues log_density;  // NaN where it is unknown
    bool looked = false;      // at more than its ends?
    bool settled = false;
    double distance_before = kFirst;  // Mass::distance of the panel that it is half of
    double place(int node) const;
  };
  struct Mass {
    double value, distance, smooth_error;  // see PanelIntegral; relative to top_
  };
  struct Place {
    std::size_t wanted, panel;
    int node;
  };

  void plan();
  void measure();
  void extend();
  void want(const Panel& panel, std::vector<Panel>& panels);
  void halve(const Panel& panel, std::vector<Panel>& panels);
  Mass mass_of(const Panel& panel) const;
  double level(double log_density) const;
  double slope_before(std::size_t i) const;
  double slope_behind(std::size_t i) const;
  bool may_have_mass(std::size_t i) const;
  bool may_hide_a_peak(const Panel& panel) const;
  bool is_fine(const Panel& panel) const;

  std::vector<Panel> panels_;
  std::vector<double> wanted_;
  std::vector<Place> places_;  // where the wanted go; an end is that of two panels
  bool closed_;
  double noise_;
  double top_ = 0, total_ = 0;  // the highest log density, and the mass relative to it
  int extensions_ = 0;
  std::size_t asked_ = 0;
  bool accurate_ = true;
};

}  // namespace nflow
