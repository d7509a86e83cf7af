#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "io/packed_formats.h"
#include "nflow/csv.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

constexpr std::size_t kBegin = 12, kMostHeader = std::size_t{1} << 24;
constexpr std::uint64_t kMostRows = std::uint64_t{1} << 40, kMostHeld = std::uint64_t{1} << 31;
constexpr bool kDamaged = true;

struct Failure {
  std::string text;
  bool damaged = false;
};

struct Column {
  std::string name, type;
  std::size_t size() const { return static_cast<std::size_t>(type[2] - '0'); }
};

/// The Python literal before the numbers: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 2)}
class NumpyHeader {
 public:
  std::vector<Column> columns;
  std::vector<std::uint64_t> shape;
  bool by_columns = false;  // Fortran's order: all of a column before the next

  void parse(std::string_view text) {
    rest_ = text;
    expect("{");
    while (!accept("}")) {
      const std::string key = quoted();
      expect(":");
      if (key == "descr") {
        read_types();
      } else if (key == "shape") {
        for (expect("("); !accept(")"); accept(",")) shape.push_back(number());
      } else if (by_columns = accept("True"); !by_columns) {
        expect("False");
      }
      accept(",");
    }
    lay_out();
  }

 private:
  bool accept(std::string_view word) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    const bool there = rest_.substr(0, word.size()) == word;
    if (there) rest_.remove_prefix(word.size());
    return there;
  }
  void expect(std::string_view word) {
    if (!accept(word)) fail();
  }
  [[noreturn]] static void fail() {
    throw Failure{"its header is not as numpy writes it", kDamaged};
  }
  std::string quoted() {
    expect("'");
    const std::size_t end = std::min(rest_.find('\''), rest_.size());
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end);
    expect("'");
    return text;
  }
  std::uint64_t number() {
    accept("");
    std::uint64_t number = 0;
    const auto got = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (got.ec != std::errc()) fail();
    rest_.remove_prefix(static_cast<std::size_t>(got.ptr - rest_.data()));
    return number;
  }

  /// One type, or, of a structured array, a list of names and types.
  void read_types() {
    if (!accept("[")) return add_column("", quoted());
    for (; !accept("]"); accept(",")) {
      expect("(");
      const std::string name = quoted();
      expect(",");
      if (accept("[")) throw Failure{"found an array whose fields have fields, expected numbers"};
      add_column(name, quoted());
      if (accept(",")) throw Failure{"found an array whose fields are arrays, expected numbers"};
      expect(")");
    }
  }
  void add_column(const std::string& name, const std::string& type) {
    if (type != "<f8" && type != "<f4" && type != "<i8" && type != "<i4") {
      throw Failure{"found an array of numpy with dtype '" + printable(type) +
                    "', expected float64, float32, int64 or int32; save it as one of these"};
    }
    columns.push_back({name, type});
  }

  /// Gives the columns of a plain array their names.
  void lay_out() {
    const bool plain = columns.size() == 1 && columns[0].name.empty();
    const bool table = plain && shape.size() == 2 && shape[1] > 0 && shape[1] <= kMaxCsvFields;
    if (columns.empty() || !(table || shape.size() == 1) || shape[0] > kMostRows) {
      std::string sizes;
      for (const std::uint64_t size : shape) {
        sizes += (sizes.empty() ? "" : ", ") + std::to_string(size);
      }
      throw Failure{"found an array of numpy with shape (" + sizes +
                    "), expected rows and columns, or rows of named fields"};
    }
    by_columns = by_columns && table;
    if (!plain) return;
    columns.resize(table ? shape[1] : 1, columns[0]);
    for (std::size_t j = 0; j < columns.size(); ++j) columns[j].name = "x" + std::to_string(j + 1);
  }

  std::string_view rest_;
};

