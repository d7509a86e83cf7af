#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "nflow/support.h"
#include "nflow/table.h"

namespace nflow {

/// One step of a condition's evaluation, on a stack of numbers; a condition is 1 or 0 there.
struct ConditionStep {
  enum class Code {
    number,  ///< pushes `value`
    column,  ///< pushes the number in `column`; NaN where there is none
    /// Pushes whether it is `value` (1 or 0) that `column` holds `label`, or a number that it reads
    /// as; 0 where the value is missing.
    label,
    missing,  ///< pushes whether `column` is missing
    negative,
    absolute,
    root,
    log,
    exp,
    sin,
    cos,
    no,
    plus,
    minus,
    times,
    over,
    power,
    least,
    most,
    less,
    no_more,
    more,
    no_less,
    equal,
    unequal,
    both,
    either
  };

  Code code;
  double value = 0;
  Index column = 0;
  Index label = 0;
};

/// A condition on the columns of a row, as text:
///   x > 0 && (kind == 'a' || log(y) < 1.5) && !missing(z)
/// From the weakest to the strongest bond: ||, &&, one comparison (== != < <= > >=), + and -,
/// * and /, the signs - and !, ^, which is right-associative. Numbers, columns by their names (in
/// backticks or double quotes where these are not of letters, digits, _ and . alone; a quote inside
/// stands twice), labels in single quotes, parentheses, and the functions abs, sqrt, log, exp, sin,
/// cos of one number, min and max of two or more, and missing() of a column.
/// A label is compared with the column of labels that it is of by == and != alone. A comparison in
/// which a value is missing, or is no number as sqrt(-1), is false, != too.
/// The time that a text takes to read is in proportion to its length.
class Condition {
 public:
  static constexpr std::size_t kMostText = 65536;  ///< bytes
  static constexpr Index kMostDepth = 100;  ///< of parentheses, signs and what waits for them

  /// `supports` have one for each of the columns, or none where all are REAL. Throws UsageError
  /// that names the place in the text, what is found there and what could be.
  Condition(std::string_view text, const std::vector<std::string>& columns,
            const std::vector<Support>& supports);

  /// inside[i] is 1 where row i, of all columns, is in the region, and 0 elsewhere. One caller at a
  /// time: the room for numbers is the condition's own.
  void find(const RowMatrix& rows, std::vector<char>& inside);

 private:
  void evaluate(const ConditionStep& step, const RowMatrix& rows, Index first, Index count);
  void load(const ConditionStep& step, const RowMatrix& rows, Index first, Index count, double* to);

  std::vector<ConditionStep> steps_;
  std::vector<std::vector<double>> numbers_;  // that each column's labels are; NaN: none
  std::vector<double> stack_;                 // levels of kBlock numbers
  Index height_ = 0;
};

}  // namespace nflow
