#include "default_flow.h"

#include <algorithm>

#include "defaults.h"
#include "nflow/printable.h"

namespace nflow::app {
namespace {

/// Above this covariances of several components cost more than they tell: the mixture is a single
/// normal density, of a covariance that the rows allow.
constexpr Index kMostMixtureColumns = 64;

/// Fewer rows tell networks nothing that their start does not know, and the few held out cannot say
/// when to stop.
constexpr Index kFewestRowsForNets = 200;

/// Numbers in a mixture that a row's log p reads, at most: the rest of the chain costs as much.
constexpr Index kMostMixtureParameters = 4300;
constexpr Index kMostComponents = 256, kMostComponentsOfLongTraining = 64, kFewestCap = 4;

/// A small table's mixture is the average of some, with as many more components.
constexpr Index kFitsOfSmall = 8, kMostComponentsOfSmall = 512;

/// Where a mixture of all columns may learn the rows, one of each column by itself cannot.
constexpr const char* kMarginalStart = "marginal:components=16";
constexpr const char* kFixedMarginalStart = "marginal:components=16:fixed=yes";

/// Many columns have as many parameters as rows or more: gradient steps would learn those by heart.
constexpr const char* kNormalStart = "mixture:components=1:fixed=yes";

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

/// Nor do those tell networks anything that are fewer than the columns.
Index fewest_rows_for_nets(const TrainData& data) {
  return std::max<Index>(kFewestRowsForNets, data.fit.x.cols());
}

Index mixture_columns(const TrainData& data) {
  return data.fit.x.cols() + data.fit.context.cols() +
         (kCircleFeatures - 1) * circular_columns(data.supports);
}

/// A mixture with as many components as held-out rows ask for, averaged over several fits where
/// rows are few.
std::string mixture_start(const TrainData& data, const MixtureSearch& search) {
  const Index columns = mixture_columns(data);
  const bool long_training = data.fit.rows() >= kFewestRowsOfLongTraining;
  const Index most =
      std::clamp(search.fits * kMostMixtureParameters / (1 + columns * (columns + 3) / 2),
                 search.fits * kFewestCap,
                 small(data)     ? kMostComponentsOfSmall
                 : long_training ? kMostComponentsOfLongTraining
                                 : kMostComponents);
  const Index components = choose_components(data.fit, most, search);
  std::string text = mixture_text(data, std::to_string(components));
  if (components > 1 && search.fits > 1) text += ":fits=" + std::to_string(search.fits);
  return text;
}

/// The first links to try: a mixture of all columns, and one of each column by itself. The few
/// validation rows of a small table cannot choose between two: all its rows do, each fifth in turn.
std::vector<std::string> starts(const TrainData& data, std::uint64_t seed, int threads,
                                const Interruption& interruption) {
  const MixtureSearch search{seed, threads, small(data) ? kFitsOfSmall : 1, data.supports,
                             interruption};
  const bool wide = mixture_columns(data) > kMostMixtureColumns;
  const std::string joint = wide ? kNormalStart : mixture_start(data, search);
  if (!small(data)) return {joint, kMarginalStart};
  const Index components = parse_flow(joint).links.front().options.components;
  if (are_independent(data.fit, components, search)) return {kFixedMarginalStart};
  return {joint};
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
    if (data.fit.rows() < fewest_rows_for_nets(data) && layers == 0) continue;
    flows.back().links.insert(flows.back().links.end(), block.links.begin(), block.links.end());
  }
  return flows;
}

std::string start_of(const FlowSpec& spec) {
  const LinkSpec& first = spec.links.front();
  if (first.name != "mixture") return first.name;
  if (first.options.components == 1) return "a normal density";
  return "a mixture of " + std::to_string(first.options.components);
}

std::string describe_default(const FlowSpec& spec) {
  if (spec.links.empty()) return "of circular splines alone";
  if (spec.links.size() == 1) return to_text(spec);
  const LinkOptions& net = spec.links.back().options;
  return to_text({{spec.links.front()}}) + ", " + std::to_string(spec.links.size() / 2) +
         " x (conv1x1, nsf-cl) with hidden " + joined(net.hidden, ",") + ", dropout " +
         number_text(net.dropout);
}

}  // namespace nflow::app
