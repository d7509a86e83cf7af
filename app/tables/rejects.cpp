#include "tables/rejects.h"

#include <algorithm>

#include "nflow/error.h"
#include "processes/world.h"
#include "report/log.h"

namespace nflow::app {
namespace {

const std::size_t kBlock = std::size_t{1} << 16;  // bytes written at once

}  // namespace

std::vector<Option> reject_options() {
  return {{"on-error", 0, "fail|skip", "records that cannot be used (default: fail)"},
          {"rejects", 0, "FILE", "what --on-error skip left out, with line and reason"}};
}

RejectOptions parse_reject_options(const Arguments& arguments) {
  RejectOptions options;
  options.skip = arguments.text("on-error", "fail") == "skip";
  options.path = arguments.find("rejects");
  if (!options.path) return options;
  if (!options.skip) throw UsageError("--rejects needs --on-error skip");
  if (is_standard_output(*options.path)) {
    throw UsageError("--rejects: standard output is not for it");
  }
  return options;
}

Rejects::Rejects(const RejectOptions& options, CsvReader& reader, char delimiter)
    : reader_(reader), delimiter_(delimiter) {
  if (!options.skip) return;
  reader.set_reject([this](const CsvReject& record) { add(record); });
  if (!options.path || !first_rank()) return;
  file_.emplace(*options.path);
  if (!reader.has_header()) return;
  text_ = std::string("line") + delimiter + "reason" + delimiter + reader.header_text() + '\n';
}

/// Where there are several files, each has lines of its own: "b.csv:17".
std::string Rejects::line_of(std::size_t line) const {
  return reader_.files() > 1 ? reader_.place(line) : std::to_string(line);
}

/// A stray quote takes lines along that nobody else would tell of.
void Rejects::add(const CsvReject& record) {
  const std::string line = line_of(record.line);
  if (count_++ == 0) {
    const auto more = std::count(record.text.begin(), record.text.end(), '\n');
    first_ = (reader_.files() > 1 ? "" : more > 0 ? "lines " : "line ") + line;
    if (more > 0) {
      const std::size_t last = record.line + static_cast<std::size_t>(more);
      first_ += " to " + line_of(last) + ", which quotes join, perhaps a stray one";
    }
    first_ += ": " + record.reason;
  }
  if (!file_) return;
  text_ += line + delimiter_;
  append_field(text_, record.reason, delimiter_);
  text_ += delimiter_;
  text_ += record.text;
  text_ += '\n';
  if (text_.size() < kBlock) return;
  file_->write(text_);
  text_.clear();
}

void Rejects::finish() {
  if (file_) {
    file_->write(text_);
    file_->commit();
  }
  if (count_ == 0) return;
  log_warning("{}: {} of {} records cannot be used and are left out; the first is {}",
              reader_.name(), count_, reader_.records(), first_);
}

}  // namespace nflow::app
