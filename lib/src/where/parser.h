#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nflow/condition.h"
#include "nflow/name_index.h"
#include "where/words.h"

namespace nflow {

/// Makes the steps of a condition from its text, by recursive descent.
class ConditionParser {
 public:
  ConditionParser(std::string_view text, const std::vector<std::string>& columns,
                  const std::vector<Support>& supports);

  std::vector<ConditionStep> steps();
  /// Levels of the stack that they need.
  Index depth() const { return deepest_; }

 private:
  /// What a part of the text gives. Steps for a column or a label are made once it is known what
  /// it is compared with.
  struct Part {
    enum class Kind { number, condition, column, label };
    Kind kind;
    ConditionWord word;  // that it begins with
    Index column = 0;
  };

  Part either();
  Part both();
  Part comparison();
  Part sum();
  Part product();
  Part sign();
  Part power();
  Part primary();
  Part call(const ConditionWord& name);
  Part of_column(const ConditionWord& name);

  Part compare_label(const Part& column, const Part& label, const ConditionWord& mark);
  Part as_number(const Part& part);
  void require_condition(const Part& part, const std::string& what);
  bool holds_labels_only(Index column) const;

  void push(const ConditionStep& step);
  /// A step that takes so many numbers and leaves one.
  void apply(ConditionStep::Code code, Index takes);
  bool at(std::string_view mark) const;
  void advance();
  void expect(std::string_view mark);
  void enter();

  ConditionWords words_;
  ConditionWord word_;
  const std::vector<std::string>& columns_;
  const std::vector<Support>& supports_;
  NameIndex index_;
  std::vector<ConditionStep> steps_;
  Index height_ = 0, deepest_ = 0;  // of the stack
  Index nested_ = 0;
};

}  // namespace nflow
