#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <set>

#include "cli/trained.h"
#include "math/random.h"
#include "nflow/csv.h"
#include "sanitized.h"

// Tables with columns of every kind: labels, counts, values that many rows have, holes, and what
// cannot be modelled.

namespace {

using cli::Conversation;
using cli::info;
using cli::Outcome;
using cli::train;
using cli::Workdir;

using Words = std::vector<std::string>;

const Words kLabels{"plain", "Z\xc3\xbcrich, CH", "say \"hi\"", "\xc3\xa9"};
const Words kFields{"plain", "\"Z\xc3\xbcrich, CH\"", "\"say \"\"hi\"\"\"", "\xc3\xa9"};

/// A counter, a constant, labels, whole numbers, decimals with many zeros, decimals with holes and
/// free text.
std::string mixed_table(int rows, std::uint64_t seed = 1) {
  const nflow::Random random(seed, nflow::Purpose::cell);
  std::string text = "id,unit,kind,count,rain,temp,note\n";
  for (int i = 0; i < rows; ++i) {
    const auto u = [&](std::uint32_t column) {
      return random.uniform(static_cast<std::uint64_t>(i), column);
    };
    const int kind = u(0) < 0.4 ? 0 : u(0) < 0.7 ? 1 : u(0) < 0.9 ? 2 : 3;
    const int count = kind + static_cast<int>(-2 * std::log(u(1)));
    const double rain = u(2) < 0.4 ? 0 : -std::log(u(3)) * (1 + kind);
    const std::string temp = u(4) < 0.1 ? "" : nflow::number_text(10 * u(5) + count - 5);
    text += std::to_string(i + 1) + ",m," + kFields[static_cast<std::size_t>(kind)] + "," +
            std::to_string(count) + "," + nflow::number_text(rain) + "," + temp + ",note " +
            nflow::number_text(u(6)) + "\n";
  }
  return text;
}

/// A folder with the table t.csv of 300 rows.
struct Table : Workdir {
  Table() { write("t.csv", mixed_table(300)); }
};

/// And a model of it that some words made.
struct Trained : Table {
  explicit Trained(const Words& more = {}) {
    Words words{"train", "t.csv", "-o", "m.nflow", "--max-steps", "40"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = nflow(words);
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
    told = outcome.err;
  }
  std::string told;
};

Words supports(const Workdir& dir) {
  Words texts;
  const nlohmann::json model = info(dir);
  for (const auto& column : model.at("columns")) {
    texts.push_back(column.at("name").get<std::string>() + "=" +
                    column.at("support").get<std::string>());
  }
  return texts;
}

/// The columns of a table that a model of the mixed one has.
std::string modelled(const std::string& rows) { return "kind,count,rain,temp\n" + rows; }

/// CHECKs that a training with these words ends with `status` and a line that holds `parts`.
void check_failure(const Words& more, int status, const Words& parts) {
  const Table dir;
  Words words{"train", "t.csv", "-o", "m.nflow", "--max-steps", "3"};
  words.insert(words.end(), more.begin(), more.end());
  const Outcome outcome = dir.nflow(words);
  CHECK(outcome.status == status);
  const Words lines = cli::lines(outcome.err);
  REQUIRE(!lines.empty());
  CHECK_MESSAGE(cli::is_failure(lines.back() + "\n", parts), outcome.err);
  CHECK(!dir.has("m.nflow"));
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("kinds: from a model with a mixture of cells there is one training to go on with") {
    const Trained dir;
    CHECK(cli::contains(dir.told, " with cells alone, from a mixture of the cells\n"));
    const Outcome outcome =
        dir.nflow({"train", "t.csv", "--init", "m.nflow", "-o", "i.nflow", "--max-steps", "2"});
    CHECK_MESSAGE(outcome.status == 0, outcome.err);
    CHECK(cli::contains(outcome.err, "saved i.nflow"));
    CHECK(!cli::contains(outcome.err, "with cells alone"));
  }

  TEST_CASE("kinds: a mixed table trains without an option, and what was found is told") {
    const Trained dir;
    for (const char* line :
         {"t.csv: CATEGORY: kind\n", "t.csv: GRID[1]: count\n",
          "t.csv: numbers, and single values that many rows have: rain\n",
          "t.csv: numbers, some missing: temp\n", "t.csv: leaves out what counts the rows: id\n",
          "t.csv: leaves out what is the same in all rows: unit\n",
          "t.csv: leaves out what is text that hardly repeats: note\n",
          "chose the flow of cells alone: "}) {
      CHECK_MESSAGE(cli::contains(dir.told, line), dir.told);
    }
    CHECK(!cli::contains(dir.told, "warning"));
    CHECK(supports(dir) ==
          Words{"kind=CATEGORY", "count=GRID[1]", "rain=POSITIVE+{0}", "temp=REAL+{missing}"});
    const nlohmann::json model = info(dir);
    CHECK(model.at("format_version") == 8);
    const Words labels = model.at("columns").at(0).at("labels");
    CHECK(std::set<std::string>(labels.begin(), labels.end()) ==
          std::set<std::string>(kLabels.begin(), kLabels.end()));
    CHECK(!model.at("columns").at(1).contains("labels"));
    const nlohmann::json expected = nlohmann::json::parse(
        R"([{"name":"id","reason":"counts the rows"},
            {"name":"unit","reason":"is the same in all rows"},
            {"name":"note","reason":"is text that hardly repeats"}])");
    CHECK(model.at("left_out") == expected);
    const std::string text = dir.nflow({"info", "m.nflow"}).out;
    for (const char* part : {"kind: support CATEGORY, 4 labels, 4 bins",
                             "left out         id: counts the rows", "net of cells     hidden="}) {
      CHECK_MESSAGE(cli::contains(text, part), text);
    }
  }

