#include "where/parser.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "nflow/error.h"
#include "nflow/labels.h"
#include "nflow/nearest.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

using Code = ConditionStep::Code;
using Word = ConditionWord;

struct Function {
  Code code;
  bool several;  // of two or more numbers
};

const std::map<std::string, Function, std::less<>>& functions() {
  static const std::map<std::string, Function, std::less<>> all{
      {"abs", {Code::absolute, false}}, {"sqrt", {Code::root, false}}, {"log", {Code::log, false}},
      {"exp", {Code::exp, false}},      {"sin", {Code::sin, false}},   {"cos", {Code::cos, false}},
      {"min", {Code::least, true}},     {"max", {Code::most, true}}};
  return all;
}

const std::map<std::string, Code, std::less<>>& comparisons() {
  static const std::map<std::string, Code, std::less<>> all{
      {"==", Code::equal},   {"!=", Code::unequal}, {"<", Code::less},
      {"<=", Code::no_more}, {">", Code::more},     {">=", Code::no_less}};
  return all;
}

/// Levels of recursion that a scope adds.
class Level {
 public:
  explicit Level(Index& nested) : nested_(nested) { ++nested_; }
  ~Level() { --nested_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  Index& nested_;
};

}  // namespace

ConditionParser::ConditionParser(std::string_view text, const std::vector<std::string>& columns,
                                 const std::vector<Support>& supports)
    : words_(text), columns_(columns), supports_(supports), index_(columns) {
  if (text.size() > Condition::kMostText) {
    throw UsageError("a condition has " + std::to_string(Condition::kMostText) +
                     " bytes at most, and this one " + std::to_string(text.size()));
  }
}

std::vector<ConditionStep> ConditionParser::steps() {
  advance();
  const Part all = either();
  if (word_.kind != Word::Kind::end) {
    words_.refuse(word_, "expected an operator such as && or <, or the end");
  }
  require_condition(all, "the whole");
  return std::move(steps_);
}

ConditionParser::Part ConditionParser::either() {
  enter();
  const Level level(nested_);
  Part left = both();
  while (at("||")) {
    require_condition(left, "what stands before ||");
    advance();
    require_condition(both(), "what stands behind ||");
    apply(Code::either, 2);
  }
  return left;
}

ConditionParser::Part ConditionParser::both() {
  Part left = comparison();
  while (at("&&")) {
    require_condition(left, "what stands before &&");
    advance();
    require_condition(comparison(), "what stands behind &&");
    apply(Code::both, 2);
  }
  return left;
}

ConditionParser::Part ConditionParser::comparison() {
  Part left = sum();
  const auto found = comparisons().find(word_.text);
  if (word_.kind != Word::Kind::mark || found == comparisons().end()) return left;
  const Word mark = word_;
  advance();
  const bool label = word_.kind == Word::Kind::label || left.kind == Part::Kind::label;
  if (!label) left = as_number(left);
  const Part right = sum();
  Part result{Part::Kind::condition, left.word};
  if (label) {
    const bool first = left.kind == Part::Kind::label;
    result = compare_label(first ? right : left, first ? left : right, mark);
  } else {
    as_number(right);
    apply(found->second, 2);
  }
  if (word_.kind == Word::Kind::mark && comparisons().count(word_.text) != 0) {
    words_.refuse(word_, "one comparison is not compared again: join two by &&");
  }
  return result;
}

ConditionParser::Part ConditionParser::compare_label(const Part& column, const Part& label,
                                                     const Word& mark) {
  if (label.kind != Part::Kind::label || column.kind != Part::Kind::column) {
    words_.refuse(label.word, "a label is compared with a column of labels");
  }
  if (mark.text != "==" && mark.text != "!=") {
    words_.refuse(mark, "labels have no order: they are compared by == and !=");
  }
  const std::string& name = columns_[static_cast<std::size_t>(column.column)];
  const Support support = support_at(supports_, static_cast<std::size_t>(column.column));
  if (!support.cells || support.cells->data().levels.empty()) {
    words_.refuse(label.word,
                  "column '" + printable(name) + "' has numbers, which stand without quotes");
  }
  const std::vector<std::string>& levels = support.cells->data().levels;
  const auto found = std::find(levels.begin(), levels.end(), label.word.text);
  if (found == levels.end()) {
    words_.refuse(label.word, "column '" + printable(name) + "' of the model has no such label" +
                                  did_you_mean(label.word.text, levels));
  }
  const auto number = static_cast<Index>(found - levels.begin());
  push({Code::label, mark.text == "==" ? 1.0 : 0.0, column.column, number});
  return {Part::Kind::condition, column.word};
}

ConditionParser::Part ConditionParser::sum() {
  Part left = product();
  while (at("+") || at("-")) {
    const Code code = at("+") ? Code::plus : Code::minus;
    left = as_number(left);
    advance();
    as_number(product());
    apply(code, 2);
  }
  return left;
}

ConditionParser::Part ConditionParser::product() {
  Part left = sign();
  while (at("*") || at("/")) {
    const Code code = at("*") ? Code::times : Code::over;
    left = as_number(left);
    advance();
    as_number(sign());
    apply(code, 2);
  }
  return left;
}

