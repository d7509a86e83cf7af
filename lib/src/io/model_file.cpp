#include "nflow/model_file.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "io/model_description.h"
#include "io/model_layout.h"
#include "io/model_source.h"
#include "io/safetensors.h"
#include "nflow/error.h"
#include "nflow/input_file.h"
#include "nflow/output_file.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

using Json = nlohmann::json;

bool has_tensor(const std::vector<StoredTensor>& tensors, const std::string& name) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [&](const StoredTensor& tensor) { return tensor.name == name; });
}

/// The tensor at `place` is not the one expected there.
[[noreturn]] void refuse_tensors(const std::vector<StoredTensor>& claimed,
                                 const std::vector<StoredTensor>& expected, std::size_t place) {
  const StoredTensor& wanted = expected[place];
  if (!has_tensor(claimed, wanted.name)) refuse_model("it lacks the tensor " + wanted.name);
  const StoredTensor& found = claimed[place];  // two of one name have been refused
  if (found.name == wanted.name) {
    refuse_model("the tensor " + wanted.name + " is " + describe_tensor(found).dump() + " where " +
                 describe_tensor(wanted).dump() + " was expected");
  }
  if (!has_tensor(expected, found.name)) refuse_model("it has tensors that its flow lacks");
  refuse_model("its tensors are in another order: " + found.name + " where " + wanted.name +
               " was expected");
}

// There is one way to lay out a model, so what a file claims is compared, never computed with.
void check_tensors(const std::vector<StoredTensor>& claimed, const ModelLayout& layout,
                   std::uint64_t data_bytes) {
  const std::vector<StoredTensor>& expected = layout.tensors;
  const auto [place, at] =
      std::mismatch(expected.begin(), expected.end(), claimed.begin(), claimed.end());
  if (place != expected.end()) refuse_tensors(claimed, expected, place - expected.begin());
  if (at != claimed.end()) refuse_model("it has tensors that its flow lacks");
  if (layout.data_bytes != data_bytes) refuse_model("it has data that belong to no tensor");
}

template <class T>
void put(char*& place, const std::vector<T>& values) {
  const std::size_t bytes = values.size() * sizeof(T);
  if (bytes != 0) std::memcpy(place, values.data(), bytes);
  place += bytes;
}

void take_data(Model& model, const ModelLayout& layout, Precision precision, ModelSource& source) {
  const auto context = static_cast<std::size_t>(model.context_features());
  for (const auto& [scaler, columns] : {std::pair{&model.scaler, model.columns.size()},
                                        std::pair{&model.context_scaler, context}}) {
    scaler->mean = source.take<double>(columns);
    scaler->deviation = source.take<double>(columns);
    scaler->low = source.take<double>(scaler->low.size());
    scaler->high = source.take<double>(scaler->high.size());
  }
  model.permutations = layout.permutations;
  for (Permutation& permutation : model.permutations) {
    permutation.index = source.take<std::int64_t>(permutation.index.size());
  }
  if (precision == Precision::float32) {
    model.parameters = source.take<float>(layout.parameter_count);
  } else {
    model.parameters = source.take<double>(layout.parameter_count);
  }
}

struct Promised {
  DescribedModel described;
  ModelLayout layout;
};

/// What the header says, which must fit together before anything behind it is kept.
Promised read_promises(const ModelSource& source) {
  const Header header = read_header(source.header());
  DescribedModel described = read_description(header.description, header.version);
  check_names(described.model);
  const int version = format_version(described.model);
  if (version != header.version) {
    refuse_model("its version is " + std::to_string(header.version) + " where what it has is of " +
                 std::to_string(version));
  }
  ModelLayout layout = layout_of(described.model, described.precision, source.data_bytes());
  check_tensors(header.tensors, layout, source.data_bytes());
  return {std::move(described), std::move(layout)};
}

Promised read_front(ModelSource& source) {
  try {
    return read_promises(source);
  } catch (const Json::exception&) {
    source.check_for_damage();
    throw;
  } catch (const Error&) {
    source.check_for_damage();
    throw;
  }
}

Model read_model(const ModelSource::Read& read, std::optional<std::uint64_t> size) {
  ModelSource source(read, size);
  auto [described, layout] = read_front(source);
  take_data(described.model, layout, described.precision, source);
  source.check_end();
  check_numbers(described.model, layout);
  return std::move(described.model);
}

/// The system's failure to read a file, whose message has the file's name.
struct Unreadable {
  Error error;
};

// Runs `work`, and has its errors begin with the file's name.
template <class Work>
auto naming(const std::string& name, const Work& work) {
  const auto message = [&name](const std::string& reason) {
    return printable(name, 4096) + ": " + printable(reason, 400);
  };
  try {
    return work();
  } catch (const Json::exception&) {
    throw Error(message("not a valid model: its header cannot be read"));
  } catch (const Error& error) {
    throw Error(message(error.what()));
  }
}

}  // namespace

int format_version(const Model& model) {
  const auto has = [&](Support::Kind kind) {
    return std::any_of(model.supports.begin(), model.supports.end(),
                       [&](const Support& support) { return support.kind == kind; });
  };
  if (model.cell_net.components > 1) return 8;
  if (any_drift(model.supports) || any_early_winding(model.supports)) return 7;
  if (any_winding(model.supports)) return 6;
  if (has(Support::Kind::asinh)) return 5;
  if (cut_columns(model.supports) > 0 || !model.context_kinds.empty()) return 4;
  if (has(Support::Kind::arc) || !model.context_scaler.low.empty()) return 3;
  return any_bounded(model.supports) ? 2 : 1;
}

std::string to_bytes(const Model& model) {
  check_names(model);
  const ModelLayout layout = layout_of(model, model.precision(), kMaxDataBytes);
  check_numbers(model, layout);

  std::string bytes =
      lay_out(format_version(model), layout.tensors, describe_model(model), layout.data_bytes);
  char* place = bytes.data() + bytes.size() - layout.data_bytes;
  for (const Scaler* scaler : {&model.scaler, &model.context_scaler}) {
    put(place, scaler->mean);
    put(place, scaler->deviation);
    put(place, scaler->low);
    put(place, scaler->high);
  }
  for (const Permutation& permutation : model.permutations) put(place, permutation.index);
  std::visit([&place](const auto& values) { put(place, values); }, model.parameters);
  seal(bytes);
  return bytes;
}

Model from_bytes(std::string_view bytes, const std::string& name) {
  const auto read = [rest = bytes](char* to, std::size_t size) mutable {
    const std::size_t count = rest.copy(to, size);
    rest.remove_prefix(count);
    return count;
  };
  return naming(name, [&] { return read_model(read, bytes.size()); });
}

Model load_model(const std::string& path) {
  InputFile file(path);
  const auto read = [&](char* to, std::size_t size) {
    try {
      return file.read(to, size);
    } catch (const Error& problem) {
      throw Unreadable{problem};
    }
  };
  try {
    return naming(file.name(), [&] { return read_model(read, file.size()); });
  } catch (const Unreadable& file_problem) {
    throw file_problem.error;
  }
}

void save_model(const Model& model, const std::string& path, std::function<bool()> stop) {
  refuse_terminal(path, "a model");
  const std::string name = path == "-" ? "standard output" : path;
  write_file(path, naming(name, [&] { return to_bytes(model); }), std::move(stop));
}

}  // namespace nflow