  TEST_CASE("kinds: logprob of labels, of unseen ones and of holes") {
    const Trained dir;
    const Outcome all = dir.nflow({"logprob", "-m", "m.nflow", "t.csv"});
    CHECK(all.status == 0);
    CHECK(all.err.empty());
    CHECK(cli::lines(all.out).size() == 301);
    CHECK(!cli::contains(all.out, "inf"));
    const Outcome odd =
        dir.nflow({"logprob", "-m", "m.nflow"},
                  modelled("nobody,1,2,3\nplain,1.5,2,3\nplain,1,2,\nelse,1,2,3\nplain,1,-1,3\n"));
    CHECK(odd.status == 0);
    const Words scores = cli::lines(odd.out);
    REQUIRE(scores.size() == 6);
    for (const std::size_t i : {1u, 2u, 4u, 5u}) CHECK(scores[i] == "-inf");
    CHECK(std::isfinite(cli::numbers(scores[3]).at(0)));
    for (const char* part :
         {"2 rows have log p = -inf (column 'kind' has a label that the model does not have)",
          "1 row has log p = -inf (column 'count' is outside its support GRID[1])",
          "1 row has log p = -inf (column 'rain' is outside its support POSITIVE+{0})"}) {
      CHECK_MESSAGE(cli::contains(odd.err, part), odd.err);
    }
    for (const auto& [row, column] : {std::pair<const char*, const char*>{",1,2,3", "1 (kind)"},
                                      {"plain,,2,3", "2 (count)"},
                                      {"plain,1,NA,3", "3 (rain)"}}) {
      const Outcome hole =
          dir.nflow({"logprob", "-m", "m.nflow"}, modelled(std::string(row) + "\n"));
      CHECK(hole.status == 1);
      CHECK_MESSAGE(cli::is_failure(hole.err, {std::string("standard input:2: column ") + column +
                                               ": missing value"}),
                    hole.err);
    }
    const Outcome text = dir.nflow({"logprob", "-m", "m.nflow"}, modelled("plain,x,2,3\n"));
    CHECK(cli::is_failure(text.err, {"standard input:2: column 2 (count): found 'x'"}));
  }

