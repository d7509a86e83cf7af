#include "nflow/default_flow.h"

#include <algorithm>

#include "auto/mixture_work.h"
#include "nflow/defaults.h"
#include "nflow/mixture_search.h"
#include "nflow/registry.h"

namespace nflow {
namespace {

/// Above this covariances of several components cost more than they tell: the mixture is a single
/// normal density, of a covariance that the rows allow.
constexpr Index kMostMixtureColumns = 64;

/// Fewer rows tell networks nothing that their start does not know, and the few held out cannot say
/// when to stop.
constexpr Index kFewestRowsForNets = 200;

/// Neural mixtures that are tried for numbers beside cells and circles. A mixture fitted by EM sees
/// no cells, and of circles one cosine and sine. A normal density for each label is often all that
/// there is.
constexpr const char* kMixedNeuralMixtures[] = {
    "neural-mixture:components=1:hidden=32:dropout=0.1:fits=4",
    "neural-mixture:components=4:hidden=64,64:dropout=0.1:ramps=8"};

constexpr Index kMostComponents = 256, kMostComponentsOfLongTraining = 64, kFewestCap = 4;

/// A small table's mixture is the average of some, with as many more components.
constexpr Index kFitsOfSmall = 8, kMostComponentsOfSmall = 512;

/// Where a mixture of all columns may learn the rows, one of each column by itself cannot.
constexpr const char* kMarginalStart = "marginal:components=16";
constexpr const char* kFixedMarginalStart = "marginal:components=16:fixed=yes";

/// Many columns have as many parameters as rows or more: gradient steps would learn those by heart.
constexpr const char* kNormalStart = "mixture:components=1:fixed=yes";

/// The neural mixture that is tried beside the chains. More components, or wider nets, learn tables
/// of some thousand rows by heart.
constexpr const char* kJointNeuralMixture =
    "neural-mixture:components=4:hidden=64,64:dropout=0.1:ramps=8";

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

/// What the rules go by.
struct Table {
  const Dataset& fit;
  const std::vector<Support>& supports;
};

bool small(const Table& table) { return table.fit.rows() < kFewestRowsNotSmall; }

/// One column given others: mixtures whose nets see quantiles of the context, averaged over four
/// fits. Chains of couplings learn such tables by heart. In few rows clusters of the context are
/// chance, and fits of one component begin better, but cannot have two modes: both are tried. The
/// tables behind it: tests/bench/README.md.
std::vector<FlowSpec> conditional_flows(const Table& table,
                                        std::map<std::string, std::string> settings) {
  settings.emplace("fits", "4");
  settings.emplace("hidden", small(table) ? "64" : "64,64");
  settings.emplace("dropout", small(table) ? "0.3" : "0.1");
  settings.emplace("ramps", "8");
  if (settings.count("components") > 0) return {parse_flow("neural-mixture", 1, settings)};
  std::vector<FlowSpec> flows;
  if (small(table)) flows.push_back(parse_flow("neural-mixture:components=4", 1, settings));
  flows.push_back(parse_flow("neural-mixture:components=12", 1, settings));
  return flows;
}

/// Fewer rows than columns tell networks nothing either.
Index fewest_rows_for_nets(const Table& table) {
  return std::max<Index>(kFewestRowsForNets, table.fit.x.cols());
}

/// The neural mixtures that are tried beside the others. Where columns say how far others spread,
/// one of all columns is ahead by far: a funnel of 15 columns and 5,000 rows is 0.18 nats from the
/// truth, where couplings after a mixture end 0.49 away. It is over in a tenth of their time. Where
/// labels or angles say where numbers are, fewer rows do: three normal numbers given
/// one of four labels, 1,000 rows, are 0.04 away, where couplings after a mixture end at 0.28.
std::vector<std::string> neural_mixtures(const Table& table) {
  const Index front = front_columns(table.supports), rows = table.fit.rows();
  const bool numbers = table.fit.x.cols() > std::max<Index>(1, front);
  const bool many = rows >= kFewestRowsOfLongTraining ||
                    table.fit.x.cols() + table.fit.context.cols() > kMostMixtureColumns;
  if (!numbers || many || rows < fewest_rows_for_nets(table)) return {};
  if (front > 0) return {std::begin(kMixedNeuralMixtures), std::end(kMixedNeuralMixtures)};
  return small(table) ? std::vector<std::string>{} : std::vector<std::string>{kJointNeuralMixture};
}

std::string mixture_text(const Table& table, const std::string& components) {
  return "mixture:components=" + components + (small(table) ? ":fixed=yes" : ":fixed=no");
}

/// The columns that EM fits a mixture to. Columns with cells are left to the networks.
Index mixture_columns(const Table& table) {
  return table.fit.x.cols() - cut_columns(table.supports) + table.fit.context.cols() +
         (kCircleFeatures - 1) * circular_columns(table.supports);
}

/// A mixture with as many components as held-out rows ask for, averaged over several fits where
/// rows are few.
std::string mixture_start(const Table& table, const MixtureSearch& search) {
  const Index columns = mixture_columns(table);
  const bool long_training = table.fit.rows() >= kFewestRowsOfLongTraining;
  const Index most =
      std::clamp(search.fits * kMostMixtureParameters / component_parameters(columns),
                 search.fits * kFewestCap,
                 small(table)    ? kMostComponentsOfSmall
                 : long_training ? kMostComponentsOfLongTraining
                                 : kMostComponents);
  const Index components = choose_components(table.fit, most, search);
  std::string text = mixture_text(table, std::to_string(components));
  if (components > 1 && search.fits > 1) text += ":fits=" + std::to_string(search.fits);
  return text;
}

/// The first links to try: a mixture of all columns, and one of each column by itself. The few
/// validation rows of a small table cannot choose between two: all its rows do, each fifth in turn.
std::vector<std::string> starts(const Table& table, std::uint64_t seed, int threads,
                                const Interruption& interruption) {
  const MixtureSearch search{seed, threads, small(table) ? kFitsOfSmall : 1, table.supports,
                             interruption};
  const bool wide = mixture_columns(table) > kMostMixtureColumns;
  const std::string joint = wide ? kNormalStart : mixture_start(table, search);
  if (!small(table)) return {joint, kMarginalStart};
  const Index components = parse_flow(joint).links.front().options.components;
  if (are_independent(table.fit, components, search)) return {kFixedMarginalStart};
  return {joint};
}

}  // namespace

bool chooses_neural_mixture(const Dataset& fit, const std::vector<Support>& supports,
                            const FlowWishes& wishes) {
  const Table table{fit, supports};
  const std::vector<std::string>& known = find_flow("neural-mixture").options;
  const bool knows = std::all_of(wishes.links.begin(), wishes.links.end(), [&](const auto& wish) {
    return std::count(known.begin(), known.end(), wish.first) > 0;
  });
  return fit.context.cols() > 0 && fit.x.cols() == 1 && front_columns(supports) == 0 &&
         fit.rows() >= fewest_rows_for_nets(table) && fit.rows() < kFewestRowsOfLongTraining &&
         mixture_columns(table) <= kMostMixtureColumns && wishes.layers == 0 && knows;
}

std::vector<FlowSpec> default_flows(const Dataset& fit, const std::vector<Support>& supports,
                                    const FlowWishes& wishes, std::uint64_t seed, int threads,
                                    const Interruption& interruption) {
  const Table table{fit, supports};
  if (chooses_neural_mixture(fit, supports, wishes)) {
    return conditional_flows(table, wishes.links);
  }
  const Size* size = kSizes;
  while (fit.rows() >= size->fewer_rows_than) ++size;
  // What cells show of themselves is much to learn by heart.
  if (cut_columns(supports) > 0) size = std::min(size, &kSizes[1]);
  std::map<std::string, std::string> settings{{"hidden", size->hidden}, {"dropout", size->dropout}};
  for (const auto& [key, value] : wishes.links) {
    if (key != "components") settings[key] = value;
  }
  const FlowSpec block =
      parse_flow("conv1x1,nsf-cl", wishes.layers == 0 ? size->layers : wishes.layers, settings);
  const auto components = wishes.links.find("components");
  std::vector<FlowSpec> flows;
  for (const std::string& start : components == wishes.links.end()
                                      ? starts(table, seed, threads, interruption)
                                      : std::vector{mixture_text(table, components->second)}) {
    flows.push_back(parse_flow(start));
    if (fit.rows() < fewest_rows_for_nets(table) && wishes.layers == 0) continue;
    flows.back().links.insert(flows.back().links.end(), block.links.begin(), block.links.end());
  }
  if (wishes.links.empty() && wishes.layers == 0) {
    for (const std::string& text : neural_mixtures(table)) flows.push_back(parse_flow(text));
  }
  return flows;
}

}  // namespace nflow
