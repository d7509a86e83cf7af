#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "nflow/error.h"
#include "nflow/flow_spec.h"

using namespace nflow;

namespace {

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string refusal(const std::string& text) {
  try {
    parse_flow(text);
  } catch (const UsageError& problem) {
    return problem.what();
  }
  return "";
}

}  // namespace

TEST_SUITE("text") {
  TEST_CASE("a flow's widths go up to the next option or link") {
    CHECK(
        to_text(parse_flow("maf:hidden=1,2,3:net=mlp,actnorm,maf:net=mlp:hidden=4 , 5,shuffle")) ==
        to_text(parse_flow("maf:net=mlp:hidden=1,2,3,actnorm,maf:hidden=4,5:net=mlp,shuffle")));
    CHECK(parse_flow("nsf-ar:hidden=7,8:bins=4").links.at(0).options.bins == 4);
    CHECK(refusal("maf:hidden=1,2:dropout=0,3") ==
          "unknown flow '3'; there are planar radial "
          "realnvp maf conv1x1 actnorm nsf-ar nsf-cl "
          "mixture neural-mixture marginal reverse shuffle");
    CHECK(refusal("actnorm,1,2") != "");
    CHECK(parse_flow("maf:hidden=" + repeated("1,", 63) + "1").links.at(0).options.hidden.size() ==
          64);
  }

  TEST_CASE("a long text of a flow is refused soon, and shortly") {
    const auto begin = std::chrono::steady_clock::now();
    for (const std::string& text :
         {"maf:hidden=" + repeated("1,", 1'000'000) + "1", repeated("shuffle,", 250'000) + "maf",
          repeated("1,", 1'000'000), std::string(2'000'000, ','), std::string(2'000'000, ':'),
          "maf" + repeated(":hidden=1", 200'000), std::string(2'000'000, 'x'),
          "maf:" + std::string(2'000'000, 'x') + "=1", "maf:net=" + std::string(2'000'000, 'x')}) {
      const std::string message = refusal(text);
      CHECK(!message.empty());
      CHECK_MESSAGE(message.size() < 600, message);
    }
    // The first alone took minutes.
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
  }

  TEST_CASE("a chain has at most 512 links, however it is repeated") {
    CHECK(parse_flow("shuffle", 512).links.size() == 512);
    CHECK(parse_flow(repeated("shuffle,", 255) + "shuffle", 2).links.size() == 512);
    for (const Index layers : {Index{0}, Index{-1}, Index{513}, Index{1} << 62}) {
      CHECK_THROWS_AS(parse_flow("shuffle,shuffle", layers), UsageError);
    }
    CHECK_THROWS_AS(parse_flow("shuffle,shuffle", 257), UsageError);
  }
}
