#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <random>

#include "io/model_file_pieces.h"
#include "nflow/error.h"
#include "nflow/model_file.h"

using namespace nflow;
using namespace model_file;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The text of the nflow::Error that refuses these bytes; "" where they are taken. Anything else
// that is thrown fails the test.
std::string refusal(const std::string& bytes) {
  try {
    from_bytes(bytes, "m.nflow");
  } catch (const UsageError&) {
    return "a usage error";
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// Some bytes with `from` in the header replaced, and a right digest.
std::string with_header(const std::string& from, const std::string& to) {
  return model_file::with_header(some_bytes(), from, to);
}

// Some bytes with a value overwritten in the data, and a right digest.
template <class T>
std::string with_data(std::size_t place, T value) {
  Pieces pieces = take_apart(some_bytes());
  REQUIRE(place + sizeof value <= pieces.data.size());
  std::memcpy(&pieces.data[place], &value, sizeof value);
  return put_together(pieces);
}

}  // namespace

TEST_SUITE_BEGIN("io");

TEST_CASE("model file: every shorter file is refused") {
  const std::string bytes = some_bytes();
  const std::string size = std::to_string(bytes.size());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const std::string text = refusal(bytes.substr(0, n));
    const std::string cut = "m.nflow: the model file is cut short: " + std::to_string(n) + " bytes";
    CAPTURE(n);
    if (n < 52) {
      CHECK(text == "m.nflow: not an nflow model");
    } else if (n < 94) {
      CHECK(text == cut + " where more were expected");
    } else {
      CHECK(text == cut + " where " + size + " were expected");
    }
  }
  CHECK(refusal(bytes + " ") ==
        "m.nflow: the model file is damaged (it goes on after its " + size + " bytes)");
}

TEST_CASE("model file: every changed byte is found") {
  const std::string bytes = some_bytes();
  std::mt19937 random(1);
  for (int i = 0; i < 10000; ++i) {
    std::string damaged = bytes;
    const std::size_t place = random() % bytes.size();
    damaged[place] = static_cast<char>(damaged[place] ^ (1 + random() % 255));
    const std::string text = refusal(damaged);
    CAPTURE(place);
    CHECK(starts_with(text, "m.nflow: "));
    const bool in_data_or_text = place < 8 || place >= 94;
    if (in_data_or_text)
      CHECK(text == "m.nflow: the model file is damaged (digest does not match)");
  }
}

TEST_CASE("model file: a changed header with a right digest gives a model or an error") {
  const Pieces pieces = take_apart(some_bytes());
  std::mt19937 random(2);
  const std::string favourites = "\"\\{}[]:,0123456789-e. \0\xff";
  for (int i = 0; i < 3000; ++i) {
    Pieces changed = pieces;
    for (int changes = 1 + int(random() % 3); changes > 0; --changes) {
      const std::size_t place = 94 - 8 + random() % (changed.header.size() - 94 + 8);
      const char byte = favourites[random() % favourites.size()];
      if (random() % 3 == 0) {
        changed.header.insert(place, 1, byte);
      } else {
        changed.header[place] = byte;
      }
    }
    const std::string text = refusal(put_together(changed));
    const bool decent = text.empty() || starts_with(text, "m.nflow: ");
    CHECK_MESSAGE(decent, text);
  }
}

TEST_CASE("model file: what is no model, and what is a later one") {
  CHECK(refusal("") == "m.nflow: not an nflow model");
  CHECK(refusal(std::string(1000, '\0')) == "m.nflow: not an nflow model");
  CHECK(refusal("x,y\n1,2\n") == "m.nflow: not an nflow model");
  CHECK(refusal(with_header(R"("version":"1")", R"("version":"9")")) ==
        "m.nflow: written by a newer nflow (format 9; this one reads up to 8)");
  for (const std::string version : {"0", "-1", "", "1.0", "1 ", "99999999999999999999"}) {
    CHECK(has(refusal(with_header(R"("version":"1")", "\"version\":\"" + version + '"')),
              "its format version is"));
  }
  const std::string newline = with_header(R"("version":"1")", R"("version":"\u000a")");
  CHECK(!has(refusal(newline), "\n"));
}

TEST_CASE("model file: room for what later versions add") {
  CHECK(refusal(with_header(R"("version":"1")", R"("version":"1","note":"hi")")) == "");
  CHECK(refusal(with_header(R"(\"context\":)", R"(\"later\":[{}],\"context\":)")) == "");
}

