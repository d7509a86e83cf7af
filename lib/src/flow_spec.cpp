#include "nflow/flow_spec.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <set>

#include "kernels/kernels.h"
#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/nearest.h"
#include "nflow/printable.h"
#include "nflow/registry.h"

namespace nflow {
namespace {

// Caps that keep a small spec from asking for a huge model.
constexpr Index kMaxWidth = 8192;
constexpr std::size_t kMaxHiddenLayers = 64;

std::string without_blanks_around(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(' '), text.size());
  return std::string(text.substr(first, text.find_last_not_of(' ') + 1 - first));
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(at);
    parts.push_back(without_blanks_around(text.substr(0, end)));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

[[noreturn]] void reject(const std::string& key, const std::string& value,
                         const std::string& wanted) {
  throw UsageError("flow option " + key + "=" + printable(value) + ": expected " + wanted);
}

Index whole_number(const std::string& key, const std::string& text, Index low, Index high,
                   const std::string& wanted) {
  Index value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || stop != end || value < low || value > high) {
    reject(key, text, wanted);
  }
  return value;
}

double number(const std::string& key, const std::string& text, double low, double high,
              const std::string& wanted) {
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
  std::function<void(LinkOptions&, const std::string& value)> set;
  std::function<std::string(const LinkOptions&)> print;
};

/// A whole number from `low` to `high`.
OptionKey number_key(const std::string& name, Index LinkOptions::*place, Index low, Index high) {
  const std::string wanted =
      "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  return {name,
          [=](LinkOptions& o, const std::string& v) {
            o.*place = whole_number(name, v, low, high, wanted);
          },
          [=](const LinkOptions& o) { return std::to_string(o.*place); }};
}

/// One of a few words, each for a value.
template <class Choice>
OptionKey word_key(const std::string& name, Choice LinkOptions::*place,
                   const std::vector<std::pair<std::string, Choice>>& words,
                   const std::string& wanted) {
  return {name,
          [=](LinkOptions& o, const std::string& v) {
            for (const auto& [word, choice] : words) {
              if (v == word) return void(o.*place = choice);
            }
            reject(name, v, wanted);
          },
          [=](const LinkOptions& o) {
            const auto said = [&](const auto& word) { return word.second == o.*place; };
            return std::find_if(words.begin(), words.end(), said)->first;
          }};
}

