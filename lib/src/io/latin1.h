#pragma once

#include <string>
#include <string_view>

namespace nflow {

/// UTF-8 of a text in Latin-1 or in what Windows made of it. A model keeps names and labels as JSON
/// does; what is not in UTF-8 is most likely in one of these.
std::string from_latin1(std::string_view text);

}  // namespace nflow
