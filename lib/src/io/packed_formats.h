#pragma once

#include <memory>

#include "io/decoder.h"

namespace nflow {

/// Reads a zip archive that holds one file, stored or deflated. Folders in it, and what macOS puts
/// beside a file, do not count.
std::unique_ptr<Decoder> make_zip_decoder();

/// Turns an array that numpy.save() wrote into CSV: one of rows and columns, with x1, x2, ... for
/// names, or of rows of named fields. NaN is an empty field.
std::unique_ptr<Decoder> make_numpy_decoder();

/// Turns UTF-16 with its byte order mark into UTF-8.
std::unique_ptr<Decoder> make_utf16_decoder();

}  // namespace nflow
