#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "nflow/nearest.h"

using nflow::nearest;

TEST_SUITE("text") {
  TEST_CASE("nearest: a likely misspelling or nothing") {
    const std::vector<std::string> flows = {"planar", "radial", "realnvp",
                                            "maf",    "nsf-ar", "nsf-cl"};
    CHECK(nearest("planer", flows) == "planar");
    CHECK(nearest("plnaar", flows) == "planar");
    CHECK(nearest("RealNVP", flows) == "realnvp");
    CHECK(nearest("real-nvp", flows) == "realnvp");
    CHECK(nearest("nsf_cl", flows) == "nsf-cl");
    CHECK(nearest("maff", flows) == "maf");
    CHECK(nearest("glow", flows).empty());
    const std::vector<std::string> options = {"max-steps",  "learning-rate", "log-level",
                                              "log-format", "epochs",        "id"};
    CHECK(nearest("steps", options) == "max-steps");
    CHECK(nearest("rate", options) == "learning-rate");
    CHECK(nearest("max-epochs", options) == "epochs");
    CHECK(nearest("log", options).empty());  // which of the two?
    CHECK(nearest("tep", options).empty());
    CHECK(nearest("my-id", options).empty());
    CHECK(nearest("", flows).empty());
    CHECK(nearest("x", {"y", "z"}).empty());
    CHECK(nearest("X", {"y", "x"}) == "x");
    CHECK(nearest("maf", {}).empty());
  }
}
