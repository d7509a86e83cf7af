#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "io/csv_text.h"
#include "nflow/labels.h"

using namespace nflow;
using namespace csv_text;

namespace {

using Kinds = std::vector<CsvColumn>;
constexpr CsvColumn number = CsvColumn::number, label = CsvColumn::label,
                    either = CsvColumn::either, text_column = CsvColumn::text;

CsvFormat keeping(CsvFormat::Missing missing = CsvFormat::Missing::keep) {
  CsvFormat format;
  format.missing = missing;
  format.header = CsvFormat::Header::no;
  return format;
}

struct Read {
  Content content;
  std::vector<Names> cells;  // labels as 'text', holes as -, numbers as they are
  std::vector<Labels> labels;
  std::vector<bool> has_labels, has_numbers;
};

std::string cell(double value, const Labels& labels) {
  if (is_hole(value)) return "-";
  if (!is_label(value)) return number_text(value);
  const Index place = label_number(value);
  if (place == Labels::kUnseen) return "unseen";
  return place == Labels::kOther ? "other" : "'" + labels.text(place) + "'";
}

Read read(CsvReader& reader) {
  Read read;
  read.content = read_all(reader, 3);
  read.labels = reader.labels();
  for (const std::vector<double>& row : read.content.rows) {
    read.cells.emplace_back();
    for (std::size_t j = 0; j < row.size(); ++j) {
      read.cells.back().push_back(cell(row[j], read.labels[j]));
    }
  }
  for (Index j = 0; j < static_cast<Index>(read.labels.size()); ++j) {
    read.has_labels.push_back(reader.has_labels(j));
    read.has_numbers.push_back(reader.has_numbers(j));
  }
  return read;
}

Read read(const std::string& text, const Kinds& kinds, const CsvFormat& format = keeping(),
          std::vector<Labels> known = {}) {
  const ScratchFolder folder;
  CsvReader reader(folder.write("a.csv", text), format);
  reader.set_columns(kinds, std::move(known));
  return read(reader);
}

/// The cells of a column that is the file's only one to be read; beside it stand zeros, so that no
/// line is blank.
Names column(const Names& fields, CsvColumn kind, const CsvFormat& format = keeping(),
             const Labels& known = {}) {
  std::string text;
  for (const std::string& field : fields) text += field + ",0\n";
  const ScratchFolder folder;
  CsvReader reader(folder.write("a.csv", text), format);
  reader.select({0});
  reader.set_columns({kind}, {known});
  Names cells;
  for (const Names& row : read(reader).cells) cells.push_back(row[0]);
  return cells;
}

std::string complaint(const std::string& text, const Kinds& kinds, const CsvFormat& format) {
  const ScratchFolder folder;
  try {
    CsvReader reader(folder.write("a.csv", text), format);
    reader.set_columns(kinds);
    read_all(reader);
  } catch (const Error& error) {
    return folder.without_folder(error.what());
  }
  return "";
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("csv labels: spellings") {
    CHECK(column({"a", "b", "a", "A"}, label) == Names{"'a'", "'b'", "'a'", "'A'"});
    CHECK(column({" a\t", "\" a \"", "a b", "\"\"", "", "  ", "\"  \""}, label) ==
          Names{"'a'", "' a '", "'a b'", "-", "-", "-", "'  '"});
    CHECK(column({"007", "7", "NA", "nan", "-1e3", "inf"}, label) ==
          Names{"'007'", "'7'", "'NA'", "'nan'", "'-1e3'", "'inf'"});
    CHECK(column({"\"a,b\"", "\"say \"\"a\"\"\"", "5\"", "\"two\nlines\""}, label) ==
          Names{"'a,b'", "'say \"a\"'", "'5\"'", "'two\nlines'"});
    CHECK(column({"\u6f22\u5b57", "\"\u00e9\"", "\u00e9"}, label) ==
          Names{"'\u6f22\u5b57'", "'\u00e9'", "'\u00e9'"});
    CHECK(column({"a", "\"a\""}, label) == Names{"'a'", "'a'"});
  }

  TEST_CASE("csv labels: numbers of labels follow the rows, in each column on its own") {
    const Read a = read("b,1,x\na,2,x\nb,3,b\n", {label, number, label});
    CHECK(a.labels[0].texts() == Names{"b", "a"});
    CHECK(a.labels[1].size() == 0);
    CHECK(a.labels[2].texts() == Names{"x", "b"});
    CHECK(label_number(a.content.rows[2][0]) == 0);
    CHECK(a.cells[2] == Names{"'b'", "3", "'b'"});
    CHECK(a.has_labels == std::vector<bool>{true, false, true});
  }

  TEST_CASE("csv labels: a column is text from its first label on") {
    CHECK(column({"1", "2.5", "-3e2"}, either) == Names{"1", "2.5", "-300"});
    CHECK(column({"7", "007", "a", "007", "7", "NA", "", "nan", "inf"}, either) ==
          Names{"7", "7", "'a'", "'007'", "'7'", "-", "-", "-", "'inf'"});
    CHECK(column({"1", "inf", "1"}, either) == Names{"1", "'inf'", "'1'"});
    CHECK(column({"1", "-Inf"}, either) == Names{"1", "'-Inf'"});
    CHECK(column({"", "NA", "x", "-nan", "+NaN", "-", "NAN", "north"}, either) ==
          Names{"-", "-", "'x'", "-", "-", "'-'", "-", "'north'"});
    CsvFormat format = keeping();
    format.na_tokens = {"?", "-9"};
    CHECK(column({"?", "1", "a", "?", "-9", "-8"}, either, format) ==
          Names{"-", "1", "'a'", "-", "-", "'-8'"});
    format.decimal = ',';
    CHECK(column({"\"1,5\"", "1.5", "\"1,5\""}, either, format) == Names{"1.5", "'1.5'", "'1,5'"});
    const Read a = read("1,a\n2,3\nb,4\n", {either, either});
    CHECK(a.has_labels == std::vector<bool>{true, true});
    CHECK(a.has_numbers == std::vector<bool>{true, false});
  }

  TEST_CASE("csv labels: text has labels and missing values alone") {
    CHECK(column({"7", "007", "NA", "a", "inf", ""}, text_column) ==
          Names{"'7'", "'007'", "-", "'a'", "'inf'", "-"});
  }

  TEST_CASE("csv labels: known labels stay as they are") {
    const Labels known({"x", "b"});
    CHECK(column({"b", "c", "x", "", "c"}, label, keeping(), known) ==
          Names{"'b'", "unseen", "'x'", "-", "unseen"});
    CHECK(column({"1", "c", "1", "b"}, either, keeping(), known) ==
          Names{"1", "unseen", "unseen", "'b'"});
    const Read a = read("c,d\n", {label, label}, keeping(), {known, Labels()});
    CHECK(a.labels[0].texts() == Names{"x", "b"});
    CHECK(a.labels[1].texts() == Names{"d"});
    CHECK(a.has_labels == std::vector<bool>{true, true});
  }

  TEST_CASE("csv labels: more labels than a column may have") {
    CHECK(column({"a", "b", "c", "a", "d"}, label, keeping(), Labels(LabelBounds{2, 100})) ==
          Names{"'a'", "'b'", "other", "'a'", "other"});
  }

  TEST_CASE("csv labels: missing values") {
    const CsvFormat error = keeping(CsvFormat::Missing::error);
    CHECK(complaint("a\n\nb\n", {label}, error) == "a.csv:2: column 1: missing value");
    CHECK(complaint("a,1\n\"\",1\n", {label, number}, error) == "a.csv:2: column 1: missing value");
    CHECK(complaint("a,1\nNA,1\n", {either, number}, error) ==
          "a.csv:2: column 1: missing value 'NA'");
    CHECK(complaint("a,1\nNA,1\n", {label, number}, error) == "");
    const Read a = read("a,1\n,2\nb,NA\nc,3\n", {label, number}, keeping(CsvFormat::Missing::drop));
    CHECK(a.content.dropped == 2);
    CHECK(a.cells == std::vector<Names>{{"'a'", "1"}, {"'c'", "3"}});
  }

  TEST_CASE("csv labels: a row that is left out brings no label and makes no column text") {
    const CsvFormat drop = keeping(CsvFormat::Missing::drop);
    const Read a = read("a,1\nb,NA\nc,3\na,\nb,4\n", {label, number}, drop);
    CHECK(a.labels[0].texts() == Names{"a", "c", "b"});
    const Read b = read("1,1\nx,NA\n007,2\n", {either, number}, drop);
    CHECK(b.cells[1] == Names{"7", "2"});
    CHECK_FALSE(b.has_labels[0]);
    const ScratchFolder folder;
    CsvReader reader(folder.write("a.csv", "a,1\nb,x\nc,3\n"), keeping());
    reader.set_columns({label, number});
    std::vector<std::string> reasons;
    reader.set_reject([&](const CsvReject& reject) { reasons.push_back(reject.reason); });
    CHECK(read(reader).labels[0].texts() == Names{"a", "c"});
    CHECK(reasons == Names{"column 2: found 'x', expected a number"});
  }

  TEST_CASE("csv labels: the check of a row sees them") {
    const ScratchFolder folder;
    CsvReader reader(folder.write("a.csv", "x,a\ny,b\nz,a\n"), keeping());
    reader.select({1, 0});
    reader.set_columns({label, label}, {Labels({"a"}), Labels()});
    reader.set_check([](const double* row) {
      return std::string(label_number(row[0]) == Labels::kUnseen ? "not known" : "");
    });
    reader.set_reject([](const CsvReject&) {});
    CHECK(read(reader).labels[1].texts() == Names{"x", "z"});
  }

  TEST_CASE("csv labels: errors in columns of numbers do not name those of text") {
    const ScratchFolder folder;
    CsvReader reader(folder.write("a.csv", "a,b\n"), keeping());
    reader.set_columns({label, number});
    try {
      read_all(reader);
      FAIL("text is no number");
    } catch (const nflow::CsvError& error) {
      CHECK(folder.without_folder(error.what()) ==
            "a.csv:1: column 2: found 'b', expected a number");
      CHECK(error.help().kind == Help::text_columns);
      CHECK(columns_of(error.help()) == Names{"2 x2"});
    }
  }

  TEST_CASE("csv labels: what may be a number that was misread is an error, where it is doubted") {
    const auto error_with = [](const std::string& text, const CsvFormat& format) {
      const ScratchFolder folder;
      try {
        CsvReader reader(folder.write("a.csv", text), format);
        reader.set_columns(Kinds(reader.names().size(), either));
        read_all(reader);
      } catch (const CsvError& error) {
        return error.help();
      }
      return CsvHelp();
    };
    CsvFormat doubting = keeping();
    doubting.doubts_labels = true;
    const struct {
      const char* text;
      Help kind;
    } cases[] = {{"1,\"2,5\"\n", Help::decimal},
                 {"1,\"1,234,567\"\n", Help::thousands},
                 {"1;2\n", Help::delimiter}};
    for (const auto& one : cases) {
      CAPTURE(one.text);
      CHECK(error_with(one.text, keeping()).empty());
      CHECK(error_with(one.text, doubting).kind == one.kind);
    }
    CHECK(error_with("1,\"2,5\"\n", doubting).label_column == "x2");
    CHECK(error_with("1,a\n", doubting).empty());
    CHECK(error_with("1,2\n1,\"a\nb\"\n", keeping()).kind == Help::stray_quote);
  }

  TEST_CASE("csv labels: a part that is read forgets those of the part before") {
    const ScratchFolder folder;
    CsvReader reader(folder.write("a.csv", "1,a\nb,b\n7,c\n07,a\n"), keeping());
    reader.set_columns({either, label});
    CHECK(read(reader).labels[1].texts() == Names{"a", "b", "c"});
    reader.read_only(8, 17);
    const Read numbers = read(reader);
    CHECK(numbers.labels[1].texts() == Names{"c", "a"});
    CHECK(numbers.cells[1] == Names{"7", "'a'"});
    reader.read_as_text(0);
    reader.read_as_text(1);
    reader.read_only(8, 17);
    CHECK(read(reader).cells == std::vector<Names>{{"'7'", "'c'"}, {"'07'", "'a'"}});
  }

  TEST_CASE("csv labels: a table of numbers has the same bytes, whatever columns may be") {
    const std::string text =
        "a,b,c\n1,2.5,-0\n 3 ,\"4\",NA\n0x1p3,+1,\n1e-320,nan(5),-NaN\n.5,5.,1e5\n";
    const ScratchFolder folder;
    const auto bytes = [&](const Kinds& kinds) {
      CsvFormat format = keeping();
      format.header = CsvFormat::Header::automatic;
      CsvReader reader(folder.write("a.csv", text), format);
      if (!kinds.empty()) reader.set_columns(kinds);
      CsvChunk chunk;
      REQUIRE(reader.read(chunk, 100));
      std::string all(static_cast<std::size_t>(chunk.rows.size()) * sizeof(double), '\0');
      std::memcpy(all.data(), chunk.rows.data(), all.size());
      return all;
    };
    const std::string plain = bytes({});
    CHECK(plain.size() == 5 * 3 * sizeof(double));
    CHECK(bytes({number, number, number}) == plain);
    CHECK(bytes({either, either, either}) == plain);
  }

  TEST_CASE("csv labels: each selected column has its kind") {
    const ScratchFolder folder;
    CsvReader reader(folder.write("a.csv", "1,2\n"), keeping());
    CHECK(reader.labels().size() == 2);
    CHECK_FALSE(reader.has_labels(1));
    reader.select({1});
    CHECK_THROWS_AS(reader.set_columns({label, label}), UsageError);
    CHECK_THROWS_AS(reader.set_columns({label}, {Labels(), Labels()}), UsageError);
    CHECK(complaint("a\n", {number}, keeping()) ==
          "a.csv:1: column 1: found 'a', expected a number");
  }
}
