#include "log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string_view>

#include "world.h"

namespace nflow::app {
namespace {

/// %*: "warning: " before warnings, nothing before other messages.
class WarningFlag : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    const std::string_view text = message.level == spdlog::level::warn ? "warning: " : "";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<WarningFlag>();
  }
};

}  // namespace

void start_log(const Arguments& arguments) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<WarningFlag>('*').set_pattern("nflow: %*%v");
  auto logger =
      std::make_shared<spdlog::logger>("nflow", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::info);
  if (arguments.given("quiet")) logger->set_level(spdlog::level::err);
  if (arguments.given("verbose")) logger->set_level(spdlog::level::debug);
  if (!first_rank()) logger->set_level(spdlog::level::off);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace nflow::app
