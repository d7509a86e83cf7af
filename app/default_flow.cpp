#include "default_flow.h"

#include <algorithm>

#include "defaults.h"
#include "nflow/printable.h"

namespace nflow::app {
namespace {

/// Above this a mixture's full covariances cost more than they tell.
constexpr Index kMostMixtureColumns = 64;

/// Numbers in a mixture that a row's log p reads, at most: the rest of the chain costs as much.
constexpr Index kMostMixtureParameters = 4300;
constexpr Index kMostComponents = 256, kMostComponentsOfLongTraining = 64, kFewestCap = 4;

/// A small table's mixture is the average of some, with as many more components.
constexpr Index kFitsOfSmall = 8, kMostComponentsOfSmall = 512;

/// Where a mixture of all columns may learn the rows, one of each column by itself cannot.
constexpr const char* kMarginalStart = "marginal:components=16";

struct Size {
  Index fewer_rows_than;
  Index layers;
  const char* hidden;
  const char* dropout;
};

// Found on tables of 450 to 200,000 rows: small ones want small nets and much dropout.
constexpr Size kSizes[] = {{1500, 2, "32,32", "0.2"},
                           {6000, 4, "64,64", "0.2"},
                           {100000, 5, "128,128", "0.1"},
                           {Index{1} << 62, 5, "128,128", "0"}};

using Settings = std::map<std::string, std::string>;

bool small(const TrainData& data) { return data.fit.rows() < kFewestRowsNotSmall; }

std::string mixture_text(const TrainData& data, const std::string& components) {
  return "mixture:components=" + components + (small(data) ? ":fixed=yes" : ":fixed=no");
}

/// The first links to try: a mixture of as many components as held-out rows ask for, averaged over
/// several fits where rows are few; and one of each column by itself.
std::vector<std::string> starts(const TrainData& data, std::uint64_t seed, int threads,
                                const Interruption& interruption) {
  const Index rows = data.fit.rows();
  const Index columns = data.fit.x.cols() + data.fit.context.cols() +
                        (kCircleFeatures - 1) * circular_columns(data.supports);
  if (columns > kMostMixtureColumns) return {"actnorm"};
  const bool long_training = rows >= kFewestRowsOfLongTraining;
  const Index fits = small(data) ? kFitsOfSmall : 1;
  const Index most = std::clamp(fits * kMostMixtureParameters / (1 + columns * (columns + 3) / 2),
                                fits * kFewestCap,
                                small(data)     ? kMostComponentsOfSmall
                                : long_training ? kMostComponentsOfLongTraining
                                                : kMostComponents);
  const Index components =
      choose_components(data.fit, seed, threads, most, fits, data.supports, interruption);
  std::vector<std::string> list{mixture_text(data, std::to_string(components))};
  if (components > 1 && fits > 1) list.back() += ":fits=" + std::to_string(fits);
  if (!small(data)) list.emplace_back(kMarginalStart);
  return list;
}

}  // namespace

std::vector<FlowSpec> default_flows(const TrainData& data, Index layers, const Settings& overrides,
                                    std::uint64_t seed, int threads,
                                    const Interruption& interruption) {
  const Size* size = kSizes;
  while (data.fit.rows() >= size->fewer_rows_than) ++size;
  Settings settings{{"hidden", size->hidden}, {"dropout", size->dropout}};
  for (const auto& [key, value] : overrides) {
    if (key != "components") settings[key] = value;
  }
  const FlowSpec block =
      parse_flow("conv1x1,nsf-cl", layers == 0 ? size->layers : layers, settings);
  const auto components = overrides.find("components");
  std::vector<FlowSpec> flows;
  for (const std::string& start : components == overrides.end()
                                      ? starts(data, seed, threads, interruption)
                                      : std::vector{mixture_text(data, components->second)}) {
    flows.push_back(parse_flow(start));
    flows.back().links.insert(flows.back().links.end(), block.links.begin(), block.links.end());
  }
  return flows;
}

std::string start_of(const FlowSpec& spec) {
  const LinkSpec& first = spec.links.front();
  if (first.name != "mixture") return first.name;
  return "a mixture of " + std::to_string(first.options.components);
}

std::string describe_default(const FlowSpec& spec) {
  if (spec.links.empty()) return "of circular splines alone";
  const LinkOptions& net = spec.links.back().options;
  return to_text({{spec.links.front()}}) + ", " + std::to_string(spec.links.size() / 2) +
         " x (conv1x1, nsf-cl) with hidden " + joined(net.hidden, ",") + ", dropout " +
         number_text(net.dropout);
}

}  // namespace nflow::app
