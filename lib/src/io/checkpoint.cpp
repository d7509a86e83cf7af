#include "nflow/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "io/digest.h"
#include "io/strict_json.h"
#include "nflow/error.h"
#include "nflow/output_file.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFormat = "nflow checkpoint ";
constexpr std::string_view kMagic = "nflow checkpoint 2 ";
constexpr std::size_t kMostHeadValues = std::size_t{1} << 20;          // of settings, of chains
constexpr std::size_t kLineBytes = kMagic.size() + kDigestDigits + 1;  // and a line feed

[[noreturn]] void refuse_stream(const std::string& name) {
  throw Error(name + ": not an nflow checkpoint, which is a regular file");
}

/// A pipe would keep who opens it until it has a writer.
const std::string& regular(const std::string& path, const std::string& name) {
  if (is_stream(path)) refuse_stream(name);
  return path;
}

/// Calls `use` with what is left of a file, block after block.
template <class Use>
void read_on(InputFile& file, const Use& use) {
  std::vector<char> block(std::size_t{1} << 20);
  while (const std::size_t count = file.read(block.data(), block.size())) use(block.data(), count);
}

/// The digest has a place of its own, so that damage is found before anything is parsed.
void check_digest(InputFile& file, const std::string& name) {
  std::string line;
  file.read_up_to(kMagic.size(), line);
  if (line != kMagic) {
    const bool other = line.compare(0, kFormat.size(), kFormat) == 0;
    throw Error(name + (other ? ": the checkpoint is of another version of nflow"
                              : ": not an nflow checkpoint"));
  }
  file.read_up_to(kLineBytes, line);
  Digest digest;
  read_on(file, [&](const char* bytes, std::size_t count) { digest.add(bytes, count); });
  if (line.substr(kMagic.size()) == digest.text() + '\n') return;
  throw Error(name + ": the checkpoint is cut short or damaged (digest does not match)");
}

/// Hands out the bytes of a file in order. Nothing is allocated that the file does not hold.
class Parts {
 public:
  Parts(InputFile& file, std::uint64_t left, const std::string& name)
      : file_(file), left_(left), name_(name) {}

  std::string next(std::uint64_t size) {
    if (size > left_) refuse();
    std::string bytes;
    file_.read_up_to(size, bytes);
    if (bytes.size() != size) refuse();
    left_ -= size;
    return bytes;
  }
  std::uint64_t left() const { return left_; }
  [[noreturn]] void refuse() const { throw Error(name_ + ": not a valid checkpoint"); }

 private:
  InputFile& file_;
  std::uint64_t left_;
  const std::string& name_;
};

Json read_head(const std::string& bytes) {
  Json head = Json::object();
  const auto all = [](const std::string&, const std::string&) { return true; };
  const auto take = [&](const std::string& key, Json&& value) { head[key] = std::move(value); };
  const auto most_values = [](const std::string&) { return kMostHeadValues; };
  read_members(bytes, Json::input_format_t::cbor, {most_values, all, take});
  return head;
}

Checkpoint parse(Parts& parts) {
  std::uint64_t head = 0;
  const std::string length = parts.next(sizeof head);
  std::memcpy(&head, length.data(), sizeof head);
  Checkpoint checkpoint;
  const Json json = read_head(parts.next(head));
  checkpoint.settings = json.at("settings").get<std::map<std::string, std::string>>();
  checkpoint.found = json.at("found").get<std::vector<double>>();
  checkpoint.flows = json.at("flows").get<std::vector<std::string>>();
  if (json.contains("earlier")) {
    checkpoint.earlier = json.at("earlier").get<std::vector<std::vector<std::string>>>();
  }
  for (const Json& sizes : json.at("finished")) {
    Checkpoint::Training training;
    training.model = parts.next(sizes.at("model").get<std::uint64_t>());
    training.history = parts.next(sizes.at("history").get<std::uint64_t>());
    training.start_is_best = sizes.value("start_is_best", false);
    checkpoint.finished.push_back(std::move(training));
  }
  checkpoint.history = parts.next(json.at("history").get<std::uint64_t>());
  if (parts.left() != json.at("state").get<std::uint64_t>()) parts.refuse();
  return checkpoint;
}

std::uint64_t total(const StatePieces& pieces) {
  return std::accumulate(
      pieces.begin(), pieces.end(), std::uint64_t{0},
      [](std::uint64_t sum, std::string_view piece) { return sum + piece.size(); });
}

std::string head_of(const Checkpoint& checkpoint, std::uint64_t state_bytes) {
  Json json{{"settings", checkpoint.settings},
            {"found", checkpoint.found},
            {"flows", checkpoint.flows},
            {"finished", Json::array()},
            {"history", checkpoint.history.size()},
            {"state", state_bytes}};
  if (!checkpoint.earlier.empty()) json["earlier"] = checkpoint.earlier;
  for (const Checkpoint::Training& training : checkpoint.finished) {
    json["finished"].push_back({{"model", training.model.size()},
                                {"history", training.history.size()},
                                {"start_is_best", training.start_is_best}});
  }
  std::string head(sizeof(std::uint64_t), '\0');
  Json::to_cbor(json, head);
  const std::uint64_t length = head.size() - sizeof length;
  std::memcpy(head.data(), &length, sizeof length);
  return head;
}

}  // namespace

void save_checkpoint(const Checkpoint& checkpoint, const StatePieces& state, CheckpointLock& lock) {
  const std::string head = head_of(checkpoint, total(state));
  StatePieces pieces{head};
  for (const Checkpoint::Training& training : checkpoint.finished) {
    pieces.insert(pieces.end(), {training.model, training.history});
  }
  pieces.emplace_back(checkpoint.history);
  pieces.insert(pieces.end(), state.begin(), state.end());

  Digest digest;
  for (const std::string_view piece : pieces) digest.add(piece.data(), piece.size());
  OutputFile file(lock.path());
  file.write(std::string(kMagic) + digest.text() + '\n');
  for (const std::string_view piece : pieces) file.write(piece);
  lock.commit(file);
}

CheckpointFile::CheckpointFile(const std::string& path)
    : name_(printable(path, 4096)), file_(regular(path, name_)) {
  const std::optional<std::uint64_t> size = file_.size();
  if (!size) refuse_stream(name_);
  check_digest(file_, name_);
  file_.seek(kLineBytes);
  Parts parts(file_, *size - kLineBytes, name_);
  try {
    checkpoint_ = parse(parts);
  } catch (const Json::exception&) {
    parts.refuse();
  } catch (const JsonError&) {
    parts.refuse();
  }
  state_bytes_ = parts.left();
}

void CheckpointFile::read(char* to, std::size_t size) {
  while (size > 0) {
    const std::size_t count = file_.read(to, size);
    if (count == 0) throw Error(name_ + ": the checkpoint was cut short while it was read");
    to += count;
    size -= count;
  }
}

void CheckpointFile::copy_to(CheckpointLock& lock) {
  const std::uint64_t state = *file_.size() - state_bytes_;
  OutputFile copy(lock.path());
  file_.seek(0);
  read_on(file_, [&](const char* bytes, std::size_t count) { copy.write({bytes, count}); });
  lock.commit(copy);
  file_.seek(state);
}

}  // namespace nflow
