#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "io/compressed.h"
#include "nflow/dataset.h"
#include "nflow/error.h"
#include "train/lane_batches.h"
#include "train/large.h"
#include "train/large_table.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

constexpr int kRows = 4000;

/// The rows of a dataset, by their first column, which tells them apart.
std::set<double> keys(const Dataset& data) { return {data.x.col(0).begin(), data.x.col(0).end()}; }

/// The training rows of a batch in double, as the first column has them, and their weights.
std::vector<std::pair<double, double>> batch_rows(LaneBatches<double>& batches) {
  const Chain<double> chain(parse_flow("actnorm"), 2, 1, 0);
  std::vector<std::pair<double, double>> rows;
  Tile<double> tile(chain, 32, false);
  std::vector<double> weights(32);
  const Shards& shards = batches.shards();
  for (Index first = 0; first < shards.batch_size; first += 32) {
    tile.resize(std::min<Index>(32, shards.batch_size - first));
    batches.fill(first, tile, weights.data());
    for (Index r = 0; r < tile.live(); ++r) rows.emplace_back(tile.x.col(0)[r], weights[r]);
  }
  return rows;
}

/// The table with those powers of two for its weights 1 and 2, and a heaviest row near the end.
/// Where they have one length, the rows stand at the same bytes.
std::string weighted_table(const std::vector<std::string>& powers) {
  std::string text = sorted_table(kRows), weighted;
  text[text.size() - 200 + text.substr(text.size() - 200).find('\n') - 1] = '3';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool weight = i > 8 && text[i - 1] == ',' && text[i + 1] == '\n' && text[i] != '0';
    weighted += weight ? "0x1p" + powers.at(static_cast<std::size_t>(text[i] - '1'))
                       : std::string(1, text[i]);
  }
  return weighted;
}

/// With the kind of its help and the text of it.
std::string failure_of(const std::string& path, Ranks* ranks) {
  try {
    read_rows(path, {}, ranks);
  } catch (const CsvError& error) {
    return error.what() + std::to_string(static_cast<int>(error.help().kind)) + error.help().text;
  }
  return "";
}

struct Lanes {
  explicit Lanes(const std::string& path, bool weighted = false, std::uint64_t memory = 0)
      : table(read_rows(path, {true, weighted}, nullptr, memory)),
        parts(split(table.large, 0.1, true, 7)),
        source{*parts.fit.all, parts.fit, line, {{0, 0}, {1, 1}}, {{0}, {1}}, 7},
        pool(2),
        batches(source, 128, pool) {}