  TEST_CASE("kinds: samples are such rows as the table has, and read back") {
    const Trained dir;
    const Outcome sample = dir.nflow({"sample", "-m", "m.nflow", "-n", "400", "--seed", "3"});
    REQUIRE(sample.status == 0);
    dir.write("s.csv", sample.out);
    nflow::CsvFormat format;
    format.missing = nflow::CsvFormat::Missing::keep;
    nflow::CsvReader reader(dir.path("s.csv"), format);
    CHECK(reader.names() == Words{"kind", "count", "rain", "temp"});
    reader.set_columns({nflow::CsvColumn::label, nflow::CsvColumn::number, nflow::CsvColumn::number,
                        nflow::CsvColumn::number},
                       {nflow::Labels(kLabels), {}, {}, {}});
    nflow::CsvChunk chunk;
    int rows = 0, holes = 0, dry = 0;
    while (reader.read(chunk, 1000)) {
      for (nflow::Index i = 0; i < chunk.rows.rows(); ++i, ++rows) {
        CHECK(nflow::label_number(chunk.rows(i, 0)) < 4);
        CHECK(chunk.rows(i, 1) == std::floor(chunk.rows(i, 1)));
        CHECK(chunk.rows(i, 2) >= 0);
        dry += chunk.rows(i, 2) == 0 ? 1 : 0;
        holes += nflow::is_hole(chunk.rows(i, 3)) ? 1 : 0;
      }
    }
    CHECK(rows == 400);
    CHECK(dry > 80);
    CHECK(dry < 240);
    CHECK(holes > 10);
    CHECK(holes < 120);
    const Outcome scores = dir.nflow({"logprob", "-m", "m.nflow", "s.csv"});
    CHECK(scores.status == 0);
    CHECK(scores.err.empty());
    CHECK(!cli::contains(scores.out, "inf"));
  }

  TEST_CASE("kinds: transform goes there and back, and pieces with --offset are the whole") {
    const Trained dir;
    const Outcome latent = dir.nflow({"transform", "-m", "m.nflow", "t.csv"});
    REQUIRE_MESSAGE(latent.status == 0, latent.err);
    const Outcome back = dir.nflow({"transform", "-m", "m.nflow", "--inverse"}, latent.out);
    const Words rows = cli::lines(back.out), table = cli::lines(dir.read("t.csv"));
    REQUIRE(rows.size() == table.size());
    CHECK(rows[0] == "kind,count,rain,temp");
    const auto split = [](const std::string& line) {
      const std::size_t temp = line.rfind(','), rain = line.rfind(',', temp - 1);
      return Words{line.substr(0, rain), line.substr(rain + 1, temp - rain - 1),
                   line.substr(temp + 1)};
    };
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const std::string row = table[i].substr(table[i].find(",m,") + 3);
      const Words got = split(rows[i]), expected = split(row.substr(0, row.rfind(',')));
      CHECK(got[0] == expected[0]);  // label and whole number
      CHECK(got[2].empty() == expected[2].empty());
      for (const std::size_t j : {1u, 2u}) {
        if (expected[j].empty() || expected[j] == "0") {
          CHECK(got[j] == expected[j]);
        } else {
          CHECK(std::stod(got[j]) == doctest::Approx(std::stod(expected[j])).epsilon(1e-4));
        }
      }
    }
    dir.shell("head -n 101 t.csv > a.csv; (head -n 1 t.csv; tail -n +102 t.csv) > b.csv");
    const std::string first = dir.nflow({"transform", "-m", "m.nflow", "a.csv"}).out;
    const std::string rest =
        dir.nflow({"transform", "-m", "m.nflow", "b.csv", "--offset", "100", "--no-header"}).out;
    CHECK(first + rest == latent.out);
    CHECK(dir.nflow({"transform", "-m", "m.nflow", "b.csv", "--no-header"}).out != rest);
    const Outcome unseen = dir.nflow({"transform", "-m", "m.nflow"}, modelled("nobody,1,2,3\n"));
    CHECK(unseen.status == 1);
    CHECK_MESSAGE(cli::is_failure(unseen.err, {"standard input:2: column 'kind' is a label that "
                                               "the model does not have"}),
                  unseen.err);
  }

