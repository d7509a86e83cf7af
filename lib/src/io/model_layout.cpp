#include "io/model_layout.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "chain.h"
#include "flow_size.h"

namespace nflow {
namespace {

using Tensors = std::vector<StoredTensor>;

std::uint64_t extent(Index n) { return static_cast<std::uint64_t>(n); }

Tensors scaler_tensors(const std::string& name, std::size_t columns) {
  if (columns == 0) return {};
  return {{name + ".mean", "F64", {columns}}, {name + ".deviation", "F64", {columns}}};
}

Tensors context_tensors(const Model& model) {
  const std::string name = "context_scaler";
  const auto columns = extent(model.context_features());
  Tensors tensors = scaler_tensors(name, columns);
  if (model.context_scaler.low.empty()) return tensors;
  tensors.push_back({name + ".low", "F64", {columns}});
  tensors.push_back({name + ".high", "F64", {columns}});
  return tensors;
}

Tensors parameter_tensors(const std::vector<TensorPlace>& places, Precision precision) {
  const std::string dtype = precision == Precision::float32 ? "F32" : "F64";
  Tensors tensors;
  tensors.reserve(places.size());
  for (const TensorPlace& place : places) {
    tensors.push_back({place.name, dtype, {extent(place.rows), extent(place.cols)}});
  }
  return tensors;
}

Tensors permutation_tensors(const std::vector<Permutation>& permutations) {
  Tensors tensors;
  for (const Permutation& permutation : permutations) {
    tensors.push_back({permutation.name, "I64", {permutation.index.size()}});
  }
  return tensors;
}

void append(Tensors& all, Tensors&& more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void check_scaler(const Scaler& scaler, std::size_t columns, const std::vector<Support>& supports) {
  const auto finite = [](double x) { return std::isfinite(x); };
  const auto positive = [](double x) { return std::isfinite(x) && x > 0; };
  const auto& [mean, deviation, low, high] = scaler;
  if (mean.size() != columns || deviation.size() != columns) {
    refuse_model("its scaler is of another size");
  }
  if (!std::all_of(mean.begin(), mean.end(), finite)) refuse_model("a mean is not finite");
  if (!std::all_of(deviation.begin(), deviation.end(), positive)) {
    refuse_model("a deviation is not a finite number above 0");
  }
  if (low.size() != high.size() || (!low.empty() && low.size() != columns)) {
    refuse_model("a range is of another size");
  }
  for (std::size_t j = 0; j < low.size(); ++j) {
    if (finite(low[j]) && finite(high[j]) && low[j] < high[j]) continue;
    refuse_model("a range does not go from a finite number to a larger one");
  }
  for (std::size_t j = 0; j < supports.size(); ++j) {
    if (supports[j].kind != Support::Kind::circular && !supports[j].is_cut()) continue;
    if (mean[j] != 0 || deviation[j] != 1) refuse_model("a column of the front is scaled");
  }
}

void check_permutation(const Permutation& permutation) {
  std::vector<bool> seen(permutation.index.size(), false);
  for (const std::int64_t i : permutation.index) {
    if (i < 0 || extent(i) >= seen.size() || seen[extent(i)]) {
      refuse_model(permutation.name + " is not a permutation");
    }
    seen[extent(i)] = true;
  }
}

void check_permutations(const std::vector<Permutation>& given,
                        const std::vector<Permutation>& expected) {
  const auto alike = [](const Permutation& a, const Permutation& b) {
    return a.name == b.name && a.index.size() == b.index.size();
  };
  if (!std::equal(given.begin(), given.end(), expected.begin(), expected.end(), alike)) {
    refuse_model("its permutations are not those of its flow");
  }
  std::for_each(given.begin(), given.end(), check_permutation);
}

template <class T>
void check_parameters(const std::vector<T>& parameters, const ModelLayout& layout) {
  if (parameters.size() != layout.parameter_count) {
    refuse_model("its parameters are not those of its flow");
  }
  const auto bad = std::find_if_not(parameters.begin(), parameters.end(),
                                    [](T value) { return std::isfinite(value); });
  if (bad == parameters.end()) return;
  const std::uint64_t bytes_after = extent(parameters.end() - bad) * sizeof(T);
  const std::uint64_t place = layout.data_bytes - bytes_after;
  const auto tensor = std::find_if(layout.tensors.begin(), layout.tensors.end(),
                                   [place](const StoredTensor& t) { return place < t.end; });
  refuse_model("a parameter of " + tensor->name + " is not finite");
}

}  // namespace

ModelLayout layout_of(const Model& model, Precision precision, std::uint64_t limit) {
  const auto floats = std::min(static_cast<Index>(limit / sizeof(float)), kMaxParameters);
  const Index context = model.context_features();
  if (is_far_larger(model.flow, Index(model.columns.size()), context, model.front(), floats)) {
    refuse_model("its flow needs more data");
  }
  // As tensor_places() and draw_permutations() do, each of which would make a chain of its own.
  const Chain<float> chain(model.flow, Index(model.columns.size()), context, 0, nullptr,
                           model.front());
  Tensors parameters = parameter_tensors(chain.blueprint().tensors(), precision);
  const std::uint64_t parameter_bytes = place_tensors(parameters, limit);

  ModelLayout layout;
  layout.parameter_count = parameter_bytes / (precision == Precision::float32 ? 4 : 8);
  if (layout.parameter_count > extent(kMaxParameters)) {
    refuse_model("its flow has more parameters than a model can have");
  }
  layout.permutations = chain.blueprint().permutations();
  // The eight-byte types go first, so that every tensor is aligned.
  append(layout.tensors, scaler_tensors("scaler", model.columns.size()));
  append(layout.tensors, context_tensors(model));
  append(layout.tensors, permutation_tensors(layout.permutations));
  append(layout.tensors, std::move(parameters));
  layout.data_bytes = place_tensors(layout.tensors, limit);
  return layout;
}

void check_names(const Model& model) {
  if (model.columns.empty()) refuse_model("it has no columns");
  if (model.columns.size() + model.context.size() > kMaxColumns) {
    refuse_model("it has more than " + std::to_string(kMaxColumns) + " columns");
  }
  std::set<std::string> seen;
  for (const auto* names : {&model.columns, &model.context}) {
    for (const std::string& name : *names) {
      if (!seen.insert(name).second) refuse_model("it has two columns \"" + name + "\"");
    }
  }
  if (!model.supports.empty() && model.supports.size() != model.columns.size()) {
    refuse_model("it has no support for a column");
  }
  // Where all columns are of the front there are none for the flow to map.
  const bool all_front = extent(model.front().columns()) == model.columns.size();
  if (model.flow.links.empty() != all_front) refuse_model("its flow is not for its columns");
}

void check_numbers(const Model& model, const ModelLayout& layout) {
  check_scaler(model.scaler, model.columns.size(), model.supports);
  check_scaler(model.context_scaler, extent(model.context_features()), {});
  check_permutations(model.permutations, layout.permutations);
  std::visit([&](const auto& values) { check_parameters(values, layout); }, model.parameters);
}

}  // namespace nflow
