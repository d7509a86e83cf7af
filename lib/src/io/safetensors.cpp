#include "io/safetensors.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "io/digest.h"
#include "nflow/error.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "model files are little-endian: swap the bytes here and in model_file.cpp"
#endif

namespace nflow {
namespace {

using Json = nlohmann::json;
using Text = std::string_view;

constexpr int kNewestVersion = 8;
constexpr std::size_t kAlignment = 8;
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeaderBytes = std::size_t{16} << 20;
constexpr std::size_t kMostEntryValues = 100;  // where a tensor's entry has seven
constexpr std::size_t kSizeDigits = 16;

// Digest and size lie at fixed places, so that damage is found whatever has become of the JSON.
constexpr Text kMetadata = "__metadata__";
constexpr Text kMagic = R"({"__metadata__":{"format":"nflow","digest":")";
constexpr Text kBeforeSize = R"(","size":")";
constexpr std::size_t kSizePlace =
    kLengthBytes + kMagic.size() + kDigestDigits + kBeforeSize.size();
static_assert(kLengthBytes + kMagic.size() == 52 && kSizePlace == 78, "nflow-model(5) has these");

std::string padded_decimal(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  return std::string(kSizeDigits - digits.size(), '0') + digits;
}

std::string quoted(const std::string& text) { return Json(text).dump(); }

int read_version(const std::string& text) {
  int version = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, version);
  if (error != std::errc() || stop != end || version < 1 || std::to_string(version) != text) {
    refuse_model("its format version is " + quoted(text));
  }
  if (version > kNewestVersion) {
    throw Error("written by a newer nflow (format " + text + "; this one reads up to " +
                std::to_string(kNewestVersion) + ")");
  }
  return version;
}

// 6.0 and the like are no whole numbers: a file says each thing in one way.
bool are_whole_numbers(const Json& list) {
  return list.is_array() && std::all_of(list.begin(), list.end(),
                                        [](const Json& n) { return n.is_number_unsigned(); });
}

bool is_tensor(const Json& entry) {
  return entry.is_object() && entry.size() == 3 && entry.contains("dtype") &&
         entry["dtype"].is_string() && entry.contains("shape") &&
         are_whole_numbers(entry["shape"]) && entry.contains("data_offsets") &&
         are_whole_numbers(entry["data_offsets"]) && entry["data_offsets"].size() == 2;
}

StoredTensor tensor_of(const std::string& name, const Json& entry) {
  if (!is_tensor(entry)) {
    refuse_model("the tensor " + name + " is " + entry.dump() +
                 " where a dtype, a shape and two data_offsets were expected");
  }
  const Json& offsets = entry["data_offsets"];
  return {name, entry["dtype"], entry["shape"], offsets[0], offsets[1]};
}

}  // namespace

const std::size_t kFixedBytes = kSizePlace + kSizeDigits;
const std::size_t kDigestPlace = kLengthBytes + kMagic.size();

bool operator==(const StoredTensor& a, const StoredTensor& b) {
  return a.name == b.name && a.dtype == b.dtype && a.shape == b.shape && a.begin == b.begin &&
         a.end == b.end;
}

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

bool is_header_length(std::uint64_t length, std::uint64_t size) {
  return length % kAlignment == 0 && length <= kMaxHeaderBytes && kLengthBytes + length <= size &&
         kLengthBytes + length >= kFixedBytes;
}

void read_header_members(Text text, const JsonMembers& members) {
  try {
    read_members(text, Json::input_format_t::json, members);
  } catch (const JsonError& problem) {
    refuse_model(std::string("its header ") + problem.what());
  }
}

Header read_header(Text text) {
  if (text[text.find_last_not_of(' ')] != '}') refuse_model("its header is not padded with spaces");
  Header header{};
  // The fixed part of the file has it that the metadata come first.
  const auto take = [&](const std::string& key, Json&& value) {
    if (key == kMetadata) {
      header.version = read_version(value.at("version").get_ref<const std::string&>());
      header.description = std::move(value.at("nflow").get_ref<std::string&>());
    } else {
      header.tensors.push_back(tensor_of(key, value));
    }
  };
  const auto wanted = [](const std::string& parent, const std::string& key) {
    return parent != kMetadata || key == "version" || key == "nflow";
  };
  const auto most_values = [](const std::string&) { return kMostEntryValues; };
  read_header_members(text, {most_values, wanted, take});
  return header;
}

}  // namespace nflow
