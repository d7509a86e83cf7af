#include "report/status_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace nflow::app {
namespace {

constexpr std::size_t kUsualWidth = 80;

std::size_t shown = 0;  // length of the line that stands on the terminal

}  // namespace

bool overwrites_lines() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) != 0 && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

bool shows_colours() {
  const char* none = std::getenv("NO_COLOR");
  return overwrites_lines() && (none == nullptr || *none == '\0');
}

std::size_t status_width() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return (known ? size.ws_col : kUsualWidth) - 1;  // in the last column some terminals wrap
}

void show_status(const std::string& line) {
  const std::string visible = line.substr(0, status_width());
  std::string padded = visible;
  padded.resize(std::max(visible.size(), shown), ' ');
  std::fprintf(stderr, "\r%s", padded.c_str());
  std::fflush(stderr);
  shown = visible.size();
}

void clear_status() {
  if (shown == 0) return;
  std::fprintf(stderr, "\r%s\r", std::string(shown, ' ').c_str());
  std::fflush(stderr);
  shown = 0;
}

}  // namespace nflow::app
