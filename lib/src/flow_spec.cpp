#include "nflow/flow_spec.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "kernels/kernels.h"
#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/nearest.h"
#include "nflow/registry.h"

namespace nflow {
namespace {

// Caps that keep a small spec from asking for a huge model.
constexpr Index kMaxLinks = 512;
constexpr Index kMaxWidth = 8192;
constexpr std::size_t kMaxLayers = 64;

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == at) {
      parts.emplace_back();
    } else if (c != ' ') {
      parts.back() += c;
    }
  }
  return parts;
}

[[noreturn]] void reject(const std::string& key, const std::string& value, const char* wanted) {
  throw UsageError("flow option " + key + "=" + value + ": expected " + wanted);
}

Index whole_number(const std::string& key, const std::string& text, Index low, Index high,
                   const char* wanted) {
  Index value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || stop != end || value < low || value > high) {
    reject(key, text, wanted);
  }
  return value;
}

double number(const std::string& key, const std::string& text, double low, double high,
              const char* wanted) {
  double value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || stop != end || !(value >= low && value < high)) {
    reject(key, text, wanted);
  }
  return value;
}

/// One key of LinkOptions: how text sets it and how it prints.
struct OptionKey {
  std::string name;
  void (*set)(LinkOptions&, const std::string& value);
  std::string (*print)(const LinkOptions&);
};

const std::vector<OptionKey>& option_keys() {
  static const std::vector<OptionKey> keys{
      {"bins",
       [](LinkOptions& o, const std::string& v) {
         o.bins = whole_number("bins", v, 2, kMaxBins, "a whole number from 2 to 256");
       },
       [](const LinkOptions& o) { return std::to_string(o.bins); }},
      {"components",
       [](LinkOptions& o, const std::string& v) {
         o.components =
             whole_number("components", v, 1, kMaxComponents, "a whole number from 1 to 1024");
       },
       [](const LinkOptions& o) { return std::to_string(o.components); }},
      {"fits",
       [](LinkOptions& o, const std::string& v) {
         o.fits = whole_number("fits", v, 1, kMaxComponents, "a whole number from 1 to 1024");
       },
       [](const LinkOptions& o) { return std::to_string(o.fits); }},
      {"fixed",
       [](LinkOptions& o, const std::string& v) {
         if (v != "yes" && v != "no") reject("fixed", v, "yes or no");
         o.fixed = v == "yes";
       },
       [](const LinkOptions& o) { return std::string(o.fixed ? "yes" : "no"); }},
      {"tail-bound",
       [](LinkOptions& o, const std::string& v) {
         o.tail_bound = number("tail-bound", v, 1e-3, 1e6, "a number from 0.001 to 1e6");
       },
       [](const LinkOptions& o) { return number_text(o.tail_bound); }},
      {"hidden",
       [](LinkOptions& o, const std::string& v) {
         o.hidden.clear();
         for (const auto& width : split(v, ',')) {
           o.hidden.push_back(whole_number("hidden", width, 1, kMaxWidth,
                                           "widths from 1 to 8192, separated by commas"));
         }
         if (o.hidden.size() > kMaxLayers) reject("hidden", v, "at most 64 layers");
       },
       [](const LinkOptions& o) {
         std::string text;
         for (Index width : o.hidden) text += (text.empty() ? "" : ",") + std::to_string(width);
         return text;
       }},
      {"net",
       [](LinkOptions& o, const std::string& v) {
         if (v != "residual" && v != "mlp") reject("net", v, "residual or mlp");
         o.net = v;
       },
       [](const LinkOptions& o) { return o.net; }},
      {"activation",
       [](LinkOptions& o, const std::string& v) {
         if (v != "relu" && v != "tanh" && v != "silu") {
           reject("activation", v, "relu, tanh or silu");
         }
         o.activation = v;
       },
       [](const LinkOptions& o) { return o.activation; }},
      {"dropout",
       [](LinkOptions& o, const std::string& v) {
         o.dropout = number("dropout", v, 0, 1, "a share from 0 up to, not including, 1");
       },
       [](const LinkOptions& o) { return number_text(o.dropout); }},
  };
  return keys;
}

