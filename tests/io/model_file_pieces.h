#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "nflow/model_file.h"

// Takes model files apart and puts them together again with a right digest, so that tests can tell
// well-formed lies. Deliberately shares no code with the library.

namespace model_file {

constexpr std::size_t kDigestPlace = 52;
constexpr std::size_t kSizePlace = 78;
constexpr std::size_t kDigits = 16;

struct Pieces {
  std::string header;
  std::string data;
};

inline Pieces take_apart(const std::string& bytes) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  return {bytes.substr(8, length), bytes.substr(8 + length)};
}

// CRC-64/XZ, bit by bit.
inline std::string digest(const std::string& bytes) {
  std::uint64_t crc = ~std::uint64_t{0};
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0xC96C5795D7870F42ULL : 0);
  }
  crc = ~crc;
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(crc >> shift) & 15];
  return text;
}

inline std::string put_together(const Pieces& pieces, std::uint64_t claimed_length = 0) {
  std::string header = pieces.header;
  header.append((8 - header.size() % 8) % 8, ' ');
  const std::uint64_t length = claimed_length != 0 ? claimed_length : header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  bytes += header + pieces.data;
  const std::string size = std::to_string(bytes.size());
  bytes.replace(kSizePlace, kDigits, std::string(kDigits - size.size(), '0') + size);
  bytes.replace(kDigestPlace, kDigits, kDigits, '0');
  bytes.replace(kDigestPlace, kDigits, digest(bytes));
  return bytes;
}

/// The file with `to` in place of `from` in its header, well-formed otherwise. Throws where the
/// header has no `from`.
inline std::string with_header(const std::string& bytes, const std::string& from,
                               const std::string& to) {
  Pieces pieces = take_apart(bytes);
  pieces.header.replace(pieces.header.find(from), from.size(), to);
  return put_together(pieces);
}

template <class T>
nflow::Model some_model(bool with_context) {
  nflow::Model model;
  model.columns = {"mag", "colour \"g-r\"", "größe"};
  if (with_context) model.context = {"z", "field"};
  model.scaler = {{1e6, -2.5, 0}, {1, 1e-3, 42}};
  if (with_context) model.context_scaler = {{0.1, 0.2}, {3, 4}};
  model.flow = nflow::parse_flow("actnorm,conv1x1,nsf-cl:hidden=4:bins=4");
  const nflow::Index columns = nflow::Index(model.columns.size()),
                     context = nflow::Index(model.context.size());
  model.permutations = nflow::draw_permutations(model.flow, columns, context, 7);
  const nflow::TensorPlace last = nflow::tensor_places(model.flow, columns, context).back();
  std::vector<T> parameters(std::size_t(last.offset + last.rows * last.cols));
  T value = T(-1);
  for (T& parameter : parameters) parameter = value += T(1) / T(7);
  model.parameters = std::move(parameters);
  model.training = {1000, 100, 20, 400, ~std::uint64_t{0}, -3.0, 0.1, "0.1.0"};
  return model;
}

inline std::string some_bytes() {
  static const std::string bytes = nflow::to_bytes(some_model<float>(true));
  return bytes;
}

inline bool starts_with(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace model_file
