#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "fuzz/target.h"
#include "kept_blocks.h"
#include "nflow/csv.h"
#include "nflow/error.h"

// The CSV reader. The first byte of an input says how the rest is to be read: see format_of().

void* operator new[](std::size_t size) {
  void* block = size >= std::size_t{1} << 16 ? kept_blocks::take(size) : nullptr;
  if (block == nullptr) block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void operator delete[](void* block) noexcept {
  if (!kept_blocks::give_back(block)) std::free(block);
}
void operator delete[](void* block, std::size_t) noexcept { operator delete[](block); }

namespace {

using nflow::CsvFormat;

/// A table that a model was trained on.
nflow::CsvLike like_of(unsigned choice) {
  nflow::TableManner manner;
  manner.delimiter = (choice & 2) != 0 ? ';' : nflow::kBlanks;
  manner.decimal = ',';
  manner.comment = '%';
  manner.titles = manner.units = 1;
  manner.header = (choice & 1) != 0;
  manner.styles = {{"a", nflow::NumberStyle::thousands}, {"b", nflow::NumberStyle::date}};
  return {manner, {"a", "b"}};
}

/// As commands read a table that nobody has spoken of.
CsvFormat finding(unsigned choice) {
  CsvFormat format;
  format.find = format.find_delimiter = format.find_decimal = true;
  format.patient = (choice & 1) != 0;
  if ((choice & 2) != 0) format.missing = CsvFormat::Missing::drop;
  if ((choice & 36) == 4) format.thousands = ',';
  if ((choice & 8) != 0) format.skip = 1;
  if ((choice & 36) == 32) format.units = 1;
  format.finds_titles = (choice & 8) == 0;
  format.doubts_labels = true;
  if ((choice & 36) == 36) format.like = like_of(choice);
  return format;
}

CsvFormat format_of(unsigned choice) {
  if ((choice & 80) == 80) return finding(choice);
  CsvFormat format;
  const char delimiters[] = {',', ';', '\t', ' '};
  format.delimiter = delimiters[choice & 3];
  if ((choice & 4) != 0) format.decimal = ',';
  if ((choice & 8) != 0) format.comment = '#';
  if ((choice & 16) != 0) format.missing = CsvFormat::Missing::drop;
  if ((choice & 32) != 0) format.na_tokens = {"?", "-999"};
  format.header = (choice & 64) != 0 ? CsvFormat::Header::no : CsvFormat::Header::automatic;
  format.doubts_labels = true;
  return format;
}

bool skips(unsigned choice) { return (choice & 128) != 0; }

/// A file without a name, in memory.
class File {
 public:
  File() : fd_(::memfd_create("input", 0)), name_("/dev/fd/" + std::to_string(fd_)) {}
  ~File() { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write(std::string_view bytes) {
    const auto size = static_cast<ssize_t>(bytes.size());
    const bool written =
        ::pwrite(fd_, bytes.data(), bytes.size(), 0) == size && ::ftruncate(fd_, size) == 0;
    fuzz::require(written, "there is memory for the input");
  }
  const std::string& name() const { return name_; }

 private:
  int fd_;
  std::string name_;
};

/// Labels are NaNs, which no comparison of numbers finds the same.
bool same_bits(const std::vector<double>& one, const std::vector<double>& other) {
  const std::size_t bytes = one.size() * sizeof(double);
  return one.size() == other.size() &&
         (one.empty() || std::memcmp(one.data(), other.data(), bytes) == 0);
}

/// All that a reader tells of a file.
struct Story {
  std::vector<std::string> names;
  std::vector<double> values;
  std::vector<std::string> text;
  std::vector<std::size_t> lines;
  std::vector<std::size_t> rejects;
  std::string error;

  bool operator==(const Story& other) const {
    return names == other.names && same_bits(values, other.values) && text == other.text &&
           lines == other.lines && rejects == other.rejects && error == other.error;
  }
};

void read_on(nflow::CsvReader& reader, bool skip, nflow::Index rows_at_once, Story& story) {
  story.names = reader.names();
  reader.keep_text();
  if (reader.format().find) {
    std::vector<nflow::CsvColumn> kinds(story.names.size(), nflow::CsvColumn::number);
    for (std::size_t i = 0; i < kinds.size(); i += 2) kinds[i] = nflow::CsvColumn::either;
    reader.set_columns(kinds);
  }
  if (skip) {
    reader.set_reject([&](const nflow::CsvReject& reject) {
      fuzz::require(!reject.reason.empty(), "a reject has a reason");
      story.rejects.push_back(reject.line);
    });
  }
  nflow::CsvChunk chunk;
  while (reader.read(chunk, rows_at_once)) {
    const auto rows = static_cast<std::size_t>(chunk.rows.rows());
    fuzz::require(rows > 0 && chunk.text.size() == rows && chunk.line.size() == rows,
                  "a chunk has rows, each with its text and its line");
    story.values.insert(story.values.end(), chunk.rows.data(),
                        chunk.rows.data() + chunk.rows.size());
    story.text.insert(story.text.end(), chunk.text.begin(), chunk.text.end());
    story.lines.insert(story.lines.end(), chunk.line.begin(), chunk.line.end());
  }
  fuzz::require(reader.records() == story.lines.size() + story.rejects.size() + reader.dropped(),
                "each record is a row, a reject or dropped");
}

Story read(const std::string& name, const CsvFormat& format, bool skip, nflow::Index rows_at_once) {
  Story story;
  try {
    nflow::CsvReader reader(name, format);
    read_on(reader, skip, rows_at_once, story);
  } catch (const nflow::Error& error) {
    story.error = error.what();
    fuzz::require(!story.error.empty(), "an error says something");
    fuzz::require(story.error.find('\n') == std::string::npos, "an error is one line");
  }
  return story;
}

void check_numbers(const std::vector<double>& values) {
  for (const double value : values) {
    if (nflow::is_label(value)) continue;
    fuzz::require(std::isfinite(value), "numbers are finite");
    fuzz::require(std::strtod(nflow::number_text(value).c_str(), nullptr) == value,
                  "numbers are written so that they read back");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  static File file;
  file.write(fuzz::text_of(bytes + 1, size - 1));
  const CsvFormat format = format_of(bytes[0]);
  const Story story = read(file.name(), format, skips(bytes[0]), 8192);
  check_numbers(story.values);
  if (size % 4 != 0) return 0;  // it takes as long again
  fuzz::require(story == read(file.name(), format, skips(bytes[0]), 1),
                "rows are the same, however many are read at once");
  return 0;
}
