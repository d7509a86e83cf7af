#pragma once

#include <map>
#include <memory>
#include <vector>

#include "nflow/evaluator.h"
#include "nflow/model.h"

namespace nflow {

/// A model with its columns on the line, where one of them is asked for: a value of a column with
/// cells is its bin + 1/2, one on a circle is in turns. INTEGER columns stay as they are, and count
/// by their cells, but for the one that is asked for, which has a density there. Where several are
/// asked for, the column is -1, and all INTEGER columns count by their cells.
class Asked {
 public:
  Asked(const Model& model, int threads);

  const Model& model() const { return model_; }
  /// Takes all columns but that to the line. Gives which rows have a density: those that are in the
  /// supports.
  std::vector<bool> to_line(RowMatrix& rows, Index column) const;
  /// log p of such rows, but for what is fixed inside of bins and the slopes of the supports.
  void log_density(Index column, const RowMatrix& rows, const RowMatrix& context,
                   std::vector<double>& out);
  /// The model's own rows on the line; see ask/draws.h.
  RowMatrix draws(Index column, const RowMatrix& latent, const RowMatrix& context);
  Evaluator& evaluator(Index column);
  /// Deviation of a column's numbers on the line, for distances; 0 where they are bins.
  double scale(Index column) const;

 private:
  struct Flow {
    Model model;
    Evaluator evaluator;
    Flow(Model flow, int threads) : model(std::move(flow)), evaluator(model, threads) {}
  };

  Support support(Index column) const;
  Model model_;
  int threads_;
  std::map<Index, std::unique_ptr<Flow>> flows_;  // by INTEGER column; -1: for all others
};

/// How a value of that support is written on the line.
double asked_line(const Support& support, double value);

}  // namespace nflow