template <class T>
T number_at(const char* bytes) {
  T number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

void append_value(std::string& out, const Column& column, const char* bytes) {
  if (column.type[1] == 'i') {
    out += std::to_string(column.size() == 4 ? number_at<std::int32_t>(bytes)
                                             : number_at<std::int64_t>(bytes));
    return;
  }
  const double value =
      column.size() == 4 ? static_cast<double>(number_at<float>(bytes)) : number_at<double>(bytes);
  if (!std::isnan(value)) append_number(out, value);
}

/// Writes the rows of an array as lines of CSV. One in Fortran's order is held whole before.
class NumpyDecoder : public Decoder {
 public:
  Progress decode(std::string_view input, char* bytes, std::size_t size) override {
    Progress progress;
    try {
      while (progress.given < size && (at_ < text_.size() || make_text(input, progress.taken))) {
        const std::size_t count = text_.copy(bytes + progress.given, size - progress.given, at_);
        progress.given += count;
        at_ += count;
      }
    } catch (const Failure& failure) {
      progress.failure = failure.text;
      progress.damaged = failure.damaged;
    }
    return progress;
  }
  bool at_end() const override { return has_header_ && row_ == header_.shape[0]; }

 private:
  /// Takes from the input until there is text; false where it gives none.
  bool make_text(std::string_view input, std::size_t& taken) {
    text_.clear();
    at_ = 0;
    while (text_.empty()) {
      if (at_end() && taken < input.size()) throw Failure{"numbers follow its last row", kDamaged};
      const std::string_view more = input.substr(taken, wanted_ - held_.size());
      held_ += more;
      taken += more.size();
      if (at_end() || held_.size() < wanted_) return false;
      has_header_ ? write_row() : read_header();
    }
    return true;
  }

  void read_header() {
    const auto byte = [&](std::size_t i) {
      return std::size_t{static_cast<unsigned char>(held_[i])};
    };
    const bool is_long = byte(6) > 1;
    const std::size_t begin = is_long ? kBegin : kBegin - 2;
    const std::size_t length =
        byte(8) | byte(9) << 8 | (is_long ? byte(10) << 16 | byte(11) << 24 : 0);
    if (length < 4 || length > kMostHeader) {
      throw Failure{"its header is of another length than can be", kDamaged};
    }
    wanted_ = begin + length;
    if (held_.size() < wanted_) return;
    header_.parse(std::string_view(held_).substr(begin));
    has_header_ = true;
    held_.clear();
    wanted_ = 0;
    for (const Column& column : header_.columns) {
      append_field(text_ += text_.empty() ? "" : ",", column.name, ',');
      wanted_ += column.size();
    }
    text_ += '\n';
    if (!header_.by_columns) return;
    if (header_.shape[0] > kMostHeld / wanted_) {
      throw Failure{
          "an array of more than 2 GiB in Fortran's order; numpy.ascontiguousarray "
          "gives it in C's order"};
    }
    wanted_ *= header_.shape[0];
  }

  void write_row() {
    std::size_t place = 0;
    for (std::size_t j = 0; j < header_.columns.size(); ++j) {
      const Column& column = header_.columns[j];
      if (header_.by_columns) place = (j * header_.shape[0] + row_) * column.size();
      if (j != 0) text_ += ',';
      append_value(text_, column, held_.data() + place);
      place += column.size();
    }
    if (text_.empty()) text_ = "\"\"";  // a blank line would be none
    text_ += '\n';
    ++row_;
    if (!header_.by_columns) held_.clear();
  }

  NumpyHeader header_;
  bool has_header_ = false;
  std::uint64_t row_ = 0;
  std::string held_;             // of the input
  std::size_t wanted_ = kBegin;  // bytes to be held before there is something to do
  std::string text_;             // of a line
  std::size_t at_ = 0;           // what comes next of it
};

}  // namespace

std::unique_ptr<Decoder> make_numpy_decoder() { return std::make_unique<NumpyDecoder>(); }

}  // namespace nflow
