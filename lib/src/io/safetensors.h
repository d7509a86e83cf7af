#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

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

/// The beginning of every model file, up to and with its size, has this many bytes.
extern const std::size_t kFixedBytes;

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

struct Container {             // NOLINT(bugprone-exception-escape): a json moves with noexcept
  int version;                 ///< of the format
  nlohmann::json tensors;      ///< name to dtype, shape and data_offsets, as the file says
  nlohmann::json description;  ///< nflow's own
  std::string_view data;
};

/// Takes a whole file apart; its digest is checked before anything in it is read. Throws Error or
/// nlohmann::json::exception.
Container open_container(std::string_view bytes);

/// Throws Error: the digest is right, but what the file says cannot be.
[[noreturn]] void refuse_model(const std::string& reason);

}  // namespace nflow
