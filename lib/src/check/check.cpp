#include <algorithm>
#include <cstdio>
#include <optional>

#include "check/checks.h"
#include "nflow/error.h"
#include "standardised.h"

namespace nflow {
namespace {

using Verdict = Finding::Verdict;

struct Check {
  const char* name;
  bool needs_data;
  Findings (*look)(const Subject&);
};

const Check kChecks[] = {{"the round trip", false, check_round_trip},
                         {"the log-determinant", false, check_log_det},
                         {"the rounding", false, check_rounding},
                         {"the mass", false, check_mass},
                         {"the samples", false, check_samples},
                         {"the samples against the rows", true, check_two_samples},
                         {"the voids", true, check_voids},
                         {"the columns", true, check_columns},
                         {"the latent numbers", true, check_latent}};

/// What a model shows by itself, and what it shows beside data. The tests among the findings of one
/// function are adjusted for their number there, and here for that of the functions with tests.
Findings judged(const std::vector<Findings>& families, double alpha) {
  const auto has_tests = [](const Findings& family) {
    return std::any_of(family.begin(), family.end(), [](const Finding& f) { return f.is_p; });
  };
  const auto tests = std::count_if(families.begin(), families.end(), has_tests);
  Findings all;
  for (const Findings& family : families) {
    for (Finding finding : family) {
      if (finding.is_p) {
        finding.figure = std::min(1.0, finding.figure * static_cast<double>(tests));
        finding.limit = alpha;
        if (finding.verdict != Verdict::open) {
          finding.verdict = finding.figure >= alpha ? Verdict::ok : Verdict::off;
        }
      }
      all.push_back(std::move(finding));
    }
  }
  return all;
}

}  // namespace

RowMatrix Subject::context(Index n, Index first) const {
  RowMatrix rows(n, model.context_features());
  for (Index i = 0; rows.cols() > 0 && i < n; ++i) {
    rows.row(i) = data->context.row((first + i) % data->context.rows());
  }
  return rows;
}

RowMatrix Subject::one_context(Index rows, Index number) const {
  return context(1, number).replicate(rows, 1);
}

double Subject::share_of_chance(double chance) const {
  const auto learned = static_cast<double>(model.training.rows);
  return learned > 0 ? chance / (chance + 1 / learned) : 1;
}

Index Subject::few_contexts() const {
  return model.context.empty() ? 1 : std::min<Index>(3, data->context.rows());
}

RowMatrix draw(Evaluator& evaluator, const Subject& subject, const RowMatrix& context,
               std::uint32_t stream) {
  RowMatrix rows;
  evaluator.sample(subject.options.seed, FarRows::check(stream), context.rows(), context, 1, rows);
  return rows;
}

std::vector<Index> finite_places(const RowMatrix& rows) {
  std::vector<Index> places;
  for (Index i = 0; i < rows.rows(); ++i) {
    if (rows.row(i).allFinite()) places.push_back(i);
  }
  return places;
}

RowMatrix normal_rows(const Subject& subject, Index n, std::uint32_t stream) {
  const Random random(subject.options.seed, Purpose::check);
  RowMatrix z(n, subject.columns());
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < z.cols(); ++j) {
      const auto pair = static_cast<std::uint32_t>(j / 2) + (stream << 16);
      z(i, j) = random.normal_pair(static_cast<std::uint64_t>(i), pair)[j % 2];
    }
  }
  return z;
}

std::string short_number(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

Finding bounded(std::string name, double figure, double limit, std::string detail) {
  const Verdict verdict = figure <= limit ? Verdict::ok : Verdict::off;
  return {std::move(name), figure, limit, false, verdict, std::move(detail)};
}

Finding tested(std::string name, double p, std::string detail) {
  return {std::move(name), p, 0, true, Verdict::ok, std::move(detail)};
}

std::vector<Finding> check_model(const Model& model, const Dataset* data,
                                 const CheckOptions& options) {
  if (!model.context.empty() && data == nullptr) {
    throw Error("the model is conditioned on columns: it is checked with rows that hold them");
  }
  if (data != nullptr && data->x.rows() < 2) {
    throw Error("a model is checked against two rows at least");
  }
  // Labels are no numbers, and what is fixed inside of cells needs no test.
  if (cut_columns(model.supports) > 0 && !holds_cell_numbers(model)) {
    std::optional<Dataset> numbers;
    if (data) {
      const Random random(options.seed, Purpose::cell);
      numbers = Dataset{cell_numbers(model, data->x, random), data->context, data->weights};
    }
    return check_model(with_cell_numbers(model), numbers ? &*numbers : nullptr, options);
  }
  ThreadPool pool(options.threads);
  const Subject subject{model, data, options, pool};
  std::vector<Findings> families;
  for (const Check& check : kChecks) {
    if (check.needs_data && data == nullptr) continue;
    if (options.begins) options.begins(check.name);
    families.push_back(check.look(subject));
  }
  return judged(families, options.alpha);
}

}  // namespace nflow
