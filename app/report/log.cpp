#include "report/log.h"

#include <spdlog/details/null_mutex.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

#include "nflow/error.h"
#include "nflow/printable.h"
#include "processes/world.h"
#include "report/status_line.h"

namespace nflow::app {
namespace {

using Message = spdlog::details::log_msg;
using Buffer = spdlog::memory_buf_t;

void append(Buffer& out, const std::string& text) {
  out.append(text.data(), text.data() + text.size());
}

std::string payload(const Message& message) {
  return brief({message.payload.data(), message.payload.size()});
}

/// One line, whatever a file name or a field in it may hold.
class TextFormatter : public spdlog::formatter {
 public:
  void format(const Message& message, Buffer& out) override {
    std::string line = message.level == spdlog::level::warn ? "nflow: warning: " : "nflow: ";
    line += shown(payload(message));
    const char* colour = nullptr;
    if (message.level == spdlog::level::warn) colour = "\x1b[33m";
    if (message.level == spdlog::level::err) colour = "\x1b[31m";
    if (colour != nullptr && shows_colours()) line = colour + line + "\x1b[0m";
    append(out, line + "\n");
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<TextFormatter>(); }
};

/// "2026-11-25T12:00:00.000Z"
std::string time_text(spdlog::log_clock::time_point time) {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  return fmt::format("{}.{:03}Z", std::string(text, length), milliseconds % 1000);
}

Fields fields_of_message;  // of the one that is being logged

class JsonFormatter : public spdlog::formatter {
 public:
  void format(const Message& message, Buffer& out) override {
    nlohmann::ordered_json line;
    line["time"] = time_text(message.time);
    const spdlog::string_view_t level = spdlog::level::to_string_view(message.level);
    line["level"] = std::string(level.data(), level.size());
    line["message"] = payload(message);
    for (const auto& [name, value] : fields_of_message) {
      std::visit([&, key = name](const auto& v) { line[key] = v; }, value);
    }
    using Json = nlohmann::ordered_json;
    append(out, shown_json(line.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n");
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

/// Standard error, which the messages share with the status line.
class Sink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  void sink_it_(const Message& message) override {
    Buffer line;
    formatter_->format(message, line);
    clear_status();
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
  void flush_() override { std::fflush(stderr); }
};

bool json = false;

void start(spdlog::level::level_enum level) {
  auto logger = std::make_shared<spdlog::logger>("nflow", std::make_shared<Sink>());
  if (json) {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger->set_formatter(std::make_unique<TextFormatter>());
  }
  logger->set_level(level);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace

void start_log(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const bool two = words[i] == "--log-format" && i + 1 < words.size() && words[i + 1] == "json";
    json = json || two || words[i] == "--log-format=json";
  }
  start(spdlog::level::err);
}

void start_log(const Arguments& arguments) {
  json = arguments.text("log-format", "text") == "json";
  spdlog::level::level_enum level = spdlog::level::info;
  if (arguments.given("quiet")) level = spdlog::level::err;
  if (arguments.given("verbose")) level = spdlog::level::debug;
  start(first_rank() ? level : spdlog::level::off);
}

void log_with(const Fields& fields, spdlog::level::level_enum level, const std::string& message) {
  fields_of_message = fields;
  spdlog::log(level, message);
  fields_of_message.clear();
}

void log_failure(const std::string& message, int status) {
  spdlog::set_level(spdlog::level::err);
  log_with({{"status", std::int64_t{status}}}, spdlog::level::err, message);
}

bool logs_text() { return !json; }

}  // namespace nflow::app