const OptionKey& find_key(const std::string& name, const FlowKind& kind) {
  for (const OptionKey& key : option_keys()) {
    const auto& known = kind.options;
    if (key.name == name && std::count(known.begin(), known.end(), name)) return key;
  }
  const std::string near = nearest(name, kind.options);
  std::string hint;
  if (!near.empty()) {
    hint = "; did you mean '" + near + "'?";
  } else if (kind.options.empty()) {
    hint = "; it takes none";
  } else {
    hint = "; it takes";
    for (const auto& option : kind.options) hint += " " + option;
  }
  throw UsageError("flow " + kind.name + " has no option '" + name + "'" + hint);
}

/// "bins=8:hidden=64,64,actnorm" splits at commas, but not inside a list of widths: a piece of
/// digits alone goes on with the one before.
std::vector<std::string> split_links(std::string_view text) {
  std::vector<std::string> links;
  for (const auto& piece : split(text, ',')) {
    const bool digits = !piece.empty() && piece.find_first_not_of("0123456789") == piece.npos &&
                        !links.empty() && links.back().find("hidden=") != std::string::npos;
    // Options may follow the widths: "hidden=64,64:bins=8".
    const auto colon = piece.find(':');
    const bool widths_then_options =
        colon != piece.npos && colon > 0 && !links.empty() &&
        piece.substr(0, colon).find_first_not_of("0123456789") == piece.npos;
    if (digits || widths_then_options) {
      links.back() += "," + piece;
    } else {
      links.push_back(piece);
    }
  }
  return links;
}

LinkSpec parse_link(const std::string& text, const std::map<std::string, std::string>& defaults) {
  const auto parts = split(text, ':');
  if (parts.front().empty()) throw UsageError("flow '" + text + "': expected a flow's name");
  const FlowKind& kind = find_flow(parts.front());
  LinkSpec link{kind.name, {}};
  for (const OptionKey& key : option_keys()) {
    const auto set = defaults.find(key.name);
    const bool known = std::count(kind.options.begin(), kind.options.end(), key.name) > 0;
    if (known && set != defaults.end()) key.set(link.options, set->second);
  }
  std::vector<std::string> given;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    if (equals == parts[i].npos) {
      throw UsageError("flow '" + text + "': expected option=value after a colon, found '" +
                       parts[i] + "'");
    }
    const std::string name = parts[i].substr(0, equals);
    find_key(name, kind).set(link.options, parts[i].substr(equals + 1));
    if (std::count(given.begin(), given.end(), name) > 0) {
      throw UsageError("flow '" + text + "': option " + name + " is given twice");
    }
    given.push_back(name);
  }
  return link;
}

}  // namespace

FlowSpec parse_flow(std::string_view text, Index layers,
                    const std::map<std::string, std::string>& defaults) {
  FlowSpec block;
  for (const auto& link : split_links(text)) {
    if (link.empty())
      throw UsageError("flow '" + std::string(text) + "': a flow's name is missing");
    block.links.push_back(parse_link(link, defaults));
  }
  for (const auto& setting : defaults) {
    const bool used =
        std::any_of(block.links.begin(), block.links.end(), [&](const LinkSpec& link) {
          const auto& known = find_flow(link.name).options;
          return std::count(known.begin(), known.end(), setting.first) > 0;
        });
    if (!used)
      throw UsageError("no flow of '" + std::string(text) + "' can use --" + setting.first);
  }
  const auto links = static_cast<Index>(block.links.size());
  if (layers < 1 || layers > kMaxLinks || layers * links > kMaxLinks) {
    throw UsageError("a chain has between 1 and 512 links; this one would have " +
                     std::to_string(layers) + " times " + std::to_string(links));
  }
  FlowSpec spec;
  for (Index i = 0; i < layers; ++i) {
    spec.links.insert(spec.links.end(), block.links.begin(), block.links.end());
  }
  return spec;
}

std::string to_text(const FlowSpec& spec) {
  std::string text;
  for (const LinkSpec& link : spec.links) {
    if (!text.empty()) text += ",";
    text += link.name;
    const FlowKind& kind = find_flow(link.name);
    for (const std::string& name : kind.options) {
      text += ":" + name + "=" + find_key(name, kind).print(link.options);
    }
  }
  return text;
}

}  // namespace nflow