const std::vector<OptionKey>& option_keys() {
  static const std::vector<OptionKey> keys{
      number_key("bins", &LinkOptions::bins, 2, kMaxBins),
      number_key("components", &LinkOptions::components, 1, kMaxComponents),
      number_key("fits", &LinkOptions::fits, 1, kMaxComponents),
      number_key("ramps", &LinkOptions::ramps, 0, 64),
      {"tail-bound",
       [](LinkOptions& o, const std::string& v) {
         o.tail_bound =
             number("tail-bound", v, 1e-3, 1e6, "a number from 0.001 up to, not including, 1e6");
       },
       [](const LinkOptions& o) { return number_text(o.tail_bound); }},
      {"hidden",
       [](LinkOptions& o, const std::string& v) {
         o.hidden.clear();
         for (const auto& width : split(v, ',')) {
           o.hidden.push_back(whole_number(
               "hidden", width, 1, kMaxWidth,
               "widths from 1 to " + std::to_string(kMaxWidth) + ", separated by commas"));
         }
         if (o.hidden.size() > kMaxHiddenLayers) {
           reject("hidden", v, "at most " + std::to_string(kMaxHiddenLayers) + " layers");
         }
       },
       [](const LinkOptions& o) { return joined(o.hidden, ","); }},
      word_key<NetKind>("net", &LinkOptions::net,
                        {{"residual", NetKind::residual}, {"mlp", NetKind::mlp}},
                        "residual or mlp"),
      word_key<bool>("fixed", &LinkOptions::fixed, {{"yes", true}, {"no", false}}, "yes or no"),
      word_key<Activation>(
          "activation", &LinkOptions::activation,
          {{"relu", Activation::relu}, {"tanh", Activation::tanh}, {"silu", Activation::silu}},
          "relu, tanh or silu"),
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
  std::string hint = did_you_mean(name, kind.options);
  if (hint.empty() && kind.options.empty()) hint = "; it takes none";
  if (hint.empty()) {
    hint = "; it takes";
    for (const auto& option : kind.options) hint += " " + option;
  }
  throw UsageError("flow " + kind.name + " has no option '" + name + "'" + hint);
}

/// "maf:hidden=64"
bool ends_in_widths(const std::string& piece) {
  const auto colon = piece.rfind(':');
  return colon != piece.npos && piece.compare(colon + 1, 7, "hidden=") == 0;
}

/// "hidden=64,64:bins=8,actnorm" splits at commas, but not inside a list of widths, behind which
/// more options may stand.
std::vector<std::string> split_links(std::string_view text) {
  std::vector<std::string> links;
  bool in_widths = false;  // kept, for to look through a long link at each of its widths takes long
  for (const auto& piece : split(text, ',')) {
    const std::string head = piece.substr(0, piece.find(':'));
    const bool is_width = !head.empty() && head.find_first_not_of("0123456789") == head.npos;
    const bool goes_on = is_width && in_widths;
    if (goes_on) {
      links.back() += "," + piece;
    } else {
      links.push_back(piece);
    }
    const bool is_width_alone = goes_on && head.size() == piece.size();
    in_widths = is_width_alone || ends_in_widths(piece);
  }
  return links;
}

[[noreturn]] void throw_repeated(const std::string& link, const std::string& key) {
  throw UsageError("flow '" + link + "': option " + key + " is given twice");
}

/// Adds to `used` the defaults that the link goes by.
LinkSpec parse_link(const std::string& text, const std::map<std::string, std::string>& defaults,
                    std::set<std::string>& used) {
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
    const std::string name = without_blanks_around(parts[i].substr(0, equals));
    find_key(name, kind).set(link.options, without_blanks_around(parts[i].substr(equals + 1)));
    if (std::count(given.begin(), given.end(), name) > 0) throw_repeated(text, name);
    given.push_back(name);
  }
  for (const auto& [key, value] : defaults) {
    const auto has = [key = key](const std::vector<std::string>& names) {
      return std::count(names.begin(), names.end(), key) > 0;
    };
    if (has(kind.options) && !has(given)) used.insert(key);
  }
  return link;
}

void check_length(Index layers, Index links) {
  if (layers >= 1 && layers <= kMaxLinks && links <= kMaxLinks / layers) return;
  throw UsageError("a chain has between 1 and " + std::to_string(kMaxLinks) +
                   " links; this one would have " + std::to_string(layers) + " times " +
                   std::to_string(links));
}

}  // namespace

namespace {

bool has_option(const LinkSpec& link, const std::string& key) {
  const auto& known = find_flow(link.name).options;
  return std::count(known.begin(), known.end(), key) > 0;
}

}  // namespace

bool has_option(const FlowSpec& spec, const std::string& key) {
  return std::any_of(spec.links.begin(), spec.links.end(),
                     [&](const LinkSpec& link) { return has_option(link, key); });
}

bool is_fitted(const LinkSpec& link) { return has_option(link, "fixed"); }

bool stays_as_fitted(const FlowSpec& spec, bool with_context) {
  if (spec.links.size() != 1) return false;
  const LinkSpec& link = spec.links.front();
  const bool network = with_context && find_flow(link.name).context == ContextUse::shift_scale;
  return is_fitted(link) && link.options.fixed && !has_option(link, "hidden") && !network;
}

void check_flow_option(const std::string& key, const std::string& value) {
  LinkOptions ignored;
  for (const OptionKey& known : option_keys()) {
    if (known.name == key) known.set(ignored, value);
  }
}

FlowSpec parse_flow(std::string_view text, Index layers,
                    const std::map<std::string, std::string>& defaults) {
  FlowSpec block;
  std::set<std::string> used;
  const std::vector<std::string> texts = split_links(text);
  check_length(layers, static_cast<Index>(texts.size()));
  for (const auto& link : texts) {
    if (link.empty())
      throw UsageError("flow '" + std::string(text) + "': a flow's name is missing");
    block.links.push_back(parse_link(link, defaults, used));
  }
  for (const auto& [key, value] : defaults) {
    if (used.count(key) > 0) continue;
    throw UsageError(has_option(block, key)
                         ? "each flow of '" + std::string(text) + "' that can use --" + key +
                               " has a value of its own"
                         : "no flow of '" + std::string(text) + "' can use --" + key);
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