TEST_CASE("model file: lies in the header") {
  const auto refused = [](const std::string& from, const std::string& to, const std::string& why) {
    CAPTURE(to);
    const std::string text = refusal(with_header(from, to));
    CHECK_MESSAGE(has(text, "m.nflow: not a valid model: " + why), text);
  };
  const std::string mean = R"("scaler.mean":{"data_offsets":[0,24],"dtype":"F64","shape":[3]})";
  const std::string tensor = "the tensor scaler.mean is ";
  const std::string huge = "18446744073709551615";
  refused(mean, R"("scaler.mean":{"data_offsets":[0,24],"dtype":"F32","shape":[6]})", tensor);
  refused(mean, R"("scaler.mean":{"data_offsets":[24,48],"dtype":"F64","shape":[3]})", tensor);
  refused(mean, R"("scaler.mean":{"data_offsets":[0,16],"dtype":"F64","shape":[2]})", tensor);
  refused(mean, R"("scaler.mean":{"data_offsets":[0,24],"dtype":"F64","shape":[)" + huge + "]}",
          tensor);
  refused(mean, R"("scaler.mean":{"data_offsets":[0,)" + huge + R"(],"dtype":"F64","shape":[3]})",
          tensor);
  refused(mean, R"("scaler.mean":[])", tensor);
  refused(R"("scaler.mean")", R"("scaler.nean")", "it lacks the tensor scaler.mean");
  refused(mean, mean + "," + mean, "its header has the key \"scaler.mean\" twice");
  refused(mean, mean + R"(,"more":{"data_offsets":[0,0],"dtype":"F64","shape":[0]})",
          "it has tensors that its flow lacks");
  refused(mean, mean + R"(,"deep":[[[[[[[[[[]]]]]]]]]])", "its header is nested too deeply");
  refused(mean, mean + ",", "its header cannot be read");
  refused(R"(\"context\":[\"z\",)", R"(\"context\":[\"mag\",)", "it has two columns \"mag\"");
  refused(R"(\"context\":)", R"(\"context\":[],\"context\":)",
          "its header has the key \"context\"");
  refused(R"(\"columns\":[)", R"(\"columns\":[1,)", "its header cannot be read");
  refused(R"(\"columns\":)", R"(\"columns\":[],\"other\":)", "it has no columns");
  refused(R"(\"rows\":1000)", R"(\"rows\":-1)", "rows is not a whole number");
  refused(R"(\"rows\":1000)", R"(\"rows\":9223372036854775808)", "rows is not a whole number");
  refused(R"(\"float32\")", R"(\"float64\")", "");
  refused(R"(\"float32\")", R"(\"float16\")", "precision is neither");

  const std::string unknown = refusal(with_header("actnorm", "actnork"));
  CHECK(starts_with(unknown, "m.nflow: "));
  std::string names;
  for (int i = 0; i < 5000; ++i) names += "\\\"c" + std::to_string(i) + "\\\",";
  refused(R"(\"columns\":[)", R"(\"columns\":[)" + names, "columns is not a list of at most 4096");
}

TEST_CASE("model file: a small file cannot ask for much memory") {
  Pieces pieces = take_apart(some_bytes());
  for (const std::uint64_t length :
       {std::uint64_t{1} << 63, ~std::uint64_t{0},
        std::uint64_t(pieces.header.size() + pieces.data.size() + 8), std::uint64_t{93}}) {
    CHECK(has(refusal(put_together(pieces, length)), "its header claims"));
  }
  std::string names;
  for (int i = 0; i < 4000; ++i) names += "\\\"c" + std::to_string(i) + "\\\",";
  CHECK(has(refusal(with_header(R"(\"columns\":[)", R"(\"columns\":[)" + names)),
            "its flow needs more data"));
  std::string links;
  for (int i = 0; i < 100; ++i) links += "nsf-cl:hidden=4096:bins=4,";
  CHECK(has(refusal(with_header(R"(\"flow\":\")", R"(\"flow\":\")" + links)),
            "its flow needs more data"));
}

TEST_CASE("model file: lies in the data") {
  const Pieces pieces = take_apart(some_bytes());
  const std::size_t permutation = (3 + 3 + 2 + 2) * sizeof(double);
  const std::size_t last_parameter = pieces.data.size() - sizeof(float);
  const TensorPlace last = tensor_places(some_model<float>(true).flow, 3, 2).back();
  const std::string start = "m.nflow: not a valid model: ";
  CHECK(refusal(with_data(0, kNaN)) == start + "a mean is not finite");
  for (const double bad : {0.0, -1.0, kNaN, std::numeric_limits<double>::infinity()}) {
    CHECK(refusal(with_data(24, bad)) == start + "a deviation is not a finite number above 0");
  }
  for (const std::int64_t bad : {std::int64_t{-1}, std::int64_t{3}, INT64_MIN, INT64_MAX}) {
    CHECK(has(refusal(with_data(permutation, bad)), "is not a permutation"));
  }
  std::int64_t second = 0;
  std::memcpy(&second, &pieces.data[permutation + sizeof second], sizeof second);
  CHECK(has(refusal(with_data(permutation, second)), "is not a permutation"));
  for (const float bad : {float(kNaN), std::numeric_limits<float>::infinity()}) {
    CHECK(has(refusal(with_data(last_parameter, bad)),
              start + "a parameter of " + last.name + " is not finite"));
  }
  CHECK(has(refusal(put_together({pieces.header, pieces.data + "12345678"})),
            "it has data that belong to no tensor"));
  CHECK(has(refusal(put_together({pieces.header, pieces.data.substr(8)})), start));
}

TEST_SUITE_END();