  TEST_CASE("kinds: --infer no refuses text, and --missing says what holes do") {
    check_failure({"--infer", "no"}, 1, {"t.csv:2: column 2 (unit): found 'm'", "--exclude unit"});
    check_failure(
        {"--missing", "error"}, 1,
        {"t.csv:", "column 6 (temp): missing value", "--missing drop leaves such rows out"});
    check_failure({"--infer", "no", "--missing", "model"}, 2, {"--missing model"});
    check_failure({"--infer", "maybe"}, 2, {"--infer"});
    const Trained dropped({"--missing", "drop", "--exclude", "id"});
    CHECK(cli::contains(dropped.told, "rows with missing values"));
    CHECK(supports(dropped).back() == "temp=REAL");
    const Outcome hole = dropped.nflow({"logprob", "-m", "m.nflow"}, modelled("plain,1,2,\n"));
    CHECK_MESSAGE(cli::is_failure(hole.err, {"standard input:2: column 4 (temp): missing value"}),
                  hole.err);
  }

  TEST_CASE(
      "kinds: a latent number that is missing is told by its place, whatever holes there are") {
    const Trained dir;
    dir.write("z.csv", "z1,z2,z3,z4\n0,0,0,0\n0,,0,0\n");
    const Outcome outcome = dir.nflow({"transform", "-m", "m.nflow", "--inverse", "z.csv"});
    CHECK(outcome.status == 1);
    CHECK_MESSAGE(cli::is_failure(outcome.err, {"z.csv:3: column 2 (z2): missing value"}),
                  outcome.err);
  }

  TEST_CASE("kinds: text among weights, or where kinds are not inferred, is refused by its place") {
    check_failure({"--context", "kind", "--infer", "no", "--columns", "count"}, 1,
                  {"t.csv:2: column 3 (kind): found 'plain'"});
    check_failure({"--weights", "kind"}, 1, {"t.csv:2: column 3 (kind): found 'plain'"});
    check_failure({"--context", "temp", "--missing", "error"}, 1,
                  {"t.csv:", ": column 6 (temp): missing value"});
    check_failure({"--weights", "temp"}, 1, {"t.csv:", "emp"});
  }

  TEST_CASE("kinds: a table to another delimiter or decimal mark is no table of labels") {
    const Workdir dir;
    const auto refused = [&](const std::string& table, const Words& more, const Words& parts) {
      dir.write("t.csv", table);
      Words words{"train", "t.csv", "-o", "m.nflow"};
      words.insert(words.end(), more.begin(), more.end());
      const Outcome outcome = dir.nflow(words);
      CHECK(outcome.status == 1);
      CHECK_MESSAGE(cli::is_failure(outcome.err, parts), outcome.err);
    };
    refused("a;b\n1;2\n3;4\n5;6\n", {"--delimiter", ","},
            {"t.csv:2: column 1 (a;b)", "try --delimiter ';'"});
    refused("n;k\nann;x\nbob;y\n", {"--delimiter", ","},
            {"t.csv:2: column 1 (n;k)", "try --delimiter ';'"});
    refused("a b\n1 2\n3 4\n", {"--delimiter", ","},
            {"t.csv:2: column 1 (a b)", "try --delimiter 'blanks'"});
    refused("a;b\n1,5;2\n2,5;3\n", {"--delimiter", ";"},
            {"t.csv:2: column 1 (a): found '1,5'", "try --decimal ,", "--support 'a=CATEGORY'"});
    dir.write("t.csv", "a;b\n1,5;2\n2,5;3\n1,5;2\n2,5;5\n1,5;7\n2,5;2\n");
    const Outcome labels = dir.nflow({"train", "t.csv", "-o", "m.nflow", "--delimiter", ";",
                                      "--support", "a=CATEGORY", "--max-steps", "2"});
    CHECK_MESSAGE(labels.status == 0, labels.err);
  }

