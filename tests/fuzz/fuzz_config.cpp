#include <cstddef>
#include <string>
#include <vector>

#include "fuzz/target.h"
#include "nflow/error.h"
#include "options/config_text.h"

// The text of a configuration file: what --config reads.

namespace {

using nflow::app::Setting;

bool same(const std::vector<Setting>& a, const std::vector<Setting>& b) {
  bool equal = a.size() == b.size();
  for (std::size_t i = 0; equal && i < a.size(); ++i) {
    equal = a[i].key == b[i].key && a[i].value == b[i].value;
  }
  return equal;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::vector<Setting> settings;
  try {
    settings = nflow::app::parse_settings(fuzz::text_of(bytes, size), "job.conf");
  } catch (const nflow::UsageError& error) {
    const std::string text = error.what();
    fuzz::require(text.compare(0, 9, "job.conf:") == 0, "an error names file and line");
    fuzz::require(text.find('\n') == std::string::npos, "an error is one line");
    return 0;
  }
  std::string written = "\n";  // a byte order mark behind another is part of a key
  for (const Setting& setting : settings) {
    fuzz::require(!setting.key.empty() && setting.line > 0, "a setting has a key and a line");
    nflow::app::append_setting(written, setting.key, setting.value);
  }
  fuzz::require(same(nflow::app::parse_settings(written, "job.conf"), settings),
                "settings are written so that they read back");
  return 0;
}
