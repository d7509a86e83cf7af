#include "nflow/read_table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "io/carried_error.h"
#include "io/scratch_file.h"
#include "nflow/error.h"
#include "nflow/printable.h"
#include "stats/weights.h"
#include "train/batches.h"
#include "train/large_table.h"

namespace nflow {
namespace {

/// Numbers that are parsed at once.
constexpr Index kChunkNumbers = Index{1} << 19;

/// Ranks that read parts of a file see after so many bytes whether any has failed.
constexpr std::uint64_t kRoundBytes = std::uint64_t{1} << 24;

class Reading {
 public:
  Reading(CsvReader& reader, const TableReading& reading)
      : reader_(reader),
        reading_(reading),
        cols_(reading.layout.count()),
        lanes_(Shards(reading.batch_size).count),
        block_bytes_(block_bytes()),
        ranks_(reader.size() ? reading.ranks : nullptr),
        store_(new_store(0)) {}

  TableRows run() {
    if (!ranks_) {
      while (read_chunk()) {
      }
      blocks_ = blocks_in(reader_.bytes_read());
    } else {
      blocks_ = blocks_in(static_cast<std::uint64_t>(ranks_->of_first(double(*reader_.size()))));
      read_parts();
      if (read_earlier_text()) read_parts();
    }
    store_.finish();
    return result();
  }

 private:
  enum Outcome { kRead, kDoubtful, kFailed };

  /// A block is of some tens of kilobytes, of the columns that are read.
  std::uint64_t block_bytes() const {
    const Index columns = static_cast<Index>(reader_.names().size());
    return reading_.sizes.block_bytes * static_cast<std::uint64_t>((columns + cols_ - 1) / cols_);
  }
  Index blocks_in(std::uint64_t bytes) const {
    return static_cast<Index>((bytes + block_bytes_ - 1) / block_bytes_);
  }
  BlockStore new_store(Index first_block) const {
    return {cols_, reading_.memory, block_bytes_, first_block};
  }

  /// False at the end.
  bool read_chunk() {
    if (!reader_.read(chunk_, std::max<Index>(1, kChunkNumbers / cols_))) return false;
    if (reading_.layout.weighted) look_at_weights();
    store_.append(chunk_.rows, chunk_.begin);
    for (const std::size_t number : chunk_.number) {
      if (reading_.numbered) numbers_.push_back(static_cast<Index>(number - records_before_));
    }
    if (reading_.progress) tell_progress();
    return true;
  }

  void look_at_weights() {
    for (const double weight : chunk_.rows.col(cols_ - 1)) {
      weightless_ += weight == 0 ? 1 : 0;
      heaviest_ = std::max(heaviest_, weight);
    }
  }

  void tell_progress() const {
    const std::uint64_t all = reader_.size().value_or(0);
    const Part own = own_bytes(own_rank());
    const auto first = static_cast<std::uint64_t>(ranks_ ? own.first : 0);
    const std::uint64_t size = ranks_ ? static_cast<std::uint64_t>(own.size()) : all;
    reading_.progress(reader_.bytes_read() - std::min(first, reader_.bytes_read()), size,
                      store_.rows().rows());
  }

  int own_rank() const { return ranks_ ? ranks_->rank() : 0; }

  /// The rows of the lanes of a rank's shards.
  Part own_bytes(int rank) const {
    const Part lanes = part_of_rank(ranks_, lanes_, rank);
    const auto byte = [&](Index lane) {
      return blocks_ * lane / lanes_ * static_cast<Index>(block_bytes_);
    };
    return {byte(lanes.first), byte(lanes.last)};
  }

  void read_parts() {
    if (!read_own_part(false)) read_own_part(true);
  }

  /// Makes text of the columns in which a rank before has found a label, as one process does. True
  /// where any rank has to read again, since it took them for numbers.
  bool read_earlier_text() {
    std::vector<char> own;
    for (Index j = 0; j < cols_; ++j) own.push_back(reader_.has_labels(j) ? 1 : 0);
    const std::vector<char> all = gather_all(ranks_, own);
    bool again = false;
    for (Index i = 0; i < cols_ * own_rank(); ++i) {
      const Index column = i % cols_;
      if (all[static_cast<std::size_t>(i)] == 0 || !reader_.has_numbers(column)) continue;
      reader_.read_as_text(column);
      again = true;
    }
    return ranks_->largest(again ? 1 : 0) != 0;
  }

