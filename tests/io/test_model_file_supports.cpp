#include <doctest/doctest.h>

#include "io/model_file_pieces.h"
#include "nflow/error.h"
#include "nflow/model_file.h"
#include "train/circles.h"

using namespace nflow;
using namespace nflow::testing;

TEST_SUITE("io") {
  TEST_CASE("model file: supports make it version 2 and are read back") {
    const Model model = train_on({kPositive, kInterval, kInteger, kReal}, "maf:hidden=4");
    CHECK(format_version(model) == 2);
    const std::string bytes = to_bytes(model);
    const Model back = from_bytes(bytes, "m.nflow");
    REQUIRE(back.supports.size() == 4);
    for (std::size_t j = 0; j < 4; ++j) {
      CHECK(to_text(back.supports[j]) == to_text(model.supports[j]));
    }
    CHECK(to_bytes(back) == bytes);
    const RowMatrix x = draws(model.supports, 100, 3).x;
    CHECK(log_prob(back, x) == log_prob(model, x));
    Model wrong = model;
    wrong.supports.pop_back();
    CHECK_THROWS_AS(to_bytes(wrong), Error);
    wrong = model;
    wrong.supports[1].high = kInfinity;
    CHECK_THROWS_AS(to_bytes(wrong), Error);
    wrong.supports = std::vector<Support>(4);
    CHECK(format_version(wrong) == 1);
  }

  TEST_CASE("model file: circles cut open and ranges of contexts make it version 3") {
    const Model arc = train_on({kArc, kReal}, "maf:hidden=4");
    CHECK(format_version(arc) == 3);
    const Model again = from_bytes(to_bytes(arc), "m.nflow");
    CHECK(to_text(again.supports[0]) == "CIRCULAR[-90,270,30]");
    const RowMatrix x = draws(arc.supports, 100, 3).x;
    CHECK(log_prob(again, x) == log_prob(arc, x));

    Dataset fit = draws({kReal, kReal}, 500, 1);
    fit.context = fit.x.rightCols(1);
    fit.x = RowMatrix(fit.x.leftCols(1));
    const Model given = train({"y"}, {"c"}, fit, fit, quick("maf:hidden=4", 10), nullptr);
    CHECK(format_version(given) == 3);
    const Model back = from_bytes(to_bytes(given), "m.nflow");
    CHECK(back.context_scaler.low == given.context_scaler.low);
    CHECK(back.context_scaler.high == given.context_scaler.high);
    CHECK(to_bytes(back) == to_bytes(given));
    Model wrong = given;
    std::swap(wrong.context_scaler.low, wrong.context_scaler.high);
    CHECK_THROWS_AS(to_bytes(wrong), Error);
    wrong.context_scaler.low.clear();
    CHECK_THROWS_AS(to_bytes(wrong), Error);
    wrong.context_scaler.high.clear();  // as earlier versions had it
    CHECK(format_version(wrong) == 1);
    CHECK(to_bytes(from_bytes(to_bytes(wrong), "m.nflow")) == to_bytes(wrong));
    const auto refused = [](const Model& model, const std::string& from, const std::string& to) {
      CHECK_THROWS_AS(from_bytes(model_file::with_header(to_bytes(model), from, to), "m.nflow"),
                      Error);
    };
    refused(wrong, R"("version":"1")", R"("version":"3")");
    refused(given, R"("version":"3")", R"("version":"1")");
    refused(arc, R"("version":"3")", R"("version":"2")");
  }

  TEST_CASE("model file: scales make it version 5, and no earlier version has them") {
    const Model model = train_on({kAsinh, kReal}, "maf:hidden=4");
    CHECK(format_version(model) == 5);
    const std::string bytes = to_bytes(model);
    const Model back = from_bytes(bytes, "m.nflow");
    CHECK(to_text(back.supports[0]) == "ASINH[3,0.02]");
    CHECK(to_bytes(back) == bytes);
    const RowMatrix x = draws(model.supports, 100, 3).x;
    CHECK(log_prob(back, x) == log_prob(model, x));
    for (const std::string version : {"1", "2", "3", "4", "6"}) {
      const std::string other =
          model_file::with_header(bytes, R"("version":"5")", R"("version":")" + version + '"');
      CHECK_THROWS_AS(from_bytes(other, "m.nflow"), Error);
    }
  }

  TEST_CASE("model file: lies about supports are refused") {
    const std::string bytes = to_bytes(train_on({kPositive, kInterval}, "maf:hidden=4"));
    const auto refused = [&](const std::string& from, const std::string& to) {
      CAPTURE(to);
      CHECK_THROWS_AS(from_bytes(model_file::with_header(bytes, from, to), "m.nflow"), Error);
    };
    const std::string list = R"([\"POSITIVE\",\"[2,5]\"])";
    refused(list, R"([\"POSITIVE\"])");
    refused(list, R"([\"POSITIVE\",\"[2,5]\",\"REAL\"])");
    refused(list, R"([\"REAL\",\"REAL\"])");
    refused(list, R"([\"POSITIVE\",\"[2.0,5]\"])");
    refused(list, R"([\"POSITIVE\",\"[5,2]\"])");
    refused(list, R"([\"POSITIVE\",2])");
    refused(list, "null");
    refused(R"(\"support\")", R"(\"supports\")");
  }

  TEST_CASE("model file: circles are read back, and lies about them are refused") {
    const Model model = train_followers("maf:hidden=4", 5);
    const std::string bytes = to_bytes(model);
    CHECK(format_version(model) == 2);
    const Model back = from_bytes(bytes, "m.nflow");
    CHECK(to_bytes(back) == bytes);
    const RowMatrix x = followers(100, 3).x;
    CHECK(log_prob(back, x) == log_prob(model, x));
    CHECK(tensor_places(model.flow, 2, 0, Front{{}, 1, {}}).front().name ==
          "circular.net.out.bias");

    // Windings are a new version's, and as many as there are circles before.
    std::vector<Support> wound{kAngle, kAngle};
    wound[1].winding = {1};
    const Model round = train_with(wound, companions(300, 1), companions(100, 2), steps("maf", 5));
    const std::string written = to_bytes(round);
    CHECK(format_version(round) == 6);
    const Model again = from_bytes(written, "m.nflow");
    CHECK(to_bytes(again) == written);
    CHECK(again.supports[1].winding == std::vector<int>{1});
    CHECK(tensor_places(round.flow, 2, 0, round.front()).front().name == "circular.zoom");

    wound[0].winding = {0, 1};  // a later circle, and drifts
    wound[1].winding.clear();
    wound[0].waves = 3;
    const Model drifting =
        train_with(wound, companions(300, 1), companions(100, 2), steps("maf", 5));
    const std::string latest = to_bytes(drifting);
    CHECK(format_version(drifting) == 7);
    const Model third = from_bytes(latest, "m.nflow");
    CHECK(to_bytes(third) == latest);
    CHECK(to_text(third.supports[0]) == to_text(wound[0]));
    CHECK(tensor_places(drifting.flow, 2, 0, drifting.front())[1].name == "circular.drift");
    CHECK(log_prob(third, companions(100, 3).x) == log_prob(drifting, companions(100, 3).x));

    Model wrong = round;
    wrong.supports[0].winding = {1};
    CHECK_THROWS_AS(to_bytes(wrong), Error);
    wrong = model;
    wrong.scaler.mean[1] = 1;
    CHECK_THROWS_AS(to_bytes(wrong), Error);
    wrong = model;
    wrong.supports[0] = kAngle;  // none is left for the flow
    CHECK_THROWS_AS(to_bytes(wrong), Error);
    wrong = model;
    wrong.flow = {};
    CHECK_THROWS_AS(to_bytes(wrong), Error);
    wrong = model;
    wrong.supports.push_back(kAngle);
    CHECK_THROWS_AS(to_bytes(wrong), Error);

    const auto refused = [&](const std::string& from, const std::string& to) {
      CAPTURE(to);
      CHECK_THROWS_AS(from_bytes(model_file::with_header(bytes, from, to), "m.nflow"), Error);
    };
    refused(R"(,\"CIRCULAR[)", R"(,\"[)");
    refused(R"([\"REAL\",)", R"([\"CIRCULAR[0,1]\",)");
    refused(R"(\"flow\":\"maf)", R"(\"flow\":\"\",\"maf\":\")");
  }

  TEST_CASE("model file: circles alone need no flow") {
    const Model model = train_with({kDay}, hours(200, 1), hours(50, 2), quick("maf", 5));
    const std::string bytes = to_bytes(model);
    CHECK(from_bytes(bytes, "m.nflow").flow.links.empty());
    CHECK(to_bytes(from_bytes(bytes, "m.nflow")) == bytes);
  }
}