  TableRows table;
  LargeSplit parts;
  LineMap line;
  LaneRows source;
  ThreadPool pool;
  LaneBatches<double> batches;
};

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("a table is large by its numbers alone, and otherwise whole in every rank") {
    const ScratchFolder folder;
    const std::string path = folder.write("t.csv", sorted_table(300));
    LargeTableSizes sizes = small_sizes();
    sizes.most_numbers = 1200;
    const TableRows alone = read_rows(path, {}, nullptr, 0, sizes);
    CHECK_FALSE(alone.large);
    CHECK(alone.rows.rows() == 300);
    CHECK(alone.bytes_in_files == 0);
    for (const int count : {2, 3, 7}) {
      for (const TableRows& rows :
           as_ranks(count, [&](Ranks* ranks) { return read_rows(path, {}, ranks, 0, sizes); })) {
        CHECK(rows.rows == alone.rows);
        CHECK(rows.count == 300);
        CHECK(rows.weightless == alone.weightless);
      }
    }
    sizes.most_numbers = 1199;
    const TableRows large = read_rows(path, {}, nullptr, 0, sizes);
    CHECK(large.large);
    CHECK(large.rows.size() == 0);
    CHECK(large.count == 300);
    CHECK(large.bytes_in_files == 300 * 4 * sizeof(double));
    CHECK(read_rows(path, {}, nullptr, 100000, sizes).bytes_in_files == 0);
  }

  TEST_CASE("the parts of a large table are the same in memory and files, for all ranks") {
    const ScratchFolder folder;
    const std::string path = folder.write("t.csv", sorted_table(kRows));
    const auto parts_of = [&](Ranks* ranks, std::uint64_t memory) {
      const TableRows table = read_rows(path, {}, ranks, memory);
      return split(table.large, 0.1, true, 3);
    };
    const LargeSplit whole = parts_of(nullptr, ~std::uint64_t{0});
    const std::string digest = digest_of(whole.fit);
    const std::set<double> sample = keys(whole.fit), validation = keys(whole.validation);
    CHECK(sample.size() == static_cast<std::size_t>(whole.fit.x.rows()));
    CHECK(sample.size() == doctest::Approx(4500.0 / 4).epsilon(0.15));
    CHECK(validation.size() == doctest::Approx(0.1 * kRows * 2 / 3).epsilon(0.25));
    for (const double key : validation) CHECK(sample.count(key) == 0);
    CHECK(*std::min_element(whole.fit.weights.begin(), whole.fit.weights.end()) == 0.25);
    CHECK(*std::max_element(whole.fit.weights.begin(), whole.fit.weights.end()) == 0.5);  // of 2
    for (const int count : {1, 2, 4, 6}) {
      CAPTURE(count);
      for (const std::string& text : as_ranks(count, [&](Ranks* ranks) {
             const LargeSplit parts = parts_of(ranks, 0);
             CHECK(parts.fit.x == whole.fit.x);
             CHECK(parts.fit.context == whole.fit.context);
             CHECK(parts.fit.weights == whole.fit.weights);
             CHECK(parts.validation.x == whole.validation.x);
             CHECK(parts.fit.rows() == whole.fit.rows());
             return digest_of(parts.fit);
           })) {
        CHECK(text == digest);
      }
    }
    std::string other = sorted_table(kRows);
    other[other.find(',', other.find('\n', other.size() / 2)) + 3] = '7';
    const TableRows table = read_rows(folder.write("u.csv", other), {}, nullptr);
    CHECK(digest_of(split(table.large, 0.1, true, 3).fit) != digest);
  }

  TEST_CASE("of a large table a fraction is validated with as asked, or as much as is useful") {
    const ScratchFolder folder;
    const std::string path = folder.write("t.csv", sorted_table(kRows));
    const auto validation_rows = [&](double fraction, bool capped) {
      const TableRows table = read_rows(path, {true, false}, nullptr);
      const LargeSplit parts = split(table.large, fraction, capped, 3);
      CHECK(parts.fit.rows() + parts.validation.x.rows() == kRows);
      return parts.validation.x.rows();
    };
    CHECK(validation_rows(0.9, false) == doctest::Approx(0.9 * kRows).epsilon(0.05));
    CHECK(validation_rows(0.9, true) == doctest::Approx(4500.0 / 3).epsilon(0.1));
    CHECK(validation_rows(0, true) == 0);
  }

  TEST_CASE("lanes visit each training row once in a pass, in an order of its own") {
    const ScratchFolder folder;
    Lanes all(folder.write("t.csv", sorted_table(kRows)));
    const LargeTable& table = *all.parts.fit.all;
    const std::set<double> validation = keys(all.parts.validation);
    std::set<double> seen;
    for (Index number = 0; number < table.shape().lanes; ++number) {
      CAPTURE(number);
      Lane<double> lane(all.source, number, 1);
      const Index rows = table.rows_of_lane(number);
      ScaledData<double> two{{2 * rows, 2}, {2 * rows, 1}, std::vector<double>(2 * rows)};
      lane.go_to(0);
      lane.take(two, 0, 2 * rows);
      const Chain<double> chain(parse_flow("actnorm"), 2, 1, 0);
      Tile<double> tile(chain, 2 * rows, false);
      tile.resize(2 * rows);
      two.gather([](Index r) { return r; }, tile);
      const std::vector<double> first(tile.x.data, tile.x.data + rows);
      const std::vector<double> second(tile.x.data + rows, tile.x.data + 2 * rows);
      CHECK(first != second);
      const std::set<double> pass(first.begin(), first.end());
      CHECK(pass.size() == static_cast<std::size_t>(rows));
      CHECK(pass == std::set<double>(second.begin(), second.end()));
      seen.insert(pass.begin(), pass.end());
      // From any place on it is the same sequence.
      for (const Index place : {Index{1}, rows / 3, rows - 1, rows, rows + 5}) {
        ScaledData<double> rest{{7, 2}, {7, 1}, std::vector<double>(7)};
        lane.go_to(static_cast<std::uint64_t>(place));
        lane.take(rest, 0, 7);
        tile.resize(7);
        rest.gather([](Index r) { return r; }, tile);
        for (Index i = 0; i < 7 && place + i < 2 * rows; ++i) {
          CHECK(tile.x.col(0)[i] ==
                (place + i < rows ? first[place + i] : second[place + i - rows]));
        }
      }
    }
    CHECK(seen.size() + validation.size() == kRows);
    for (const double key : validation) CHECK(seen.count(key) == 0);
    for (const double key : keys(all.parts.fit)) CHECK(seen.count(key) == 1);
  }

  TEST_CASE("batches of a sorted table are like the table, its rows counting alike") {
    const ScratchFolder folder;
    Lanes all(folder.write("t.csv", sorted_table(kRows)));
    const LargeTable& table = *all.parts.fit.all;
    Index least = kRows, most = 0;
    for (Index lane = 0; lane < 4; ++lane) {
      least = std::min(least, table.rows_of_lane(lane));
      most = std::max(most, table.rows_of_lane(lane));
    }
    REQUIRE(10 * most > 13 * least);  // as bytes are not rows
    CHECK(all.batches.rows() == table.rows());
    double sum = 0, weight = 0, first = 0;
    std::map<int, double> share;  // of each tenth of the table
    const Index count = 40 * all.batches.per_epoch();
    for (Index number = 0; number < count; ++number) {
      all.batches.go_to(0, number);
      double batch_sum = 0;
      for (const auto& [x, w] : batch_rows(all.batches)) {
        batch_sum += w * x;
        weight += w;
        share[static_cast<int>(10 * x)] += w;
      }
      // The mean of 128 rows at random is off by 0.026; these are spread evenly.
      CHECK(batch_sum / 128 == doctest::Approx(0.5).epsilon(0.09));
      sum += batch_sum;
      first += all.batches.weight();
    }
    CHECK(sum / weight == doctest::Approx(0.5).epsilon(0.002));
    CHECK(weight / (128.0 * static_cast<double>(count)) == doctest::Approx(1).epsilon(1e-9));
    CHECK(first == doctest::Approx(weight));
    for (int tenth = 0; tenth < 10; ++tenth) {
      CHECK(share[tenth] / weight == doctest::Approx(0.1).epsilon(0.05));
    }
  }

  TEST_CASE("weights of a large table keep their ratios, with mean 1") {
    const ScratchFolder folder;
    Lanes all(folder.write("t.csv", sorted_table(kRows)), true);
    std::map<double, double> weight_of;  // in the table
    for (Index r = 0; r < all.parts.fit.x.rows(); ++r) {
      weight_of[all.parts.fit.x(r, 0)] = all.parts.fit.weights[r];
    }
    double weight = 0, told = 0;
    std::set<double> ratios;
    const Index count = 20 * all.batches.per_epoch();
    for (Index number = 0; number < count; ++number) {
      all.batches.go_to(0, number);
      const auto rows = batch_rows(all.batches);
      for (std::size_t r = 0; r < rows.size(); ++r) {
        weight += rows[r].second;
        const auto own = weight_of.find(rows[r].first);
        if (own != weight_of.end() && r < 32) ratios.insert(rows[r].second / own->second);
      }
      told += all.batches.weight();
    }
    CHECK(weight / (128.0 * static_cast<double>(count)) == doctest::Approx(1).epsilon(0.01));
    CHECK(told == doctest::Approx(weight).epsilon(1e-9));
    CHECK(*ratios.rbegin() - *ratios.begin() < 1e-12);  // one for all rows of a lane
  }

  TEST_CASE("weights of a large table may have any size, in all ranks") {
    const ScratchFolder folder;
    const std::string usual = folder.write("usual.csv", weighted_table({"+000", "+001", "+009"}));
    Lanes all(usual, true);
    all.batches.go_to(0, 0);
    const auto batch = batch_rows(all.batches);
    for (const std::vector<std::string>& exponents :
         {std::vector<std::string>{"-999", "-998", "-990"}, {"1013", "1014", "1022"}}) {
      const std::string path = folder.write("t.csv", weighted_table(exponents));
      Lanes scaled(path, true);
      scaled.batches.go_to(0, 0);
      CHECK(batch_rows(scaled.batches) == batch);
      for (const LargeSplit& parts : as_ranks(3, [&](Ranks* ranks) {
             return split(read_rows(path, {}, ranks).large, 0.1, true, 7);
           })) {
        CHECK(parts.fit.weights == all.parts.fit.weights);
        CHECK(parts.validation.weights == all.parts.validation.weights);
      }
    }
  }

  TEST_CASE("lanes without rows give rows that count as nothing") {
    const ScratchFolder folder;
    std::string text = "x,y,c,w\n";
    for (int i = 0; i < 1000; ++i) {
      text += std::to_string(i) + ".25,1,2," + (i < 400 ? "0" : "1") + "\n";
    }
    Lanes all(folder.write("t.csv", text), true);
    CHECK(all.parts.fit.all->rows_of_lane(0) == 0);
    double weight = 0;
    all.batches.go_to(0, 0);
    for (const auto& [x, w] : batch_rows(all.batches)) {
      CHECK((w == 0 ? x == 0 : x >= 400));
      weight += w;
    }
    CHECK(weight == doctest::Approx(128));
  }

  TEST_CASE("a pipe, and a file with quotes, are cut into the same blocks by all ranks") {
    const ScratchFolder folder;
    const std::string path = folder.write("t.csv", sorted_table(kRows));
    const std::string digest =
        digest_of(split(read_rows(path, {}, nullptr).large, 0.1, true, 3).fit);
    const std::string pipe = folder.path("pipe");
    CHECK(::system(("mkfifo '" + pipe + "' && cat '" + path + "' > '" + pipe + "' &").c_str()) ==
          0);
    while (::access(pipe.c_str(), R_OK) != 0) ::usleep(1000);
    CHECK(digest_of(split(read_rows(pipe, {}, nullptr).large, 0.1, true, 3).fit) == digest);

    const std::string quoted = folder.write("q.csv", sorted_table(kRows, "\""));
    const LargeSplit whole = split(read_rows(quoted, {}, nullptr).large, 0.1, true, 3);
    as_ranks(3, [&](Ranks* ranks) {
      const LargeSplit parts = split(read_rows(quoted, {}, ranks).large, 0.1, true, 3);
      CHECK(parts.fit.x == whole.fit.x);
      CHECK(parts.fit.rows() == whole.fit.rows());
      return 0;
    });
  }

  TEST_CASE("a compressed table is read as a stream, and bad rows are told once and in order") {
    const ScratchFolder folder;
    std::string text = sorted_table(kRows);
    for (const int eighth : {1, 4, 7}) {
      text.insert(text.find('\n', text.size() * eighth / 8) + 1, "1,2\n1,2,3,-1\n");
    }
    std::string digest;
    for (const std::string& bytes : {text, compressed::gzip(text), compressed::zstd(text)}) {
      CsvReader reader(folder.write("t.csv", bytes), {});
      std::vector<std::size_t> lines;
      reader.set_reject([&](const CsvReject& bad) { lines.push_back(bad.line); });
      reader.set_check([](const double* row) { return row[3] < 0 ? "negative" : ""; });
      const TableRows table = read_rows(reader, {}, nullptr);
      REQUIRE(table.large);
      CHECK(table.count == kRows);
      CHECK(lines.size() == 6);
      CHECK(std::is_sorted(lines.begin(), lines.end()));
      const std::string own = digest_of(split(table.large, 0.1, true, 3).fit);
      if (digest.empty()) digest = own;
      CHECK(own == digest);
    }
  }

  TEST_CASE("a bad row of any rank ends all with its file and line, and what may help") {
    const ScratchFolder folder;
    const std::string good = sorted_table(kRows), bad = good + "1,2,3,?\n";
    std::string early = good;
    early.insert(good.find("\n", good.size() / 8) + 1, "1,2\n");
    std::string inside = sorted_table(kRows, "\"");
    inside.insert(inside.find("\n", inside.size() / 2) + 1, "1,2,3,\"4\n\",5\n");
    for (const std::string& text : {bad, early, inside}) {
      const std::string path = folder.write("t.csv", text);
      const std::string alone = failure_of(path, nullptr);
      REQUIRE(alone.find("t.csv:") != std::string::npos);
      for (const int count : {2, 5}) {
        for (const std::string& told :
             as_ranks(count, [&](Ranks* ranks) { return failure_of(path, ranks); })) {
          CHECK(told == alone);
        }
      }
    }
  }
}
