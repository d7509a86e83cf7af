#pragma once

#include <memory>

#include "io/decoder.h"

namespace nflow {

/// Reads a zip archive that holds one file, stored or deflated. Folders in it, and what macOS puts
/// beside a file, do not count.
std::unique_ptr<Decoder> make_zip_decoder();

/// Turns UTF-16 with its byte order mark into UTF-8.
std::unique_ptr<Decoder> make_utf16_decoder();

}  // namespace nflow
