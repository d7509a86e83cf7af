#pragma once

#include <memory>

#include "io/decoder.h"

namespace nflow {

/// Of a zip archive that holds one file, stored or deflated. Folders in it, and what macOS puts
/// beside a file, do not count.
std::unique_ptr<Decoder> make_zip_decoder();

/// Of UTF-16 with its byte order mark, which gives UTF-8.
std::unique_ptr<Decoder> make_utf16_decoder();

}  // namespace nflow
