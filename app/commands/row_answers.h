#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nflow/conditional.h"
#include "nflow/partial.h"
#include "nflow/tail.h"
#include "options/options.h"

namespace nflow::app {

/// The options of logprob that ask more of each row than log p.
std::vector<Option> row_answer_options();

/// What these options ask, in columns behind log p.
class RowAnswers {
 public:
  RowAnswers(const Arguments& arguments, const Model& model, Evaluator& evaluator);

  /// The names of the columns, each with the delimiter before it.
  std::string header(char delimiter) const;
  /// log p of some rows; with --marginal of what they have.
  void score(const RowMatrix& rows, const RowMatrix& context, std::vector<double>& log_prob);
  /// Finds the answers of some rows, which have these log p.
  void find(const RowMatrix& rows, const RowMatrix& context, const std::vector<double>& log_prob);
  /// At the end: of figures that are not as good as they should be. `shared`: has each process
  /// counted its own rows only?
  void warn(bool shared) const;
  /// Is row `i` of those to be written?
  bool shows(std::size_t i) const;
  /// Appends the fields of row `i`, each with the delimiter before it.
  void append(std::string& out, std::size_t i, char delimiter, char decimal) const;

 private:
  void explain(const RowMatrix& rows, const RowMatrix& context);

  const Model& model_;
  Evaluator& evaluator_;
  std::unique_ptr<Partial> partial_;  // with --marginal
  std::vector<double> errors_;
  std::uint64_t inaccurate_ = 0;
  std::unique_ptr<Conditional> conditional_;
  bool all_columns_ = false;
  RowMatrix column_tails_;  // of each row's value in each column, given the others
  std::optional<TailShares> tail_;
  std::optional<double> below_;
  std::vector<double> shares_;
};

}  // namespace nflow::app
