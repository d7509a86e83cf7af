#include "default_flow.h"

#include <algorithm>

namespace nflow::app {
namespace {

/// Above this a mixture's full covariances cost more than they tell.
constexpr Index kMostMixtureColumns = 64;
constexpr Index kMostComponents = 64, kFewestCap = 4;

/// Rows for each parameter of a mixture: with fewer, the splines behind it would start from a fit
/// that knows the training rows by heart.
/// A mixture that is not trained further may have twice as many.
constexpr Index kRowsPerParameter = 16;

/// With fewer rows the mixture stays as EM left it: the training would make it know them by heart.
constexpr Index kFewestRowsToTrainMixture = 3000;

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

std::string mixture_text(const TrainData& data, const std::string& components) {
  const bool fixed = data.fit.x.rows() < kFewestRowsToTrainMixture;
  return "mixture:components=" + components + (fixed ? ":fixed=yes" : ":fixed=no");
}

std::string mixture_link(const TrainData& data, std::uint64_t seed, int threads) {
  const Index circular = circular_columns(data.supports);
  const Index columns =
      data.fit.x.cols() + data.fit.context.cols() + (kCircleFeatures - 1) * circular;
  if (columns > kMostMixtureColumns) return "actnorm";
  const Index parameters = 1 + columns * (columns + 3) / 2;
  const bool fixed = data.fit.x.rows() < kFewestRowsToTrainMixture;
  const Index rows_each = fixed ? kRowsPerParameter / 2 : kRowsPerParameter;
  const Index most =
      std::clamp<Index>(data.fit.x.rows() / (rows_each * parameters), kFewestCap, kMostComponents);
  const Index components =
      choose_components(data.fit, data.validation, seed, threads, most, data.supports);
  return mixture_text(data, std::to_string(components));
}

}  // namespace

FlowSpec default_flow(const TrainData& data, Index layers,
                      const std::map<std::string, std::string>& overrides, std::uint64_t seed,
                      int threads) {
  const Size* size = kSizes;
  while (data.fit.x.rows() >= size->fewer_rows_than) ++size;
  std::map<std::string, std::string> settings{{"hidden", size->hidden}, {"dropout", size->dropout}};
  const auto components = overrides.find("components");
  for (const auto& [key, value] : overrides) {
    if (key != "components") settings[key] = value;
  }
  FlowSpec spec =
      parse_flow(components == overrides.end() ? mixture_link(data, seed, threads)
                                               : mixture_text(data, components->second));
  const FlowSpec block =
      parse_flow("conv1x1,nsf-cl", layers == 0 ? size->layers : layers, settings);
  spec.links.insert(spec.links.end(), block.links.begin(), block.links.end());
  return spec;
}

FlowSpec with_actnorm_start(FlowSpec spec) {
  spec.links.front() = parse_flow("actnorm").links.front();
  return spec;
}

std::string describe_default(const FlowSpec& spec) {
  if (spec.links.empty()) return "of circular splines alone";
  const LinkOptions& net = spec.links.back().options;
  std::string widths;
  for (const Index width : net.hidden)
    widths += (widths.empty() ? "" : ",") + std::to_string(width);
  std::string dropout;
  append_number(dropout, net.dropout);
  return to_text({{spec.links.front()}}) + ", " + std::to_string(spec.links.size() / 2) +
         " x (conv1x1, nsf-cl) with hidden " + widths + ", dropout " + dropout;
}

}  // namespace nflow::app
