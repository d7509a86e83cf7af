#include "ask/asked.h"

#include <utility>

namespace nflow {
namespace {

using Kind = Support::Kind;

Support line_support(const Support& support) {
  Support line;
  if (support.cells) {
    line = support;
    line.cells = Cells::on_line(*support.cells);
  } else if (support.kind == Kind::circular) {
    line = support.in_turns();
  }
  return line;
}

}  // namespace

double asked_line(const Support& support, double value) {
  return support.kind == Kind::integer ? value : support.to_line(value);
}

Asked::Asked(const Model& model, int threads) : model_(model), threads_(threads) {}

Support Asked::support(Index column) const {
  return support_at(model_.supports, static_cast<std::size_t>(column));
}

std::vector<bool> Asked::to_line(RowMatrix& rows, Index column) const {
  std::vector<bool> inside(static_cast<std::size_t>(rows.rows()), true);
  for (Index j = 0; j < rows.cols(); ++j) {
    const Support own = support(j);
    for (Index i = 0; j != column && i < rows.rows(); ++i) {
      const bool fits = own.contains(rows(i, j));
      if (!fits) inside[static_cast<std::size_t>(i)] = false;
      rows(i, j) = fits ? asked_line(own, rows(i, j)) : 0;
    }
  }
  return inside;
}

Evaluator& Asked::evaluator(Index column) {
  const bool integer =
      column >= 0 && support(column).kind == Kind::integer && !support(column).cells;
  std::unique_ptr<Flow>& flow = flows_[integer ? column : -1];
  if (!flow) {
    Model asked = model_;
    for (std::size_t j = 0; j < asked.supports.size(); ++j) {
      Support& own = asked.supports[j];
      const bool stays = own.kind == Kind::integer && !own.cells && static_cast<Index>(j) != column;
      if (!stays) own = line_support(own);
    }
    flow = std::make_unique<Flow>(std::move(asked), threads_);
  }
  return flow->evaluator;
}

void Asked::log_density(Index column, const RowMatrix& rows, const RowMatrix& context,
                        std::vector<double>& out) {
  evaluator(column).log_prob(rows, context, out);
}

RowMatrix Asked::draws(Index column, const RowMatrix& latent, const RowMatrix& context) {
  RowMatrix rows;
  evaluator(column).from_latent(latent, context, rows);
  return rows;
}

double Asked::scale(Index column) const {
  return support(column).cells ? 0 : model_.scaler.deviation[static_cast<std::size_t>(column)];
}

}  // namespace nflow
