#include "io/safetensors.h"

#include <charconv>
#include <cstring>
#include <set>

#include "io/digest.h"
#include "nflow/error.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "model files are little-endian: swap the bytes here and in model_file.cpp"
#endif

namespace nflow {
namespace {

using Json = nlohmann::json;
using Text = std::string_view;

constexpr int kNewestVersion = 3;
constexpr std::size_t kAlignment = 8;
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeaderBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kSizeDigits = 16;

// Digest and size lie at fixed places, so that damage is found before anything is parsed.
constexpr Text kMagic = R"({"__metadata__":{"format":"nflow","digest":")";
constexpr Text kBeforeSize = R"(","size":")";
constexpr std::size_t kDigestPlace = kLengthBytes + kMagic.size();
constexpr std::size_t kSizePlace = kDigestPlace + kDigestDigits + kBeforeSize.size();
static_assert(kDigestPlace == 52 && kSizePlace == 78, "nflow-model(5) promises these");

std::string padded_decimal(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  return std::string(kSizeDigits - digits.size(), '0') + digits;
}

std::string quoted(const std::string& text) { return Json(text).dump(); }

// JSON without duplicate keys, which readers take in different ways, and without deep nesting.
Json parse_strictly(Text text) {
  std::vector<std::set<std::string>> keys;
  const auto check = [&keys](int depth, Json::parse_event_t event, const Json& value) {
    using Event = Json::parse_event_t;
    if (depth > static_cast<int>(kMaxDepth)) refuse_model("its header is nested too deeply");
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(value.get<std::string>()).second) {
      refuse_model("its header has the key " + value.dump() + " twice");
    }
    return true;
  };
  return Json::parse(text, check);
}

int read_version(const std::string& text) {
  int version = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, version);
  if (error != std::errc() || stop != end || version < 1) {
    refuse_model("its format version is " + quoted(text));
  }
  if (version > kNewestVersion) {
    throw Error("written by a newer nflow (format " + text + "; this one reads up to " +
                std::to_string(kNewestVersion) + ")");
  }
  return version;
}

std::uint64_t header_length(Text bytes) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  return length;
}

void check_whole(Text bytes) {
  const std::uint64_t size = promised_size(bytes);
  if (bytes.size() < size) {
    throw Error("the model file is cut short: " + std::to_string(bytes.size()) + " bytes where " +
                std::to_string(size) + " were expected");
  }
  if (bytes.size() > size) {
    throw Error("the model file is damaged (it goes on after its " + std::to_string(size) +
                " bytes)");
  }
  if (bytes.substr(kDigestPlace, kDigestDigits) != digest_without_itself(bytes, kDigestPlace)) {
    throw Error("the model file is damaged (digest does not match)");
  }
}

}  // namespace

const std::size_t kFixedBytes = kSizePlace + kSizeDigits;

void refuse_model(const std::string& reason) { throw Error("not a valid model: " + reason); }

Json describe_tensor(const StoredTensor& tensor) {
  return {{"dtype", tensor.dtype},
          {"shape", tensor.shape},
          {"data_offsets", {tensor.begin, tensor.end}}};
}

std::uint64_t place_tensors(std::vector<StoredTensor>& tensors, std::uint64_t limit) {
  std::uint64_t end = 0;
  for (StoredTensor& tensor : tensors) {
    std::uint64_t bytes = tensor.dtype == "F32" ? 4 : 8;
    for (const std::uint64_t extent : tensor.shape) {
      if (extent != 0 && bytes > limit / extent) refuse_model("its flow needs more data");
      bytes *= extent;
    }
    if (bytes > limit - end) refuse_model("its flow needs more data");
    tensor.begin = end;
    tensor.end = end += bytes;
  }
  return end;
}

std::string lay_out(int version, const std::vector<StoredTensor>& tensors,
                    const std::string& description, std::uint64_t data_bytes) {
  // Written by hand for the order: the fixed part first, then the tensors as they lie.
  std::string header(kMagic);
  header.append(kDigestDigits, '0').append(kBeforeSize).append(kSizeDigits, '0');
  header += R"(","version":")" + std::to_string(version) + R"(","nflow":)" + quoted(description);
  header += '}';
  for (const StoredTensor& tensor : tensors) {
    header += ',' + quoted(tensor.name) + ':' + describe_tensor(tensor).dump();
  }
  header += '}';
  header.append((kAlignment - header.size() % kAlignment) % kAlignment, ' ');
  if (header.size() > kMaxHeaderBytes) refuse_model("its names and its flow are too long");

  const std::uint64_t length = header.size();
  std::string bytes(kLengthBytes + header.size() + data_bytes, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  bytes.replace(kLengthBytes, header.size(), header);
  bytes.replace(kSizePlace, kSizeDigits, padded_decimal(bytes.size()));
  return bytes;
}

void seal(std::string& bytes) {
  bytes.replace(kDigestPlace, kDigestDigits, digest_without_itself(bytes, kDigestPlace));
}

std::uint64_t promised_size(Text start) {
  if (start.size() < kDigestPlace || start.substr(kLengthBytes, kMagic.size()) != kMagic) {
    throw Error("not an nflow model");
  }
  if (start.size() < kFixedBytes) {
    throw Error("the model file is cut short: " + std::to_string(start.size()) +
                " bytes where more were expected");
  }
  std::uint64_t size = 0;
  const char* first = start.data() + kSizePlace;
  const auto [stop, error] = std::from_chars(first, first + kSizeDigits, size);
  if (error != std::errc() || stop != first + kSizeDigits) {
    throw Error("the model file is damaged (no size in its header)");
  }
  return size;
}

Container open_container(Text bytes) {
  check_whole(bytes);
  const std::uint64_t length = header_length(bytes);
  const Text rest = bytes.substr(kLengthBytes);
  if (length > rest.size() || length > kMaxHeaderBytes || length % kAlignment != 0) {
    refuse_model("its header claims " + std::to_string(length) + " bytes");
  }
  Container container;
  container.tensors = parse_strictly(rest.substr(0, length));
  const Json& metadata = container.tensors.at("__metadata__");
  container.version = read_version(metadata.at("version").get_ref<const std::string&>());
  container.description = parse_strictly(metadata.at("nflow").get_ref<const std::string&>());
  container.data = rest.substr(length);
  container.tensors.erase("__metadata__");
  return container;
}

}  // namespace nflow