  TEST_CASE("kinds: --support of cells, and mistakes in it") {
    const Trained dir({"--support", "count=CATEGORY", "--support", "rain=POSITIVE+{0}", "--support",
                       "id=GRID[0.5]", "--support", "temp=REAL"});
    CHECK(supports(dir) == Words{"id=GRID[0.5]", "kind=CATEGORY", "count=CATEGORY",
                                 "rain=POSITIVE+{0}", "temp=REAL+{missing}"});
    check_failure({"--support", "rain=GRID[0.5]"}, 1,
                  {"t.csv:", "column 'rain' is ", ", outside its support GRID[0.5]"});
    check_failure({"--support", "rain=POSITIVE"}, 1,
                  {"column 'rain' is 0, outside its support POSITIVE"});
    check_failure({"--support", "rain=POSITIVE+{1}"}, 1,
                  {"column 'rain' is 0, outside its support POSITIVE+{1}"});
    check_failure({"--support", "count=REAL", "--support", "kind=REAL"}, 1,
                  {"t.csv:2: column 3 (kind): found 'plain'"});
    check_failure({"--support", "temp=CIRCULAR[-30,30]"}, 1, {"t.csv:", "temp", "missing"});
    for (const auto& [support, message] :
         {std::pair<const char*, const char*>{"GRID", "unknown support 'GRID'"},
          {"GRID[0]", "expected GRID[step], a step above 0"},
          {"GRID[x]", "'x' is not a number"},
          {"GRID[1", "expected GRID[step]"},
          {"CATEGORY+{1}", "a mass of its own already"},
          {"REAL+{0,0}", "names a value twice"},
          {"REAL+{zero}", "'zero' is not a number"},
          {"CIRCULAR[0,1]+{0}", "a circle takes no values beside it"},
          {"category", "unknown support 'category'"}}) {
      check_failure({"--support", std::string("rain=") + support}, 2, {message});
    }
  }

  TEST_CASE("kinds: check passes on such a model, alone and beside its rows") {
    const Trained dir;
    const Outcome alone = dir.nflow({"check", "-m", "m.nflow"});
    CHECK_MESSAGE(alone.status == 0, alone.out);
    dir.write("s.csv", dir.nflow({"sample", "-m", "m.nflow", "-n", "500", "--seed", "9"}).out);
    const Outcome beside = dir.nflow({"check", "-m", "m.nflow", "s.csv"});
    CHECK_MESSAGE(beside.status == 0, (beside.out + beside.err));
  }

  TEST_CASE("kinds: pictures are of numbers") {
    const Trained dir;
    const Outcome outcome = dir.nflow({"plot", "-m", "m.nflow", "t.csv", "-o", "p.png"});
    CHECK(outcome.status == 1);
    CHECK_MESSAGE(cli::is_failure(outcome.err, {"m.nflow: column 'kind' holds labels"}),
                  outcome.err);
    CHECK(!dir.has("p.png"));
  }

  TEST_CASE("kinds: a mixed table given a context, and by weights") {
    const Trained given({"--context", "count"});
    CHECK(supports(given) == Words{"kind=CATEGORY", "rain=POSITIVE+{0}", "temp=REAL+{missing}"});
    given.write("c.csv", "count\n1\n4\n");
    const Outcome sample =
        given.nflow({"sample", "-m", "m.nflow", "-n", "3", "--given", "c.csv", "--seed", "1"});
    CHECK(sample.status == 0);
    CHECK(cli::lines(sample.out).at(0) == "count,kind,rain,temp");
    CHECK(cli::lines(sample.out).size() == 7);
    CHECK(given.nflow({"logprob", "-m", "m.nflow"}, sample.out).status == 0);
    const Outcome hole =
        given.nflow({"logprob", "-m", "m.nflow"}, "count,kind,rain,temp\n,plain,1,2\n");
    CHECK(cli::is_failure(hole.err, {"standard input:2: column 1 (count): missing value"}));
    // A row of weight 2 counts as two.
    const Trained weighted({"--weights", "count"});
    CHECK(cli::contains(weighted.told, "effective sample size"));
    CHECK(supports(weighted) == Words{"kind=CATEGORY", "rain=POSITIVE+{0}", "temp=REAL+{missing}"});
  }

