#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nflow/csv_help.h"
#include "nflow/csv_manner.h"
#include "nflow/labels.h"
#include "nflow/table.h"

namespace nflow {

/// As a delimiter: runs of spaces and tabs, of which those at the ends of a line part nothing.
inline constexpr char kBlanks = '\0';

/// How a CSV file is to be read.
struct CsvFormat {
  enum class Header { automatic, yes, no };
  enum class Missing { error, drop, keep };

  char delimiter = ',';
  /// Is another of tab, ;, | and blanks taken, where the first records are one field by `delimiter`
  /// or numbers with decimal commas by the other?
  bool find_delimiter = false;
  /// Is the rest of the manner found by the first records: comments, lines above the table, rows of
  /// units, repeated headers, empty fields at the end of all lines, how numbers are written?
  bool find = false;
  /// May the reader wait for the first 64 KiB of a pipe to find it? Otherwise it goes by the lines
  /// that are there, and waits for more only where these leave it in doubt.
  bool patient = false;
  std::size_t skip = 0;              ///< lines before the table
  bool finds_titles = true;          ///< are more of them found, with `find`?
  std::optional<std::size_t> units;  ///< rows of units below the header; none: see `find`
  /// A comma or a point that parts thousands in numbers; '\0': none is known to. With `find` such a
  /// mark is seen where it cannot be the decimal one.
  char thousands = '\0';
  /// Is a decimal comma taken, where commas part no fields and the first decimal mark is one?
  bool find_decimal = false;
  char decimal = '.';   ///< the decimal mark, a point or a comma
  char comment = '\0';  ///< lines that begin with it, spaces apart, are left out; '\0': none are
  Header header = Header::automatic;
  Missing missing = Missing::error;    ///< what a missing value in a read column does to its row;
                                       ///< `keep`: it is a NaN there
  std::vector<std::string> na_tokens;  ///< spellings of missing beside "", NA and NaN
  /// Is text in a column of either kind an error where it may be a number that was misread: to
  /// other marks, or by another delimiter where there is one column? Else it is a label.
  bool doubts_labels = false;
  /// With `find`, a table that this one may be like: its manner is taken where the first records
  /// leave open what is to be found.
  std::optional<CsvLike> like = {};
};

/// What the fields of a column are read as.
enum class CsvColumn {
  number,
  label,   ///< each as a label, NA and numbers too; an empty one is missing
  either,  ///< as numbers until one is neither a number nor missing, and from there as text
  text     ///< each as a label, but for the spellings of missing
};

/// A record that cannot be used.
struct CsvReject {
  std::string_view text;  ///< as it stood in the file, without line end
  std::size_t line;       ///< of its first line, 1-based
  std::string reason;     ///< such as "column 2 (tip): found 'x', expected a number"
  std::size_t lines = 1;  ///< from there on, more than one where quotes hold line ends
};

/// Some rows of a CSV file, as CsvReader::read gives them.
struct CsvChunk {
  RowMatrix rows;                    ///< n x (number of selected columns)
  std::vector<std::string> text;     ///< the n records as they stood in the file, without line end;
                                     ///< empty unless CsvReader::keep_text was called
  std::vector<std::size_t> line;     ///< n line numbers of the records' first lines, for
                                     ///< CsvReader::place; 1-based in a file read from its start
  std::vector<std::uint64_t> begin;  ///< the n records' first bytes, as places in the data
  std::vector<std::size_t> number;   ///< of the n records among all, 1-based: see records()
};

/// Reads a CSV file or pipe row by row, in memory that does not grow with its length.
///
/// A header line is recognised when any of its fields is neither a number nor a spelling of
/// missing. RFC 4180 quotes, CRLF, a UTF-8 byte order mark and spaces around fields are understood.
/// Blank lines are skipped; but in a table of one column a blank line between others is a missing
/// value. Numbers are read as strtod reads them in the C locale, correctly rounded. A file that is
/// compressed by gzip, bzip2, zstd or xz, or is a zip archive of one file, is decompressed as it is
/// read, and UTF-16 is turned to UTF-8. Errors name file, line and column:
/// "a.csv:3: column 2 (tip): ...". Several files of one header are one table, one behind the other.
class CsvReader {
 public:
  /// Opens `path` ("-" is standard input) and reads as far as the first record.
  /// Throws Error where the file cannot be read or holds no record at all, UsageError where the
  /// delimiter is a quote or a line end, or the comment mark the delimiter.
  CsvReader(std::string path, const CsvFormat& format);
  /// The same for files that follow each other as one table: each has the first one's header, or
  /// none has any. read() throws Error where a header differs, naming both files and the column.
  CsvReader(std::vector<std::string> paths, const CsvFormat& format);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  /// As it reads the file: with the delimiter that was found, and the decimal mark so far.
  const CsvFormat& format() const;
  /// What it found of that by itself so far.
  const CsvManner& manner() const;
  /// How it reads the file, found or asked for, for others like it. Call behind the last row.
  TableManner table_manner() const;
  /// File name for messages; "standard input" for "-", "a.csv and 2 more" for three files.
  const std::string& name() const;
  std::size_t files() const;
  bool has_header() const;
  /// The header's names, and unnamed1, ... where it has none; x1, x2, ... without a header.
  const std::vector<std::string>& names() const;
  /// The header line as it stood in the file; empty where there is none.
  const std::string& header_text() const;

