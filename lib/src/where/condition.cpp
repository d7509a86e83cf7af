#include "nflow/condition.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nflow/labels.h"
#include "where/parser.h"

namespace nflow {
namespace {

using Code = ConditionStep::Code;

constexpr Index kBlock = 512;  // rows that a step goes through at once

/// Writes of(a) of each number over it.
template <class Of>
void each(double* a, Index count, const Of& of) {
  for (Index i = 0; i < count; ++i) a[i] = of(a[i]);
}

/// Writes of(a, b) over a.
template <class Of>
void each(double* a, const double* b, Index count, const Of& of) {
  for (Index i = 0; i < count; ++i) a[i] = of(a[i], b[i]);
}

/// What is no number is neither less nor more than any; nor is the least or the most of it one.
double least(double a, double b) { return a != a || b != b ? a + b : std::min(a, b); }
double most(double a, double b) { return a != a || b != b ? a + b : std::max(a, b); }

void of_one(Code code, double* a, Index count) {
  switch (code) {
    case Code::negative:
      return each(a, count, [](double x) { return -x; });
    case Code::absolute:
      return each(a, count, [](double x) { return std::fabs(x); });
    case Code::root:
      return each(a, count, [](double x) { return std::sqrt(x); });
    case Code::log:
      return each(a, count, [](double x) { return std::log(x); });
    case Code::exp:
      return each(a, count, [](double x) { return std::exp(x); });
    case Code::sin:
      return each(a, count, [](double x) { return std::sin(x); });
    case Code::cos:
      return each(a, count, [](double x) { return std::cos(x); });
    default:
      return each(a, count, [](double x) { return 1 - x; });  // no
  }
}

void of_two(Code code, double* a, const double* b, Index n) {
  switch (code) {
    case Code::plus:
      return each(a, b, n, [](double x, double y) { return x + y; });
    case Code::minus:
      return each(a, b, n, [](double x, double y) { return x - y; });
    case Code::times:
      return each(a, b, n, [](double x, double y) { return x * y; });
    case Code::over:
      return each(a, b, n, [](double x, double y) { return x / y; });
    case Code::power:
      return each(a, b, n, [](double x, double y) { return x != x ? x : std::pow(x, y); });
    case Code::least:
      return each(a, b, n, least);
    case Code::most:
      return each(a, b, n, most);
    case Code::less:
      return each(a, b, n, [](double x, double y) { return x < y ? 1.0 : 0.0; });
    case Code::no_more:
      return each(a, b, n, [](double x, double y) { return x <= y ? 1.0 : 0.0; });
    case Code::more:
      return each(a, b, n, [](double x, double y) { return x > y ? 1.0 : 0.0; });
    case Code::no_less:
      return each(a, b, n, [](double x, double y) { return x >= y ? 1.0 : 0.0; });
    case Code::equal:
      return each(a, b, n, [](double x, double y) { return x == y ? 1.0 : 0.0; });
    case Code::unequal:
      return each(a, b, n, [](double x, double y) { return x < y || x > y ? 1.0 : 0.0; });
    case Code::both:
      return each(a, b, n, [](double x, double y) { return x * y; });
    default:
      return each(a, b, n, [](double x, double y) { return std::max(x, y); });  // either
  }
}

}  // namespace

Condition::Condition(std::string_view text, const std::vector<std::string>& columns,
                     const std::vector<Support>& supports) {
  ConditionParser parser(text, columns, supports);
  steps_ = parser.steps();
  stack_.resize(static_cast<std::size_t>(parser.depth() * kBlock));
  numbers_.resize(columns.size());
  for (std::size_t j = 0; j < supports.size(); ++j) {
    if (!supports[j].cells) continue;
    for (const std::string& level : supports[j].cells->data().levels) {
      numbers_[j].push_back(parse_number(level).value_or(std::numeric_limits<double>::quiet_NaN()));
    }
  }
}

void Condition::find(const RowMatrix& rows, std::vector<char>& inside) {
  inside.resize(static_cast<std::size_t>(rows.rows()));
  for (Index first = 0; first < rows.rows(); first += kBlock) {
    const Index count = std::min(kBlock, static_cast<Index>(rows.rows()) - first);
    height_ = 0;
    for (const ConditionStep& step : steps_) evaluate(step, rows, first, count);
    for (Index i = 0; i < count; ++i) {
      inside[static_cast<std::size_t>(first + i)] = stack_[static_cast<std::size_t>(i)] != 0;
    }
  }
}

void Condition::evaluate(const ConditionStep& step, const RowMatrix& rows, Index first,
                         Index count) {
  double* free = stack_.data() + height_ * kBlock;
  if (step.code <= Code::missing) {
    load(step, rows, first, count, free);
    ++height_;
  } else if (step.code <= Code::no) {
    of_one(step.code, free - kBlock, count);
  } else {
    of_two(step.code, free - 2 * kBlock, free - kBlock, count);
    --height_;
  }
}

void Condition::load(const ConditionStep& step, const RowMatrix& rows, Index first, Index count,
                     double* to) {
  if (step.code == Code::number) {
    std::fill_n(to, count, step.value);
    return;
  }
  const std::vector<double>& numbers = numbers_[static_cast<std::size_t>(step.column)];
  const auto number_of = [&](double x) {
    if (!is_label(x)) return x;
    const auto label = static_cast<std::size_t>(label_number(x));
    return label < numbers.size() ? numbers[label] : std::numeric_limits<double>::quiet_NaN();
  };
  for (Index i = 0; i < count; ++i) {
    const double x = rows(first + i, step.column);
    if (step.code == Code::column) {
      to[i] = number_of(x);
    } else if (step.code == Code::missing) {
      to[i] = is_hole(x) ? 1 : 0;
    } else {
      const bool same = is_label(x) ? label_number(x) == step.label
                                    : x == numbers[static_cast<std::size_t>(step.label)];
      // A comparison with a missing value is false.
      to[i] = !is_hole(x) && same == (step.value == 1) ? 1 : 0;
    }
  }
}

}  // namespace nflow
