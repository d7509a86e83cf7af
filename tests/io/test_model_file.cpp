#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>

#include "io/model_file_pieces.h"
#include "nflow/error.h"
#include "nflow/model_file.h"

using namespace nflow;
using namespace model_file;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <class T>
std::string saving_refusal(void (*spoil)(Model&)) {
  Model model = some_model<T>(true);
  spoil(model);
  try {
    to_bytes(model);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

struct TemporaryFile {
  std::string path = "nflow-test-" + std::to_string(::getpid()) + ".nflow";
  ~TemporaryFile() { std::remove(path.c_str()); }
};

}  // namespace

TEST_SUITE_BEGIN("io");

TEST_CASE_TEMPLATE("model file: bytes to model to the same bytes", T, float, double) {
  for (const bool with_context : {false, true}) {
    const Model model = some_model<T>(with_context);
    const std::string bytes = to_bytes(model);
    const Model again = from_bytes(bytes, "m.nflow");
    CHECK(to_bytes(again) == bytes);
    CHECK(again.columns == model.columns);
    CHECK(again.context == model.context);
    CHECK(again.scaler.mean == model.scaler.mean);
    CHECK(again.scaler.deviation == model.scaler.deviation);
    CHECK(again.context_scaler.mean == model.context_scaler.mean);
    CHECK(again.parameters == model.parameters);
    REQUIRE(again.permutations.size() == model.permutations.size());
    CHECK(again.permutations[0].index == model.permutations[0].index);
    CHECK(to_text(again.flow) == to_text(model.flow));
    CHECK(again.training.seed == model.training.seed);
    CHECK(again.training.validation_log_prob == model.training.validation_log_prob);
  }
}

TEST_CASE("model file: the layout is the one that model_file.h promises") {
  const std::string bytes = some_bytes();
  const Pieces pieces = take_apart(bytes);
  CHECK(starts_with(pieces.header, R"({"__metadata__":{"format":"nflow","digest":")"));
  CHECK(pieces.header.size() % 8 == 0);
  CHECK(put_together(pieces) == bytes);
  CHECK(digest("123456789") == "995dc9bbdf1939fa");  // the catalogue's check value
  double mean = 0;
  std::memcpy(&mean, pieces.data.data(), sizeof mean);
  CHECK(mean == 1e6);
  CHECK(has(pieces.header,
            R"("scaler.deviation":{"data_offsets":[24,48],"dtype":"F64","shape":[3]})"));
}

TEST_CASE("model file: a training record without a number") {
  Model model = some_model<double>(false);
  model.training.validation_log_prob = kNaN;
  const std::string bytes = to_bytes(model);
  const Model again = from_bytes(bytes, "m.nflow");
  CHECK(std::isnan(again.training.validation_log_prob));
  CHECK(to_bytes(again) == bytes);
}

TEST_CASE_TEMPLATE("model file: what cannot be read again is not written", T, float, double) {
  CHECK(saving_refusal<T>([](Model&) {}) == "");
  CHECK(
      has(saving_refusal<T>([](Model& m) { std::get<std::vector<T>>(m.parameters)[0] = T(kNaN); }),
          "a parameter of 1.actnorm."));
  CHECK(has(saving_refusal<T>([](Model& m) { std::get<std::vector<T>>(m.parameters).pop_back(); }),
            "its parameters are not those of its flow"));
  CHECK(has(saving_refusal<T>([](Model& m) { m.columns[1] = "gr\xf6\xdf"; }),
            "the name of column 2 is not UTF-8"));
  CHECK(has(saving_refusal<T>([](Model& m) { m.columns[1] = "z"; }), "it has two columns \"z\""));
  CHECK(has(saving_refusal<T>([](Model& m) { m.scaler.deviation[1] = 0; }), "a deviation"));
  CHECK(has(saving_refusal<T>([](Model& m) { m.scaler.mean.pop_back(); }), "its scaler"));
  CHECK(has(saving_refusal<T>([](Model& m) { m.permutations.clear(); }), "its permutations"));
  CHECK(has(saving_refusal<T>([](Model& m) { m.training.rows = -1; }), "is negative"));
}

TEST_CASE("model file: save and load") {
  const TemporaryFile file;
  const Model model = some_model<float>(true);
  save_model(model, file.path);
  CHECK(to_bytes(load_model(file.path)) == some_bytes());

  const auto refused = [&file](const std::string& bytes, const std::string& text) {
    std::ofstream(file.path, std::ios::binary) << bytes;
    CHECK_THROWS_WITH_AS(load_model(file.path), (file.path + ": " + text).c_str(), Error);
  };
  refused("", "not an nflow model");
  refused(some_bytes().substr(0, 100), "the model file is cut short: 100 bytes where " +
                                           std::to_string(some_bytes().size()) + " were expected");
  refused(some_bytes() + some_bytes(), "the model file is damaged (it goes on after its " +
                                           std::to_string(some_bytes().size()) + " bytes)");
  CHECK_THROWS_AS(load_model(file.path + ".absent"), Error);
  CHECK_THROWS_AS(load_model("."), Error);
  CHECK_THROWS_WITH_AS(load_model("/dev/zero"), "/dev/zero: not an nflow model", Error);

  Model bad = model;
  bad.scaler.mean[0] = kNaN;
  CHECK_THROWS_WITH_AS(save_model(bad, file.path),
                       (file.path + ": not a valid model: a mean is not finite").c_str(), Error);
}

TEST_SUITE_END();
