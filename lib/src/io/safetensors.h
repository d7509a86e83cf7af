#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "io/strict_json.h"

namespace nflow {

// The container of a model file: where the tensors lie and whether the bytes are whole. What they
// mean is the business of model_file.cpp; the layout stands in nflow/model_file.h.
// Errors from here do not name the file: the caller knows it.

struct StoredTensor {
  std::string name;
  std::string dtype;  ///< "F32", "F64" or "I64"
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;  ///< bytes from the start of the data
  std::uint64_t end = 0;
};
bool operator==(const StoredTensor& a, const StoredTensor& b);

/// The beginning of every model file, up to and with its size, has this many bytes.
extern const std::size_t kFixedBytes;
/// Where the kDigestDigits of the digest begin.
extern const std::size_t kDigestPlace;

/// The most bytes that tensors may take: far more than any memory, and no sum overflows.
constexpr std::uint64_t kMaxDataBytes = std::uint64_t{1} << 50;

/// Gives the tensors their places, one after the other; returns the bytes they take together.
/// Throws Error where that is more than `limit`.
std::uint64_t place_tensors(std::vector<StoredTensor>& tensors, std::uint64_t limit);

/// What the header says of a tensor.
nlohmann::json describe_tensor(const StoredTensor& tensor);

/// A file of these tensors that still lacks their data: kept for `data_bytes` bytes at its end.
std::string lay_out(int version, const std::vector<StoredTensor>& tensors,
                    const std::string& description, std::uint64_t data_bytes);

/// Writes the digest, once the data is there.
void seal(std::string& bytes);

/// The size of the whole file, from its first kFixedBytes. Throws Error if it is no model.
std::uint64_t promised_size(std::string_view start);

/// Can the JSON of a file of `size` bytes have that length?
bool is_header_length(std::uint64_t length, std::uint64_t size);

/// What the JSON says.
struct Header {
  int version;                        ///< of the format
  std::string description;            ///< nflow's own
  std::vector<StoredTensor> tensors;  ///< in the order in which they stand there
};

/// Throws Error where the text is not as nflow-model(5) has it, or nlohmann::json::exception.
Header read_header(std::string_view text);

/// read_members() of what is part of a header.
void read_header_members(std::string_view text, const JsonMembers& members);

/// Throws Error: the digest is right, but what the file says cannot be.
[[noreturn]] void refuse_model(const std::string& reason);

}  // namespace nflow
