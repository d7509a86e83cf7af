#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "io/model_file_pieces.h"
#include "io/safetensors.h"
#include "nflow/error.h"
#include "nflow/model_file.h"
#include "sanitized.h"

using namespace nflow;
using namespace model_file;

// That the header of a model is read in time in proportion to it, and that there is one way to
// write it, as nflow-model(5) says.

namespace {

std::string refusal(const std::string& bytes) {
  try {
    from_bytes(bytes, "m.nflow");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string with_header(const std::string& from, const std::string& to) {
  return model_file::with_header(some_bytes(), from, to);
}

/// What a header is refused for; "" where it is none. Spares us the digest, which takes longer.
std::string header_refusal(const std::string& from, const std::string& to) {
  std::string header = take_apart(some_bytes()).header;
  header.replace(header.find(from), from.size(), to);
  try {
    read_header(header);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string list_of(const std::string& item, std::size_t bytes) {
  std::string list = item;
  while (list.size() < bytes) list += "," + item;
  return list;
}

class Timer {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("model file: 8 MB that a reader does not know are passed over at once" *
            testing::kLong) {
    const std::size_t bytes = 8'000'000;
    const std::string version = R"("version":"1")";
    const Timer timer;
    for (const char* item : {"{}", "[]", "0", "\"x\"", R"({"a":{"b":[]}})"}) {
      CAPTURE(item);
      CHECK(header_refusal(version, version + R"(,"d":[)" + list_of(item, bytes) + "]") == "");
    }
    std::string keys;
    for (int i = 0; keys.size() < bytes; ++i) keys += ",\"k" + std::to_string(i) + "\":{}";
    CHECK(header_refusal(version, version + keys) == "");
    CHECK(has(header_refusal(version, version + keys + R"(,"k77":1)"), "the key \"k77\" twice"));
    CHECK(timer.seconds() < 120);  // the first alone took an hour
  }

  TEST_CASE("model file: entries that are no tensors are refused before they take memory") {
    const std::string mean = R"("scaler.mean":{)";
    for (const char* item : {"{}", "[]", "0"}) {
      CHECK(has(header_refusal(mean, R"("a":[)" + list_of(item, 100'000) + "]," + mean),
                "its header holds too much"));
    }
    CHECK(has(
        refusal(with_header(R"(\"columns\":[)", R"(\"columns\":[)" + list_of("[]", 100'000) + ",")),
        "its header holds too much"));
    CHECK(has(refusal(with_header(R"(\"columns\":)", R"(\"cells\":[)" + list_of("[]", 3'200'000) +
                                                         R"(],\"columns\":)")),
              "its header holds too much"));
  }

  TEST_CASE("model file: a model of many tensors is read at once") {
    Model model = some_model<float>(false);
    std::string widths = "1";
    for (int i = 1; i < 64; ++i) widths += ",1";
    model.flow = parse_flow("maf:hidden=" + widths, 64);
    const auto places = tensor_places(model.flow, 3, 0);
    REQUIRE(places.size() > 16'000);
    model.permutations.clear();
    model.parameters = std::vector<float>(
        std::size_t(places.back().offset + places.back().rows * places.back().cols));
    const Timer timer;
    const std::string bytes = to_bytes(model);
    CHECK(to_bytes(from_bytes(bytes, "m.nflow")) == bytes);
    CHECK(timer.seconds() < 30);  // it took minutes
  }

  TEST_CASE("model file: there is one way to write a header") {
    const auto refused = [](const std::string& from, const std::string& to,
                            const std::string& why) {
      CAPTURE(to);
      const std::string text = refusal(with_header(from, to));
      CHECK_MESSAGE(has(text, "m.nflow: not a valid model: " + why), text);
    };
    const std::string mean = R"("scaler.mean":{"data_offsets":[0,24],"dtype":"F64","shape":[3]})";
    const std::string deviation =
        R"("scaler.deviation":{"data_offsets":[24,48],"dtype":"F64","shape":[3]})";
    const std::string both = mean + "," + deviation;
    refused(both, deviation + "," + mean,
            "its tensors are in another order: scaler.deviation where scaler.mean was expected");
    for (const std::string number : {"3.0", "3e0", "-3", "\"3\"", "null", "[3]"}) {
      refused(mean,
              R"("scaler.mean":{"data_offsets":[0,24],"dtype":"F64","shape":[)" + number + "]}",
              "the tensor scaler.mean is ");
    }
    refused(mean, R"("scaler.mean":{"data_offsets":[-0,24],"dtype":"F64","shape":[3]})",
            "the tensor scaler.mean is ");
    refused(mean, R"("scaler.mean":{"data_offsets":[0,24],"dtype":"F64","shape":[3],"more":1})",
            "the tensor scaler.mean is ");
    refused(mean, R"("scaler.mean":{"data_offsets":[0,24],"shape":[3]})",
            "the tensor scaler.mean is ");
    refused(R"("version":"1")", R"("version":"01")", "its format version is");
    refused(R"(\"flow\":)", R"(\"support\":[\"REAL\",\"REAL\",\"REAL\"],\"flow\":)",
            "version 1 has no supports");
    refused(R"("version":"1")", R"("version":"1","d":[[[[[[[]]]]]]])", "its header is nested");
    CHECK(refusal(with_header(R"("version":"1")", R"("version":"1","d":[[[[[[]]]]]])")) == "");

    Pieces pieces = take_apart(some_bytes());
    pieces.header += "       \n";
    CHECK(has(refusal(put_together(pieces)), "its header is not padded with spaces"));
    pieces.header.back() = ' ';
    CHECK(refusal(put_together(pieces)) == "");
    // What the manual leaves open: keys of an entry in any order, and spacing.
    CHECK(refusal(with_header(
              mean, R"("scaler.mean" : {"dtype":"F64", "shape":[3], "data_offsets":[0, 24]})")) ==
          "");
  }
}
