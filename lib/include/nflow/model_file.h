#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "nflow/model.h"

namespace nflow {

// A model file is a safetensors file, so any safetensors reader finds the tensors:
//   1. 8 bytes: length H of the header, unsigned little-endian; H is a multiple of 8
//   2. H bytes: the header, JSON padded with spaces
//   3. the tensors, raw little-endian, row-major, one after the other up to the end of the file
//
// The header begins, for ever and without any other spacing, with
//      {"__metadata__":{"format":"nflow","digest":"DDDDDDDDDDDDDDDD","size":"SSSSSSSSSSSSSSSS",
// so that file(1) knows a model, and a damaged one is told from one whose header is wrong:
//   digest  bytes 52 to 67: CRC-64/XZ of the whole file, taken with these 16 digits as '0'; lower
//           case hexadecimal
//   size    bytes 78 to 93: bytes in the whole file, decimal, with leading zeros
// Then, in "__metadata__" still, string to string:
//   version "1", or "2" where a column's support is not REAL, "3" to "6" by what else is there, see
//           nflow-model(5); a reader refuses versions above those it knows. Whatever changes the
//           density that a file means is a new version.
//   nflow   a JSON document: "columns" and "context" (names), in version 2 "support" (of each
//           column, canonical text), "flow" (canonical text; empty where all columns are circular),
//           "precision" ("float32" or "float64") and "training" (the fields of TrainingRecord; null
//           is NaN).
//           Readers leave keys alone that they do not know, here and in "__metadata__".
// Then one entry a tensor, {"dtype": ..., "shape": [...], "data_offsets": [begin, end]}, with
// offsets from the end of the header, in this order and without holes:
//   scaler.mean, scaler.deviation                  F64 [columns]
//   context_scaler.mean, context_scaler.deviation  F64 [context columns]; absent without context
//   the permutations, as draw_permutations()       I64 [length]
//   the parameters, as tensor_places()             F32 or F64 [rows, columns]
// There is exactly one way to lay out a model; a file that says otherwise is refused.
// nflow-model(5) tells the same to users.

/// The version of the format in which a model is written: the earliest that has what it needs.
int format_version(const Model& model);

/// The bytes of a model file. Throws Error where from_bytes() would refuse them: a number that is
/// not finite, a column name that is not UTF-8, more than 4096 columns, two of one name.
std::string to_bytes(const Model& model);

/// The model in `bytes`. `name` is the file's name for messages. Throws Error for anything that is
/// not a whole, undamaged model file; allocates nothing that the bytes at hand do not warrant.
Model from_bytes(std::string_view bytes, const std::string& name);

/// Reads a file, or standard input for "-". Throws Error, as from_bytes() does.
Model load_model(const std::string& path);

/// Writes whole or not at all. "-" is standard output. Throws Error as to_bytes() does and where
/// the file cannot be written, and UsageError where it is a terminal; `stop` as in OutputFile.
void save_model(const Model& model, const std::string& path, std::function<bool()> stop = {});

}  // namespace nflow
