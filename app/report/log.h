#pragma once

#include <spdlog/common.h>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "options/options.h"

namespace nflow::app {

// Messages go to standard error through spdlog: a line each behind "nflow: ", or a JSON object.

/// For what is to say before the command line is understood: looks for --log-format among its
/// words.
void start_log(const std::vector<std::string>& words);
/// --quiet leaves errors only, --verbose adds those of log_debug().
void start_log(const Arguments& arguments);

/// What a message tells, by names; --log-format json shows it beside the message.
using Fields =
    std::vector<std::pair<const char*, std::variant<bool, std::int64_t, double, std::string>>>;
void log_with(const Fields& fields, spdlog::level::level_enum level, const std::string& message);

// The same without fields, its text put together as by fmt::format(). The functions of spdlog would
// instantiate all of {fmt} in each file that logs: half of the time to compile it.
template <class... Args>
void log_debug(fmt::format_string<Args...> text, Args&&... args) {
  log_with({}, spdlog::level::debug, fmt::vformat(text, fmt::make_format_args(args...)));
}
template <class... Args>
void log_info(fmt::format_string<Args...> text, Args&&... args) {
  log_with({}, spdlog::level::info, fmt::vformat(text, fmt::make_format_args(args...)));
}
template <class... Args>
void log_warning(fmt::format_string<Args...> text, Args&&... args) {
  log_with({}, spdlog::level::warn, fmt::vformat(text, fmt::make_format_args(args...)));
}

/// The last message of a command that fails, in every process.
void log_failure(const std::string& message, int status);

/// Are messages text, for people?
bool logs_text();

}  // namespace nflow::app
