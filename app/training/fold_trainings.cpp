#include "training/fold_trainings.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "nflow/defaults.h"
#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/printable.h"
#include "report/log.h"
#include "training/choose_and_train.h"
#include "training/constant_columns.h"
#include "training/train_kinds.h"

namespace nflow::app {
namespace {

/// The rows that are trained on and validated with, in the table's order.
struct AllRows {
  explicit AllRows(const TrainData& data);

  std::vector<Index> lines;  // their places in the table
  Dataset rows;
};

/// A copy of all in which the rows to fit, or to validate with, have their places among `lines`.
void put_rows(const Dataset& part, const std::vector<Index>& part_lines,
              const std::vector<Index>& lines, Dataset& to) {
  for (std::size_t i = 0; i < part_lines.size(); ++i) {
    const auto place = std::lower_bound(lines.begin(), lines.end(), part_lines[i]) - lines.begin();
    to.x.row(place) = part.x.row(static_cast<Index>(i));
    to.context.row(place) = part.context.row(static_cast<Index>(i));
    if (!part.weights.empty()) to.weights[static_cast<std::size_t>(place)] = part.weights[i];
  }
}

AllRows::AllRows(const TrainData& data) {
  const RowSplit& split = data.folds->lines;
  std::merge(split.fit.begin(), split.fit.end(), split.validation.begin(), split.validation.end(),
             std::back_inserter(lines));
  const auto count = static_cast<Index>(lines.size());
  rows = {RowMatrix(count, data.fit.x.cols()), RowMatrix(count, data.fit.context.cols())};
  if (!data.fit.weights.empty()) rows.weights.resize(lines.size());
  put_rows(data.fit, split.fit, lines, rows);
  if (!split.validation.empty()) put_rows(data.validation, split.validation, lines, rows);
}

/// The places among all rows that are in the fold, or that are not.
std::vector<Index> places_of(const std::vector<Index>& fold, Index number, bool inside) {
  std::vector<Index> places;
  for (std::size_t i = 0; i < fold.size(); ++i) {
    if ((fold[i] == number) == inside) places.push_back(static_cast<Index>(i));
  }
  return places;
}

/// The table without a fold: its rows to validate with are drawn from the others, unless they come
/// from a file of their own.
TrainData without_fold(const TrainData& data, const AllRows& all, const Dataset& held, Index number,
                       double fraction, const TrainOptions& options) {
  TrainData rest = data;
  rest.name = data.name + ", without fold " + std::to_string(number + 1);
  RowSplit parts{places_of(data.folds->fold, number, false), {}};
  rest.rows = static_cast<Index>(parts.fit.size());
  if (!data.folds->lines.validation.empty()) {
    parts = split_rows(parts.fit, fraction, options.seed);
    rest.validation = rows_at(all.rows, parts.validation);
  }
  if (parts.fit.size() < 2) throw Error(rest.name + ": too few rows to train on");
  rest.fit = rows_at(all.rows, parts.fit);
  if (options.init) return rest;
  rest.supports = data.folds->supports;
  refuse_constant_columns(rest);
  fit_kinds(rest, data.folds->labels, options.seed, options.threads, held.x);
  return rest;
}

/// log p of rows by a model of others; none where the journal stopped its training.
std::optional<std::vector<double>> score(const Arguments& arguments, const TrainData& rest,
                                         const Dataset& held, TrainOptions options,
                                         const Deadline& deadline, const TrainingPart& part,
                                         Journal& journal) {
  const int threads = options.threads;
  suit_options(arguments, rest, options);
  const std::optional<Outcome> outcome =
      choose_and_train(arguments, rest, options, deadline, journal, part, [](const auto&) {});
  if (!outcome || journal.stopped()) return std::nullopt;
  std::vector<double> log_prob;
  Evaluator(outcome->kept(), threads).log_prob(held.x, held.context, log_prob);
  return log_prob;
}

std::string scores_text(const FoldRows& folds, const AllRows& all,
                        const std::vector<double>& log_prob) {
  std::string text = "row,fold,logprob\n";
  std::size_t next = 0;
  for (Index row = 1; row <= folds.all_records; ++row) {
    const bool known =
        next < all.lines.size() && folds.records[static_cast<std::size_t>(all.lines[next])] == row;
    text += std::to_string(row) + ',';
    if (known) {
      text += std::to_string(folds.fold[next] + 1) + ',';
      append_number(text, log_prob[next++]);
    } else {
      text += ',';  // left out of the training
    }
    text += '\n';
  }
  return text;
}

void tell(const FoldEstimate& found, Index folds) {
  if (found.impossible > 0) {
    log_warning(
        "{} log p = -inf by the model of the other folds: its labels or values are nowhere "
        "else",
        counted(found.impossible, "row") + (found.impossible == 1 ? " has" : " have"));
  }
  for (std::size_t k = 0; k < found.of_folds.size(); ++k) {
    log_debug("fold {}: log p = {:.4f} nats/row", k + 1, found.of_folds[k]);
  }
  log_with({{"folds", static_cast<std::int64_t>(folds)},
            {"folds_log_prob", found.mean},
            {"folds_stderr_rows", found.error_of_rows},
            {"folds_stderr_folds", found.error_of_folds}},
           spdlog::level::info,
           fmt::format("{} folds: log p = {:.4f} nats/row of rows not seen, standard error {:.2g} "
                       "over rows, {:.2g} over folds",
                       folds, found.mean, found.error_of_rows, found.error_of_folds));
}

}  // namespace

std::optional<FoldEstimate> train_folds(const Arguments& arguments, const TrainData& data,
                                        const TrainOptions& options, const Deadline& deadline,
                                        const std::optional<std::string>& scores,
                                        Journal& journal) {
  const FoldRows& folds = *data.folds;
  const AllRows all(data);
  const double fraction = arguments.real("validation-fraction", kDefaultValidationFraction);
  std::vector<double> log_prob(all.lines.size());
  for (Index k = 0; k < folds.count; ++k) {
    const std::vector<Index> places = places_of(folds.fold, k, true);
    const Dataset held = rows_at(all.rows, places);
    const TrainData rest = without_fold(data, all, held, k, fraction, options);
    const Deadline own = deadline.share(1 / static_cast<double>(folds.count + 1 - k));
    log_info("fold {} of {}: {} to train on, {} to validate with, {} not seen", k + 1, folds.count,
             counted(rest.fit.rows(), "row"), rest.validation.rows(), held.x.rows());
    const auto scores_of =
        score(arguments, rest, held, options, own, part_of_fold(folds.count, k), journal);
    if (!scores_of) return std::nullopt;
    for (std::size_t i = 0; i < places.size(); ++i) {
      log_prob[static_cast<std::size_t>(places[i])] = (*scores_of)[i];
    }
    journal.next_table();
  }
  const FoldEstimate found = estimate_folds(log_prob, all.rows.weights, folds.fold, folds.count);
  tell(found, folds.count);
  if (scores) {
    journal.write_outputs([&](const std::function<bool()>& stop) {
      write_file(*scores, scores_text(folds, all, log_prob), stop);
    });
  }
  if (journal.stopped()) return std::nullopt;
  return found;
}

TrainingPart part_of_fold(Index folds, Index number) {
  if (folds == 0) return {};
  const double width = 1 / static_cast<double>(folds + 1);
  const std::string name =
      number < folds ? fmt::format("fold {} of {}", number + 1, folds) : "on all rows";
  return {name, width * static_cast<double>(number), width};
}

std::map<std::string, std::string> fold_settings(const TrainData& data) {
  if (!data.folds) return {};
  std::vector<std::string> folds;
  for (const Index fold : data.folds->fold) folds.push_back(std::to_string(fold));
  return {{"--folds", std::to_string(data.folds->count)},
          {"--group", data.folds->has_groups() ? data.folds->group : "none"},
          {"rows in folds", digest_of(folds)}};
}

}  // namespace nflow::app
