#include <charconv>
#include <map>
#include <numeric>
#include <string>

#include "flow_size.h"
#include "fuzz/target.h"
#include "nflow/error.h"
#include "nflow/flow_spec.h"
#include "nflow/model.h"

// The text of a flow and what is made of it. An input is lines: the text, the number of times it is
// repeated, and "key=value" for settings that hold for all its links.

namespace {

constexpr nflow::Index kMostParameters = 1'000;  // of a chain that is made

// Long chains and wide nets take long: few inputs have them.
constexpr nflow::Index kFewLayers = 4;
constexpr nflow::Index kMostLayers = 512;
constexpr nflow::Index kFewUnits = 100;

nflow::Index number(std::string_view text) {
  nflow::Index value = 1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

nflow::Index hidden_units(const nflow::FlowSpec& flow) {
  nflow::Index units = 0;
  for (const nflow::LinkSpec& link : flow.links) {
    units = std::accumulate(link.options.hidden.begin(), link.options.hidden.end(), units);
  }
  return units;
}

void make(const nflow::FlowSpec& flow, nflow::Index columns, nflow::Index context,
          nflow::Index circular) {
  const nflow::Front front{{}, circular, {}};
  if (nflow::is_far_larger(flow, columns, context, front, kMostParameters)) return;
  const nflow::Index count = nflow::parameter_count(flow, columns, context, front);
  nflow::Index end = 0;
  for (const nflow::TensorPlace& place : nflow::tensor_places(flow, columns, context, front)) {
    fuzz::require(place.offset == end, "tensors lie one behind the other");
    end += place.rows * place.cols;
  }
  fuzz::require(end == count, "tensors are all parameters");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string_view rest = fuzz::text_of(bytes, size);
  const std::string_view text = fuzz::take_until(rest, '\n');
  nflow::Index layers = number(fuzz::take_until(rest, '\n'));
  if (size % 16 != 0 && layers > kFewLayers && layers <= kMostLayers) layers = kFewLayers;
  std::map<std::string, std::string> defaults;
  while (!rest.empty()) {
    std::string_view value = fuzz::take_until(rest, '\n');
    const std::string_view key = fuzz::take_until(value, '=');
    defaults.emplace(key, value);
  }
  nflow::FlowSpec flow;
  try {
    flow = nflow::parse_flow(text, layers, defaults);
  } catch (const nflow::UsageError&) {
    return 0;
  }
  const std::string canonical = nflow::to_text(flow);
  fuzz::require(nflow::to_text(nflow::parse_flow(canonical)) == canonical,
                "the canonical text reads back to the same flow");
  if (size % 7 != 0 && hidden_units(flow) > kFewUnits) return 0;
  switch (size % 12) {  // each of them takes longer than all above
    case 0:
      make(flow, 3, 1, 0);
      break;
    case 4:
      make(flow, 1, 0, 0);
      break;
    case 8:
      make(flow, 4, 0, 2);
      break;
    default:
      break;
  }
  return 0;
}
