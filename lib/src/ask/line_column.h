#pragma once

#include "ask/line_search.h"
#include "nflow/conditional.h"
#include "nflow/support.h"

namespace nflow {

/// A density on the line as that of a column with this support, which has no cells.
class LineColumn final : public ColumnDensity {
 public:
  LineColumn(const Support& support, LineDensity density);

  double log_mass() const { return line_.log_mass; }  ///< of the rest of the row, on the line
  bool is_known() const override { return line_.known; }
  bool is_accurate() const override { return line_.accurate; }
  double below(double value) const override;
  double at(double value) const override;
  double quantile(double share) const override;
  double mean() const override;
  double mode() const override;
  double density(double value) const override;

 private:
  bool is_integer() const { return support_.kind == Support::Kind::integer; }
  bool is_round() const {
    return support_.kind == Support::Kind::circular || support_.kind == Support::Kind::arc;
  }
  double mean_direction() const;
  double mean_integer() const;
  double mode_integer() const;
  double log_density_at(double u) const;

  Support support_;
  LineDensity line_;
  double turned_ = 0;  // the mass on the line before the low end of an arc
};

}  // namespace nflow
