#pragma once

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "io/csv_fields.h"
#include "io/csv_labels.h"
#include "io/csv_number.h"
#include "io/csv_profile.h"
#include "io/csv_records.h"
#include "io/csv_sniff.h"
#include "nflow/csv.h"

namespace nflow {

/// How CsvReader makes rows of records: from the first one on, which says how the file is read.
struct CsvReader::Impl {
  Impl(std::vector<std::string> paths, const CsvFormat& csv_format);

  void begin();
  void read_first_record();
  void expect_files(std::vector<std::string> paths);
  void begin_next_file();
  void refuse_other_header();
  void name_columns();
  void find_decimal();
  void look_at_decimal(std::string_view text);
  void take_like_marks();
  NumberStyle like_style(const std::string& column) const;
  bool looks_like_header();
  bool may_head(const Field& field);
  void refuse_two_readings();
  void refuse_carriage_returns();
  void settle();
  void settle_before_parts();
  void find_profiles(const std::vector<std::vector<Field>>& rows);
  std::vector<std::string_view> records_here();
  std::vector<std::vector<Field>> rows_here();

  Next next_record(bool wait);
  bool is_no_row();
  bool has_trailing();
  bool may_repeat_header() const;
  void collect(CsvChunk& chunk, Index max_rows);
  bool parse_record();
  bool cut();
  bool parse_row();
  bool may_miss(std::size_t selected) const;
  NumberParser::Kind parse_field(std::size_t selected, double& value);
  NumberParser::Kind parse_by_style(std::size_t selected, const Field& field, double& value);
  bool is_mark(std::size_t selected, const Field& field);
  bool has_mark(std::size_t selected) const { return !marked.empty() && marked[selected]; }
  CsvHelp count_help();
  CsvHelp style_help(std::size_t selected) const;
  CsvHelp field_help(std::size_t column, const std::string& value, NumberParser::Kind kind);
  bool refuse(const std::string& reason, const CsvHelp& help = {});
  bool refuse_field(Index column, NumberParser::Kind kind);
  std::vector<std::size_t> text_columns();

  CsvFormat format;
  CsvManner manner;
  CsvBeginning beginning;
  RecordSource records;
  std::size_t files = 1;
  std::string name;                     // of the table, for messages
  std::string first_file;               // of several
  std::vector<std::string> more_files;  // that follow, the next one last
  char asked_comment = '\0';
  NumberParser numbers;
  bool has_header = false;
  std::uint64_t first_row = 0;  // where it begins, as a place in the data
  std::vector<std::string> names;
  std::string header_text;
  CsvHelp delimiter_help, comment_help;
  std::vector<Index> columns;  // the selected ones
  LabelColumns texts;
  std::vector<bool> required;           // of the selected ones, or empty
  bool settled = false;                 // has the first row been looked at?
  std::vector<ColumnProfile> profiles;  // of the selected columns, or empty
  bool any_style = false;               // is one of them not plain?
  std::vector<bool> marked;  // has a selected column had a mark that was taken for missing?
  std::size_t units_left = 0;
  std::vector<std::string> units;  // their texts
  bool seeks_decimal = false;      // has no number shown its decimal mark yet?
  bool keeps_text = false;
  std::function<std::string(const double*)> check;
  std::function<void(const CsvReject&)> reject;
  std::size_t count = 0;  // of the records read
  std::size_t dropped = 0;
  std::vector<std::size_t> gaps;  // missing values in each selected column

  Record record;              // the one at hand
  std::vector<Field> fields;  // its fields
  bool waiting = false;       // is it the first row, which was read to see whether it is a header?
  bool in_first_row = true;
  std::vector<double> values;  // of the chunk's rows
  std::exception_ptr failure;  // for the next read(), behind the rows that precede it
};

}  // namespace nflow
