#include "nflow/checkpoint.h"

#include <nlohmann/json.hpp>

#include "io/digest.h"
#include "nflow/error.h"
#include "nflow/input_file.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

using Json = nlohmann::json;
using Bytes = Json::binary_t;

// The digest has a place of its own, so that damage is found before anything is parsed.
constexpr std::string_view kMagic = "nflow checkpoint 1 ";
constexpr std::size_t kDigestPlace = kMagic.size();
constexpr std::size_t kHeadBytes = kDigestPlace + kDigestDigits + 1;  // and a line feed

Json binary(const std::string& text) { return Bytes({text.begin(), text.end()}); }

std::string text(const Json& value) {
  const Bytes& bytes = value.get_binary();
  return {bytes.begin(), bytes.end()};
}

/// A wrong file, however large or endless, is not read further than its first bytes.
std::string read_whole(InputFile& file) {
  std::string bytes;
  file.read_up_to(kMagic.size(), bytes);
  if (bytes == kMagic) file.read_up_to(bytes.max_size(), bytes);
  return bytes;
}

Checkpoint parse(const std::string& body) {
  const Json json = Json::from_cbor(body);
  Checkpoint checkpoint;
  checkpoint.settings = json.at("settings").get<std::map<std::string, std::string>>();
  checkpoint.flows = json.at("flows").get<std::vector<std::string>>();
  for (const Json& training : json.at("finished")) {
    checkpoint.finished.push_back({text(training.at("model")), text(training.at("history"))});
  }
  checkpoint.state = text(json.at("state"));
  checkpoint.history = text(json.at("history"));
  return checkpoint;
}

}  // namespace

std::string to_bytes(const Checkpoint& checkpoint) {
  Json json{{"settings", checkpoint.settings},
            {"flows", checkpoint.flows},
            {"finished", Json::array()},
            {"state", binary(checkpoint.state)},
            {"history", binary(checkpoint.history)}};
  for (const Checkpoint::Training& training : checkpoint.finished) {
    json["finished"].push_back(
        {{"model", binary(training.model)}, {"history", binary(training.history)}});
  }
  std::string bytes = std::string(kMagic) + std::string(kDigestDigits, '0') + '\n';
  Json::to_cbor(json, bytes);
  bytes.replace(kDigestPlace, kDigestDigits, digest_without_itself(bytes, kDigestPlace));
  return bytes;
}

Checkpoint load_checkpoint(const std::string& path) {
  InputFile file(path);
  const std::string name = printable(file.name(), 4096);
  const std::string bytes = read_whole(file);
  if (bytes.compare(0, kMagic.size(), kMagic) != 0) throw Error(name + ": not an nflow checkpoint");
  if (bytes.size() < kHeadBytes ||
      bytes.compare(kDigestPlace, kDigestDigits, digest_without_itself(bytes, kDigestPlace)) != 0) {
    throw Error(name + ": the checkpoint is cut short or damaged (digest does not match)");
  }
  try {
    return parse(bytes.substr(kHeadBytes));
  } catch (const Json::exception&) {
    throw Error(name + ": not a valid checkpoint");
  }
}

}  // namespace nflow