  /// Where quotes may hold line ends, it takes the whole file to know where a record begins.
  /// Returns false where there are quotes in it, or a failure that they may explain.
  bool read_own_part(bool from_start) {
    const Part own = own_bytes(own_rank());
    store_ = new_store(own.first / static_cast<Index>(block_bytes_));
    chunk_ = {};
    weightless_ = 0;
    heaviest_ = 0;
    dropped_before_ = reader_.dropped();
    records_before_ = reader_.records();
    numbers_.clear();
    reader_.read_only(static_cast<std::uint64_t>(own.first), static_cast<std::uint64_t>(own.last),
                      from_start);
    std::uint64_t longest = 0;
    for (int rank = 0; rank < ranks_->count(); ++rank) {
      longest = std::max(longest, static_cast<std::uint64_t>(own_bytes(rank).size()));
    }
    bool more = true;
    for (std::uint64_t done = 0; done < longest + kRoundBytes; done += kRoundBytes) {
      const auto end = static_cast<std::uint64_t>(own.first) + done + kRoundBytes;
      std::string failure;
      try {
        while (more && (chunk_.begin.empty() || chunk_.begin.back() < end)) more = read_chunk();
      } catch (const Error& problem) {
        failure = carried(problem);
        more = false;
      }
      if (!agree(failure, from_start)) return false;
    }
    return true;
  }

  /// All ranks throw the failure of the first that has one.
  bool agree(const std::string& failure, bool from_start) {
    const bool sure = from_start || own_rank() == 0;
    const Outcome own = !failure.empty() && sure                    ? kFailed
                        : !failure.empty() || reader_.quotes_seen() ? kDoubtful
                                                                    : kRead;
    const int worst = ranks_->largest(own);
    if (worst == kRead || (from_start && worst == kDoubtful)) return true;
    if (worst == kDoubtful) return false;
    const std::string mine = own == kFailed ? failure : "";
    throw_carried(gather_all(ranks_, std::vector<char>(mine.begin(), mine.end())));
  }

  /// Gives all ranks the numbers of all rows' records, and how many records there are.
  Index number_records(std::vector<Index>& numbers) {
    const auto own = static_cast<Index>(reader_.records() - records_before_);
    const std::vector<Index> of_ranks = gather_all(ranks_, std::vector<Index>{own});
    const auto own_place = of_ranks.begin() + own_rank();
    const Index before = std::accumulate(of_ranks.begin(), own_place, Index{0});
    for (Index& number : numbers_) number += before;
    numbers = gather_all(ranks_, std::move(numbers_));
    return std::accumulate(of_ranks.begin(), of_ranks.end(), Index{0});
  }

  TableRows result() {
    const RowStore& rows = store_.rows();
    TableRows table;
    table.count = sum_of_all(ranks_, rows.rows());
    table.weightless = sum_of_all(ranks_, weightless_);
    table.dropped = sum_of_all(ranks_, static_cast<Index>(reader_.dropped() - dropped_before_));
    table.records = number_records(table.numbers);
    table.labels = reader_.labels();
    LabelNumbers numbers = share_labels(ranks_, table.labels);
    if (table.count > reading_.sizes.most_numbers / cols_) {
      const Index in_file = rows.in_file() ? static_cast<Index>(rows.bytes()) : 0;
      table.bytes_in_files = static_cast<std::uint64_t>(sum_of_all(ranks_, in_file));
      table.folder = printable(ScratchFile::folder(), 4096);
      const int exponent = exponent_of(heaviest_);
      store_.renumber(std::move(numbers));
      const LargeTable::Shape shape{reading_.layout,
                                    reading_.sizes,
                                    blocks_,
                                    lanes_,
                                    table.count - table.weightless,
                                    ranks_ ? ranks_->largest(exponent) : exponent};
      table.large = std::make_shared<LargeTable>(std::move(store_), shape, reading_.ranks);
      return table;
    }
    table.rows.resize(rows.rows(), cols_);
    rows.read(0, rows.rows(), table.rows.data());
    renumber(table.rows, numbers);
    if (!ranks_) return table;
    const double* own = table.rows.data();
    const std::vector<double> all =
        gather_all(ranks_, std::vector<double>(own, own + table.rows.size()));
    table.rows = Eigen::Map<const RowMatrix>(all.data(), table.count, cols_);
    return table;
  }

  CsvReader& reader_;
  const TableReading& reading_;
  Index cols_, lanes_;
  std::uint64_t block_bytes_;
  Ranks* ranks_;  // null where this process reads all, be it alone or not
  BlockStore store_;
  Index blocks_ = 0;  // of the data
  CsvChunk chunk_;
  Index weightless_ = 0;
  double heaviest_ = 0;  // weight
  std::size_t dropped_before_ = 0, records_before_ = 0;
  std::vector<Index> numbers_;  // of the rows' records, where they are asked for
};

}  // namespace

Dataset to_dataset(RowMatrix rows, const RowLayout& layout) {
  Dataset part;
  part.context = rows.middleCols(layout.columns, layout.context);
  if (layout.weighted) {
    const auto weights = rows.col(rows.cols() - 1);
    part.weights.assign(weights.begin(), weights.end());
  }
  if (rows.cols() == layout.columns) {
    part.x = std::move(rows);
  } else {
    part.x = rows.leftCols(layout.columns);
  }
  return part;
}

TableRows read_table(CsvReader& reader, const TableReading& reading) {
  return Reading(reader, reading).run();
}

LargeSplit split(const std::shared_ptr<LargeTable>& table, double fraction, bool capped,
                 std::uint64_t seed) {
  LargeSplit parts = table->split(fraction, capped, seed);
  parts.fit.all = table;
  return parts;
}

}  // namespace nflow