  /// Chooses the columns to parse, as 0-based positions in the order wanted. The others may hold
  /// anything. Default: all columns in the file's order. Call before the first read().
  void select(std::vector<Index> columns);
  /// Chooses what each selected column is read as; default: all as numbers. Labels are in the rows
  /// as labels.h has them, spelt as the fields are without quotes and the blanks outside of them.
  /// `known` is empty or has labels for each column: where it has any, others are Labels::kUnseen.
  /// Throws UsageError where the numbers of columns differ. Call behind select() and before the
  /// first read().
  void set_columns(const std::vector<CsvColumn>& kinds, std::vector<Labels> known = {});
  /// With Missing::keep, chooses the selected columns whose missing values are errors all the same;
  /// default: none. Call behind select() and before the first read().
  void set_required(std::vector<bool> required);
  /// Makes read() keep the text of each record. Call before the first read().
  void keep_text();
  /// Makes read() ask `check` about the values of each row, in the order of select(); a text that
  /// is not empty says why the row cannot be used. Call before the first read().
  void set_check(std::function<std::string(const double* values)> check);
  /// Makes read() hand the records that cannot be used to `take` and go on without them. Call
  /// before the first read(). What remains an error: the first record, where the columns are not
  /// known yet, a quote that is never closed, a line that is too long, damaged compressed data.
  void set_reject(std::function<void(const CsvReject&)> take);

  /// Bytes of a regular file opened by name that is not compressed; none of others, whose length
  /// their end tells, nor of several.
  std::optional<std::uint64_t> size() const;
  /// Bytes of the data read so far; at the end, all.
  std::uint64_t bytes_read() const;
  /// From now on read() gives the rows whose records begin in bytes [first, last) of such a file.
  /// The first is looked for behind a newline. That may be inside quotes: where quotes_seen() in
  /// any earlier part, ask for the rows again with `from_start`, which reads all that stands
  /// before. Labels that were found so far are forgotten.
  void read_only(std::uint64_t first, std::uint64_t last, bool from_start = false);
  /// Was a quote in any record, but the header, since then?
  bool quotes_seen() const;

  /// Replaces `chunk` by the next rows: at most `max_rows`, fewer where they are long or a pipe has
  /// no more to give just now, none at the end. Returns false at the end. Throws Error at a record
  /// that cannot be used; the rows before it are given first.
  bool read(CsvChunk& chunk, Index max_rows);
  /// The labels of each selected column in the order in which rows brought them. A row that is left
  /// out brings none.
  const std::vector<Labels>& labels() const;
  /// Has any row a label in that selected column?
  bool has_labels(Index selected) const;
  /// Was any field of that column, which set_columns() made CsvColumn::either, read as a number?
  bool has_numbers(Index selected) const;
  /// From the next read_only() on such a column is read as CsvColumn::text.
  void read_as_text(Index selected);
  /// Records read so far, the header not counted.
  std::size_t records() const;
  /// Rows left out so far because of Missing::drop.
  std::size_t dropped() const;
  /// Missing values read so far in each selected column that Missing::drop or keep let pass.
  const std::vector<std::size_t>& gaps() const;
  /// For a message about columns that are not there: CsvHelp::Kind::delimiter or comment where the
  /// first line looks like it.
  const CsvHelp& first_line_help() const;
  /// "a.csv:17", for messages, of a line that a chunk has as 17; after read_only() this reads the
  /// file up to there.
  std::string place(std::size_t line) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Position of the column of exactly that name. Throws UsageError where there is none, naming the
/// nearest, or more than one.
Index find_column(const std::vector<std::string>& names, std::string_view name);

/// Positions of columns named by `selection`: names, in "" where they have commas, 1-based indices,
/// and ranges of either ("2-5"), parted by commas. A name wins over an index. Throws UsageError
/// where one is not there, naming the nearest, is named twice, or is the name of two columns.
std::vector<Index> find_columns(const std::vector<std::string>& names, std::string_view selection);

/// "columns 2 and 5 are both named 'a'", for a message. Positions are 0-based, in either order.
std::string both_named(Index one, Index other, std::string_view name);

/// The most fields that a record may have.
inline constexpr std::size_t kMaxCsvFields = std::size_t{1} << 20;

/// Appends a number to a text buffer in the shortest form that reads back to the same value.
void append_number(std::string& out, double value);
/// The same as a field among others, with another decimal mark, and in quotes where this is the
/// delimiter.
void append_number(std::string& out, double value, char delimiter, char decimal);
/// The same as a text of its own.
std::string number_text(double value);
/// Appends a name, in RFC 4180 quotes where it needs them.
void append_field(std::string& out, std::string_view field, char delimiter);

}  // namespace nflow
