#include "nflow/model_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "io/model_description.h"
#include "io/model_layout.h"
#include "io/safetensors.h"
#include "nflow/error.h"
#include "nflow/input_file.h"
#include "nflow/output_file.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

using Json = nlohmann::json;

// There is one way to lay out a model, so what a file claims is compared, never computed with.
void check_tensors(const Json& claimed, const ModelLayout& layout, std::size_t data_bytes) {
  for (const StoredTensor& tensor : layout.tensors) {
    const auto found = claimed.find(tensor.name);
    if (found == claimed.end()) refuse_model("it lacks the tensor " + tensor.name);
    if (*found != describe_tensor(tensor)) {
      refuse_model("the tensor " + tensor.name + " is " + found->dump() + " where " +
                   describe_tensor(tensor).dump() + " was expected");
    }
  }
  if (claimed.size() != layout.tensors.size()) refuse_model("it has tensors that its flow lacks");
  if (layout.data_bytes != data_bytes) refuse_model("it has data that belong to no tensor");
}

template <class T>
void put(char*& place, const std::vector<T>& values) {
  const std::size_t bytes = values.size() * sizeof(T);
  if (bytes != 0) std::memcpy(place, values.data(), bytes);
  place += bytes;
}

template <class T>
std::vector<T> take(std::string_view& data, std::uint64_t count) {
  std::vector<T> values(count);
  if (count != 0) std::memcpy(values.data(), data.data(), count * sizeof(T));
  data.remove_prefix(count * sizeof(T));
  return values;
}

void take_data(Model& model, const ModelLayout& layout, Precision precision,
               std::string_view data) {
  for (const auto& [scaler, columns] : {std::pair{&model.scaler, model.columns.size()},
                                        std::pair{&model.context_scaler, model.context.size()}}) {
    scaler->mean = take<double>(data, columns);
    scaler->deviation = take<double>(data, columns);
  }
  model.permutations = layout.permutations;
  for (Permutation& permutation : model.permutations) {
    permutation.index = take<std::int64_t>(data, permutation.index.size());
  }
  if (precision == Precision::float32) {
    model.parameters = take<float>(data, layout.parameter_count);
  } else {
    model.parameters = take<double>(data, layout.parameter_count);
  }
}

Model read_model(std::string_view bytes) {
  const Container container = open_container(bytes);
  auto [model, precision] = read_description(container.description, container.version);
  check_names(model);
  const ModelLayout layout = layout_of(model, precision, container.data.size());
  check_tensors(container.tensors, layout, container.data.size());
  take_data(model, layout, precision, container.data);
  check_numbers(model, layout);
  return std::move(model);
}

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

int format_version(const Model& model) { return any_bounded(model.supports) ? 2 : 1; }

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
  }
  for (const Permutation& permutation : model.permutations) put(place, permutation.index);
  std::visit([&place](const auto& values) { put(place, values); }, model.parameters);
  seal(bytes);
  return bytes;
}

Model from_bytes(std::string_view bytes, const std::string& name) {
  return naming(name, [&] { return read_model(bytes); });
}

Model load_model(const std::string& path) {
  InputFile file(path);
  std::string bytes;
  file.read_up_to(kFixedBytes, bytes);
  // A wrong file, however large or endless, is not read beyond what a model would have.
  const std::uint64_t size = naming(file.name(), [&] { return promised_size(bytes); });
  file.read_up_to(size + 1, bytes);
  return from_bytes(bytes, file.name());
}

void save_model(const Model& model, const std::string& path, std::function<bool()> stop) {
  refuse_terminal(path, "a model");
  const std::string name = path == "-" ? "standard output" : path;
  write_file(path, naming(name, [&] { return to_bytes(model); }), std::move(stop));
}

}  // namespace nflow
