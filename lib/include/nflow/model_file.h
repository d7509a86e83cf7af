#pragma once

#include <string>
#include <string_view>

#include "nflow/model.h"

namespace nflow {

// The file is a safetensors file (version 1 of nflow's use of it):
//   1. 8 bytes: length H of the header, unsigned little-endian
//   2. H bytes: JSON, padded with spaces so that the tensors start at a multiple of 8.
//      One entry a tensor: {"dtype": "F32" | "F64" | "I64", "shape": [...], "data_offsets": [b, e]}
//      with offsets from the end of the header, and "__metadata__": string to string, with
//        "format"     "nflow"
//        "version"    "1"
//        "nflow"      a JSON document: columns, context, flow, training
//        "digest"     16 hex digits: CRC-64/XZ over the whole file, taken with these 16 digits as 0
//   3. the tensors, raw little-endian, row-major, without holes up to the end of the file:
//      "scaler.mean", "scaler.deviation", "context_scaler.*" (F64), the permutations (I64),
//      and every parameter under its name of tensor_places() (F32 or F64).
// nflow-model(5) tells the same to users.

/// The bytes of a model file.
std::string to_bytes(const Model& model);

/// The model in `bytes`. `name` is the file's name for messages. Throws Error for anything that is
/// not a whole, undamaged model file; allocates nothing that the bytes at hand do not warrant.
Model from_bytes(std::string_view bytes, const std::string& name);

/// Reads a file, or standard input for "-".
Model load_model(const std::string& path);

/// Writes whole or not at all. Throws Error where a parameter is not finite.
void save_model(const Model& model, const std::string& path);

}  // namespace nflow