  TEST_CASE("kinds: codes that only rows to validate with have are labels too") {
    const Workdir dir;
    std::string table = "flag,x\n";
    for (int i = 0; i < 40; ++i) {
      table += (i == 17 ? "1," : "0,") + nflow::number_text(std::sin(i * 1.7)) + "\n";
    }
    dir.write("t.csv", table);
    for (const char* seed : {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}) {
      const Outcome outcome = dir.nflow({"train", "t.csv", "-o", "m.nflow", "--max-steps", "1",
                                         "--seed", seed, "--validation-fraction", "0.5"});
      CHECK_MESSAGE(outcome.status == 0, outcome.err);
      const Outcome scores = dir.nflow({"logprob", "-m", "m.nflow", "t.csv"});
      CHECK(!cli::contains(scores.out, "inf"));
    }
  }

  TEST_CASE("kinds: marks among numbers are holes, and the model knows them") {
    const Workdir dir;
    std::string table = "x,y\n";
    for (int i = 0; i < 200; ++i) {
      table += (i % 9 == 4 ? std::string("?") : nflow::number_text(std::sin(i * 1.7))) + "," +
               nflow::number_text(std::cos(i * i * 0.37)) + "\n";
    }
    dir.write("t.csv", table);
    const Outcome outcome = dir.nflow({"train", "t.csv", "-o", "m.nflow", "--max-steps", "3"});
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
    CHECK(cli::contains(outcome.err, "t.csv: read as: ? among numbers for missing"));
    CHECK(supports(dir).at(0) == "x=REAL+{missing}");
    CHECK(dir.nflow({"logprob", "-m", "m.nflow"}, "x,y\n?,0.5\n").status == 0);
  }

  TEST_CASE("kinds: linear functions of others are left out, unless they were spoken of") {
    const Workdir dir;
    std::string table = "a,b,n,c,d\n";
    for (int i = 0; i < 200; ++i) {
      const double a = std::sin(i * 1.7), b = std::cos(i * i * 0.37);
      const int n = i * i % 1009;
      for (const double x : {a, b, double(n), a - 2 * b}) table += nflow::number_text(x) + ",";
      table += nflow::number_text(n / 3.0) + "\n";
    }
    dir.write("t.csv", table);
    const Outcome outcome = dir.nflow({"train", "t.csv", "-o", "m.nflow", "--max-steps", "3"});
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
    CHECK_MESSAGE(cli::contains(outcome.err, "leaves out what is a linear function of others: c"),
                  outcome.err);
    CHECK(!cli::contains(outcome.err, "warning"));
    const Outcome given = dir.nflow({"train", "t.csv", "-o", "m.nflow", "--support", "c=REAL"});
    CHECK(given.status == 1);
    CHECK(cli::is_failure(cli::lines(given.err).back() + "\n", {"'c' is a - 2 b", "--exclude"}));
  }

  TEST_CASE("kinds: a training that was cut goes on to the same bytes, for the same labels" *
            nflow::testing::kLong) {
    const Table dir;
    const std::string command =
        "exec \"$NFLOW\" train t.csv -q -o m.nflow --patience 0 --max-steps 400 ";
    REQUIRE(dir.shell(command).status == 0);
    const std::string whole = dir.read("m.nflow");
    const Outcome cut = dir.shell(command + "--checkpoint c --time-limit 0.2s");
    if (cut.status == 75) {
      CHECK(dir.read("m.nflow") != whole);
    } else {
      CHECK(cut.status == 0);
    }
    for (const auto& [more, setting] :
         {std::pair<const char*, const char*>{"--missing drop", "--missing"},
          {"--exclude id,unit,note,kind,temp --infer no", "--infer"}}) {
      const Outcome other = dir.shell(command + more + " --resume c");
      CHECK(other.status != 0);
      CHECK_MESSAGE(cli::contains(other.err, "c: "), other.err);
      CAPTURE(setting);
    }
    const Outcome resumed = dir.shell(command + "--resume c");
    CHECK_MESSAGE(resumed.status == 0, resumed.err);
    CHECK(dir.read("m.nflow") == whole);
    const std::string table = dir.read("t.csv");
    dir.write("t.csv", cli::replaced(table, ",plain,", ",plane,"));
    const Outcome renamed = dir.shell(command + "--resume c");
    CHECK(renamed.status != 0);
    CHECK_MESSAGE(cli::contains(renamed.err, "labels"), renamed.err);
  }
}
