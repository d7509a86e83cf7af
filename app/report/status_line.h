#pragma once

#include <cstddef>
#include <string>

namespace nflow::app {

// Standard error as a terminal, where it is one.

/// Can a line on it be overwritten?
bool overwrites_lines();
/// Does it show colours, and does the user want them? NO_COLOR says no.
bool shows_colours();

// The status line: one line that is overwritten again and again and leaves no trace. It needs no
// escape sequences.

/// Characters that fit into it.
std::size_t status_width();
void show_status(const std::string& line);
/// Takes it off the terminal, so that other messages have the line to themselves.
void clear_status();

}  // namespace nflow::app
