#include "nflow/csv.h"

#include <utility>

#include "io/csv_rows.h"
#include "nflow/error.h"

namespace nflow {

CsvReader::CsvReader(std::string path, const CsvFormat& format)
    : CsvReader(std::vector<std::string>{std::move(path)}, format) {}

CsvReader::CsvReader(std::vector<std::string> paths, const CsvFormat& format) {
  if (paths.empty()) throw UsageError("a table needs a file");
  impl_ = std::make_unique<Impl>(std::move(paths), format);
}

CsvReader::~CsvReader() = default;

const CsvFormat& CsvReader::format() const { return impl_->format; }

const CsvManner& CsvReader::manner() const { return impl_->manner; }

const std::string& CsvReader::name() const { return impl_->name; }

std::size_t CsvReader::files() const { return impl_->files; }

bool CsvReader::has_header() const { return impl_->has_header; }

const std::vector<std::string>& CsvReader::names() const { return impl_->names; }

const std::string& CsvReader::header_text() const { return impl_->header_text; }

void CsvReader::select(std::vector<Index> columns) {
  const auto count = static_cast<Index>(impl_->names.size());
  for (const Index column : columns)
    if (column < 0 || column >= count)
      throw UsageError(name() + ": there is no column " + std::to_string(column + 1));
  impl_->columns = std::move(columns);
  impl_->texts = {};
  impl_->required.clear();
  impl_->gaps.assign(impl_->columns.size(), 0);
}

void CsvReader::set_columns(const std::vector<CsvColumn>& kinds, std::vector<Labels> known) {
  const std::size_t count = impl_->columns.size();
  if (kinds.size() != count || (!known.empty() && known.size() != count))
    throw UsageError(name() + ": each of the " + std::to_string(count) +
                     " selected columns needs a kind, and labels where any has them");
  impl_->texts.set(kinds, std::move(known));
}

void CsvReader::set_required(std::vector<bool> required) {
  if (required.size() != impl_->columns.size())
    throw UsageError(name() + ": it is not known of each selected column whether it is required");
  impl_->required = std::move(required);
}

const std::vector<Labels>& CsvReader::labels() const {
  std::vector<Labels>& labels = impl_->texts.labels();
  labels.resize(impl_->columns.size());
  return labels;
}

bool CsvReader::has_labels(Index selected) const {
  return impl_->texts.has_labels(static_cast<std::size_t>(selected));
}

bool CsvReader::has_numbers(Index selected) const {
  return impl_->texts.has_numbers(static_cast<std::size_t>(selected));
}

void CsvReader::read_as_text(Index selected) {
  impl_->texts.read_as_text(static_cast<std::size_t>(selected));
}

void CsvReader::keep_text() { impl_->keeps_text = true; }

void CsvReader::set_check(std::function<std::string(const double* values)> check) {
  impl_->check = std::move(check);
}

void CsvReader::set_reject(std::function<void(const CsvReject&)> take) {
  impl_->reject = std::move(take);
}

std::optional<std::uint64_t> CsvReader::size() const {
  return impl_->files > 1 ? std::nullopt : impl_->records.lines().size();
}

std::uint64_t CsvReader::bytes_read() const { return impl_->records.lines().bytes_read(); }

void CsvReader::read_only(std::uint64_t first, std::uint64_t last, bool from_start) {
  Impl& self = *impl_;
  self.settle_before_parts();
  self.waiting = false;
  self.failure = nullptr;
  self.texts.begin_anew();
  self.gaps.assign(self.columns.size(), 0);
  self.in_first_row = first <= self.first_row;
  if (from_start || self.in_first_row)
    self.records.go_to(self.first_row);
  else
    self.records.find(first);
  self.records.restrict(first, last);
}

bool CsvReader::quotes_seen() const { return impl_->records.quotes_seen(); }

bool CsvReader::read(CsvChunk& chunk, Index max_rows) {
  Impl& self = *impl_;
  chunk.text.clear();
  chunk.line.clear();
  chunk.begin.clear();
  chunk.number.clear();
  self.values.clear();
  if (self.failure) std::rethrow_exception(std::exchange(self.failure, nullptr));
  try {
    self.collect(chunk, max_rows);
  } catch (const Error&) {
    if (chunk.line.empty()) throw;
    self.values.resize(chunk.line.size() * self.columns.size());
    self.failure = std::current_exception();
  }
  chunk.rows =
      Eigen::Map<const RowMatrix>(self.values.data(), static_cast<Index>(chunk.line.size()),
                                  static_cast<Index>(self.columns.size()));
  return !chunk.line.empty();
}

std::size_t CsvReader::records() const { return impl_->count; }

const CsvHelp& CsvReader::first_line_help() const {
  return impl_->comment_help.empty() ? impl_->delimiter_help : impl_->comment_help;
}

std::size_t CsvReader::dropped() const { return impl_->dropped; }

const std::vector<std::size_t>& CsvReader::gaps() const { return impl_->gaps; }

std::string CsvReader::place(std::size_t line) const { return impl_->records.lines().place(line); }

}  // namespace nflow
