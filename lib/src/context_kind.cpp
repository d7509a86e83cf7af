#include "nflow/context_kind.h"

#include <algorithm>
#include <cmath>

#include "nflow/labels.h"

namespace nflow {
namespace {

/// The labels of a bin, in brackets: "(m)", of several the first, of none "(missing)".
std::string bin_text(const CellData& data, Index bin) {
  const auto first = std::find(data.level_bin.begin(), data.level_bin.end(), bin);
  if (first == data.level_bin.end()) return " (missing)";
  const bool more = std::count(first, data.level_bin.end(), bin) > 1;
  return " (" + data.levels[static_cast<std::size_t>(first - data.level_bin.begin())] +
         (more ? ", ...)" : ")");
}

}  // namespace

Index ContextKind::features() const {
  if (labels) return labels->bins() - 1;
  return holes ? 2 : 1;
}

bool ContextKind::contains(double value) const {
  if (labels) return labels->contains(value);
  return std::isnan(value) ? holes && is_hole(value) : true;
}

void ContextKind::show(double value, double* features) const {
  if (labels) {
    std::fill_n(features, labels->bins() - 1, 0.0);
    const auto bin = static_cast<Index>(labels->to_line(value, 0));
    if (bin > 0) features[bin - 1] = 1;
    return;
  }
  const bool missing = std::isnan(value);
  features[0] = missing && holes ? fill : value;
  if (holes) features[1] = missing ? 1 : 0;
}

ContextKind context_kind_at(const std::vector<ContextKind>& kinds, std::size_t i) {
  return kinds.empty() ? ContextKind() : kinds[i];
}

Index feature_count(const std::vector<ContextKind>& kinds, std::size_t columns) {
  if (kinds.empty()) return static_cast<Index>(columns);
  Index count = 0;
  for (const ContextKind& kind : kinds) count += kind.features();
  return count;
}

RowMatrix context_features(RowMatrix rows, const std::vector<ContextKind>& kinds) {
  if (kinds.empty()) return rows;
  RowMatrix features(rows.rows(), feature_count(kinds, kinds.size()));
  for (Index r = 0; r < rows.rows(); ++r) {
    double* to = features.data() + r * features.cols();
    for (std::size_t j = 0; j < kinds.size(); ++j) {
      kinds[j].show(rows(r, static_cast<Index>(j)), to);
      to += kinds[j].features();
    }
  }
  return features;
}

std::vector<std::string> feature_names(const std::vector<std::string>& names,
                                       const std::vector<ContextKind>& kinds) {
  if (kinds.empty()) return names;
  std::vector<std::string> features;
  for (std::size_t j = 0; j < kinds.size(); ++j) {
    if (!kinds[j].labels) features.push_back(names[j]);
    if (!kinds[j].labels && kinds[j].holes) features.push_back(names[j] + " (missing)");
    for (Index bin = 1; kinds[j].labels && bin < kinds[j].labels->bins(); ++bin) {
      features.push_back(names[j] + bin_text(kinds[j].labels->data(), bin));
    }
  }
  return features;
}

}  // namespace nflow
