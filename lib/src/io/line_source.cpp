#include "io/line_source.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "io/line_reader.h"
#include "nflow/error.h"

namespace nflow {
namespace {

constexpr std::size_t kBlockSize = std::size_t{1} << 20;
// LineReader's limit. It also bounds our memory where a file has no newlines at all.
constexpr std::size_t kLongestLine = (std::size_t{1} << 24) - 1;
constexpr std::size_t kTarMark = 257;  // where an archive has it

}  // namespace

LineSource::LineSource(std::string path) { file_.emplace(std::move(path)); }

LineSource::~LineSource() = default;

void LineSource::open_next(std::string path) {
  finished_.push_back({name(), lines_});
  buffer_begin_ = bytes_read_ = std::max(position(), bytes_read_);
  file_.emplace(std::move(path));
  reader_.reset();
  size_ = chunk_end_ = position_ = 1;
  at_start_ = true;
  carriage_returns_ = false;
}

void LineSource::fail(const std::string& what) const {
  throw Error(place(lines_ + 1) + ": " + what);
}

void LineSource::go_to_line(std::uint64_t begin) {
  file_->seek(begin);
  reader_.reset();
  size_ = chunk_end_ = position_ = 1;
  start_ = buffer_begin_ = bytes_read_ = begin;
  lines_ = 0;
  at_start_ = begin == 0;
}

void LineSource::find_line(std::uint64_t begin) {
  go_to_line(begin == 0 ? 0 : begin - 1);
  if (begin == 0) return;
  Line rest;  // of the line before
  next(rest, true);
  start_ = position();
  lines_ = 0;
}

std::string LineSource::place(std::size_t number) const {
  std::size_t before = 0;
  for (const Finished& file : finished_) {
    if (number <= file.last_line) return file.name + ":" + std::to_string(number - before);
    before = file.last_line;
  }
  return name() + ":" + std::to_string(lines_before(start_) + number - before);
}

std::size_t LineSource::lines_before(std::uint64_t begin) const {
  if (begin == 0) return 0;
  InputFile file(name());
  std::vector<char> bytes(kBlockSize);
  std::size_t lines = 0;
  while (begin > 0) {
    const std::size_t count = file.read(bytes.data(), std::min<std::uint64_t>(begin, bytes.size()));
    if (count == 0) break;
    const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(count);
    lines += static_cast<std::size_t>(std::count(bytes.begin(), end, '\n'));
    if (carriage_returns_) {
      lines += static_cast<std::size_t>(std::count(bytes.begin(), end, '\r'));
    }
    begin -= count;
  }
  return lines;
}

Next LineSource::next(Line& line, bool wait) {
  for (;;) {
    if (take_line(line)) return Next::item;
    if (file_->ended()) return Next::end;
    if (!wait && !file_->readable()) return Next::nothing_yet;
    read_some();
  }
}

bool LineSource::take_line(Line& line) {
  if (!reader_) return false;
  const char* text = nullptr;
  try {
    text = reader_->next_line();
  } catch (const io::error::line_length_limit_exceeded&) {
    fail("the line is longer than 16 MiB");
  }
  if (text == nullptr) {
    reader_.reset();
    return false;
  }
  // LineReader ends the line with a NUL in its copy; ours still has what stood there.
  std::size_t length = std::strlen(text);
  const char* begin = buffer_.get() + position_;
  const char* end = begin + length;
  line.has_nul = *end == '\0';
  if (line.has_nul) {
    end = static_cast<const char*>(std::memchr(end, '\n', chunk_end_ - position_ - length));
    length = static_cast<std::size_t>(end - begin);
    text = begin;
  }
  line.text = {text, length};
  line.ending = {end, *end == '\n' ? std::size_t{1} : std::size_t{2}};
  line.number = ++lines_;
  line.begin = position();
  position_ += length + line.ending.size();
  return true;
}

/// Moves what stands behind the chunk to the front, and makes room for one block behind it.
void LineSource::make_room() {
  const std::size_t rest = size_ - chunk_end_;
  if (capacity_ < 1 + rest + kBlockSize) {
    capacity_ = std::max(2 * capacity_, 1 + rest + kBlockSize);
    std::unique_ptr<char[]> larger(new char[capacity_]);  // without zeros, which would cost more
    if (rest != 0) std::memcpy(&larger[1], &buffer_[chunk_end_], rest);
    buffer_ = std::move(larger);
    // Every chunk begins with an empty line of ours, because LineReader would take the bytes of a
    // byte order mark away from the beginning of any chunk; only the file may begin with one.
    buffer_[0] = '\n';
  } else {
    std::memmove(&buffer_[1], &buffer_[chunk_end_], rest);
  }
  buffer_begin_ += chunk_end_ - 1;
  chunk_end_ = position_ = 1;
  size_ = 1 + rest;
}

/// Makes room for one block behind all that is here.
void LineSource::make_room_behind() {
  if (capacity_ >= size_ + kBlockSize + 1) return;
  capacity_ = std::max(2 * capacity_, size_ + kBlockSize + 1);
  std::unique_ptr<char[]> larger(new char[capacity_]);
  std::memcpy(&larger[0], &buffer_[0], size_);
  buffer_ = std::move(larger);
}

/// Do carriage returns alone end the lines? No newline has been seen yet.
void LineSource::find_carriage_returns(std::string_view fresh) {
  const std::string_view text(buffer_.get() + 1, size_ - 1 + fresh.size());
  const std::size_t at = text.find('\r');
  if (at == text.npos || at + 1 == text.size() || text.find('\n') != text.npos) return;
  carriage_returns_ = std::count(text.begin(), text.begin() + at, '"') % 2 == 0;
  if (carriage_returns_) std::replace(&buffer_[1], &buffer_[size_], '\r', '\n');
}

/// One read into the room behind all that is here; how many bytes.
std::size_t LineSource::read_behind() {
  const std::size_t count = file_->read(buffer_.get() + size_, kBlockSize);
  bytes_read_ += count;
  if (count != 0 && at_start_ && !carriage_returns_ && size_ < kBlockSize) {
    find_carriage_returns({buffer_.get() + size_, count});
  }
  if (carriage_returns_) std::replace(&buffer_[size_], &buffer_[size_ + count], '\r', '\n');
  return count;
}

std::string_view LineSource::lines_here() const {
  if (!reader_) return {};
  return {buffer_.get() + position_, chunk_end_ - position_};
}

std::string_view LineSource::look_ahead(const std::function<bool(std::string_view)>& enough) {
  for (;;) {
    if (!reader_) {
      if (file_->ended()) return {};
      read_some();
      continue;
    }
    if (file_->ended() || size_ > kLongestLine || enough(lines_here())) return lines_here();
    make_room_behind();
    const std::size_t count = read_behind();
    if (file_->ended()) {
      if (size_ == chunk_end_) continue;
      buffer_[size_++] = '\n';
      start_chunk(size_);
      continue;
    }
    const std::size_t newline = std::string_view(buffer_.get() + size_, count).rfind('\n');
    const std::size_t old_size = std::exchange(size_, size_ + count);
    if (newline != std::string_view::npos) start_chunk(old_size + newline + 1);
  }
}

/// One read: never waits to fill a block.
void LineSource::read_some() {
  make_room();
  const bool before = carriage_returns_;
  const std::size_t count = read_behind();
  const bool found = carriage_returns_ && !before;
  if (file_->ended()) {
    if (size_ == 1) return;
    buffer_[size_++] = '\n';  // the last line has none
    start_chunk(size_);
    return;
  }
  const std::size_t from = found ? 1 : size_;
  size_ += count;
  const std::size_t newline = std::string_view(buffer_.get() + from, size_ - from).rfind('\n');
  if (newline != std::string_view::npos)
    start_chunk(from + newline + 1);
  else if (size_ - 1 > kLongestLine)
    fail("the line is longer than 16 MiB");
}

void LineSource::start_chunk(std::size_t end) {
  std::size_t begin = position_ - 1;
  const std::string_view text(buffer_.get() + 1, end - 1);
  if (at_start_ && text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    begin = kByteOrderMark.size();
    buffer_[begin] = '\n';
  }
  if (at_start_ && text.size() > kTarMark && text.substr(kTarMark, 5) == "ustar") {
    throw Error(name() + ": found tar data, expected CSV; unpack it first");
  }
  at_start_ = false;
  chunk_end_ = end;
  position_ = begin + 1;
  reader_.reset();  // each holds 48 MiB
  reader_ = std::make_unique<io::LineReader>(name(), buffer_.get() + begin, buffer_.get() + end);
  reader_->next_line();
}

}  // namespace nflow
