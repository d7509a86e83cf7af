#include "nflow/registry.h"

#include "nflow/error.h"
#include "nflow/nearest.h"

namespace nflow {

extern const FlowKind planar_kind, radial_kind, realnvp_kind, maf_kind, conv1x1_kind, actnorm_kind,
    nsf_autoregressive_kind, nsf_coupling_kind, mixture_kind, neural_mixture_kind, marginal_kind,
    reverse_kind, shuffle_kind;

// THE list: one row a kind. Not self-registration, which a linker drops from a static library.
const std::vector<const FlowKind*>& flow_kinds() {
  static const std::vector<const FlowKind*> kinds{
      &planar_kind,
      &radial_kind,
      &realnvp_kind,
      &maf_kind,
      &conv1x1_kind,
      &actnorm_kind,
      &nsf_autoregressive_kind,
      &nsf_coupling_kind,
      &mixture_kind,
      &neural_mixture_kind,
      &marginal_kind,
      &reverse_kind,
      &shuffle_kind,
  };
  return kinds;
}

const FlowKind& find_flow(std::string_view name) {
  if (name == "nsf-af") name = "nsf-ar";
  std::vector<std::string> names;
  for (const FlowKind* kind : flow_kinds()) {
    if (kind->name == name) return *kind;
    names.push_back(kind->name);
  }
  std::string hint = did_you_mean(name, names);
  if (hint.empty()) {
    hint = "; there are";
    for (const auto& n : names) hint += " " + n;
  }
  throw UsageError("unknown flow '" + std::string(name) + "'" + hint);
}

}  // namespace nflow