ConditionParser::Part ConditionParser::sign() {
  enter();
  const Level level(nested_);
  const Word first = word_;
  if (at("-")) {
    advance();
    as_number(sign());
    apply(Code::negative, 1);
    return {Part::Kind::number, first};
  }
  if (at("!")) {
    advance();
    require_condition(sign(),
                      "what stands behind !, which holds for the next word or parenthesis,");
    apply(Code::no, 1);
    return {Part::Kind::condition, first};
  }
  return power();
}

ConditionParser::Part ConditionParser::power() {
  Part base = primary();
  if (!at("^")) return base;
  base = as_number(base);
  advance();
  as_number(sign());
  apply(Code::power, 2);
  return base;
}

ConditionParser::Part ConditionParser::primary() {
  const Word word = word_;
  if (word.kind == Word::Kind::number) {
    advance();
    push({Code::number, word.value});
    return {Part::Kind::number, word};
  }
  if (word.kind == Word::Kind::label) {
    advance();
    return {Part::Kind::label, word};
  }
  if (word.kind == Word::Kind::name) {
    advance();
    return !word.quoted && at("(") ? call(word) : of_column(word);
  }
  if (!at("(")) words_.refuse(word, "expected a number, a column, a label in '...' or (");
  advance();
  Part inside = either();
  expect(")");
  return inside;
}

ConditionParser::Part ConditionParser::call(const Word& name) {
  advance();
  if (name.text == "missing") {
    const Part of = primary();
    if (of.kind != Part::Kind::column) words_.refuse(of.word, "missing() is of a column");
    push({Code::missing, 0, of.column});
    expect(")");
    return {Part::Kind::condition, name};
  }
  const auto found = functions().find(name.text);
  if (found == functions().end()) {
    std::vector<std::string> names{"missing"};
    for (const auto& function : functions()) names.push_back(function.first);
    const std::string near = did_you_mean(name.text, names);
    words_.refuse(
        name, "no such function is known" + (near.empty() ? ": there are " + joined(names) : near));
  }
  as_number(either());
  if (!found->second.several) {
    apply(found->second.code, 1);
  } else {
    if (!at(","))
      words_.refuse(word_, "expected , and another number: " + name.text + "() is of two or more");
    while (at(",")) {
      advance();
      as_number(either());
      apply(found->second.code, 2);
    }
  }
  expect(")");
  return {Part::Kind::number, name};
}

ConditionParser::Part ConditionParser::of_column(const Word& name) {
  const NameIndex::Place place = index_.find(name.text);
  if (place.first >= 0) return {Part::Kind::column, name, place.first};
  words_.refuse(name, "the model has no such column" + did_you_mean(name.text, columns_));
}

ConditionParser::Part ConditionParser::as_number(const Part& part) {
  if (part.kind == Part::Kind::condition) {
    words_.refuse(part.word, "expected a number, and this is a condition");
  }
  if (part.kind == Part::Kind::label) {
    words_.refuse(part.word, "a label is compared with a column of labels");
  }
  if (part.kind == Part::Kind::column) {
    if (holds_labels_only(part.column)) {
      const auto& levels = supports_[static_cast<std::size_t>(part.column)].cells->data().levels;
      words_.refuse(part.word, "the column has labels, which are compared as in == '" +
                                   printable(levels.front()) + "'");
    }
    push({Code::column, 0, part.column});
  }
  return {Part::Kind::number, part.word};
}

void ConditionParser::require_condition(const Part& part, const std::string& what) {
  if (part.kind == Part::Kind::condition) return;
  words_.refuse(part.word, what + " is to be a condition, such as x > 0");
}

bool ConditionParser::holds_labels_only(Index column) const {
  const Support support = support_at(supports_, static_cast<std::size_t>(column));
  if (support.kind != Support::Kind::category || !support.cells) return false;
  const std::vector<std::string>& levels = support.cells->data().levels;
  return !levels.empty() && std::none_of(levels.begin(), levels.end(), [](const std::string& text) {
    return parse_number(text).has_value();
  });
}

void ConditionParser::push(const ConditionStep& step) {
  steps_.push_back(step);
  deepest_ = std::max(deepest_, ++height_);
  if (deepest_ > Condition::kMostDepth) words_.refuse(word_, "too deep: fewer parentheses may do");
}

void ConditionParser::apply(Code code, Index takes) {
  steps_.push_back({code});
  height_ -= takes - 1;
}

bool ConditionParser::at(std::string_view mark) const {
  return word_.kind == Word::Kind::mark && word_.text == mark;
}

void ConditionParser::advance() { word_ = words_.next(); }

void ConditionParser::expect(std::string_view mark) {
  if (!at(mark)) words_.refuse(word_, "expected " + std::string(mark) + " or an operator");
  advance();
}

void ConditionParser::enter() {
  if (nested_ >= Condition::kMostDepth) {
    words_.refuse(word_, "more than " + std::to_string(Condition::kMostDepth) +
                             " parentheses and signs one in another");
  }
}

}  // namespace nflow
