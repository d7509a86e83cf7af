#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "report/progress_text.h"

namespace {

using namespace nflow::app;

Stage stage(double share) {
  Stage stage;
  stage.what = "epoch 12";
  stage.share = share;
  stage.seconds = 30;
  stage.rate = 61234.5;
  stage.log_prob = -12.34567;
  stage.time_left = 80;
  return stage;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("the progress bar tells all where there is room") {
    CHECK(bar_text(stage(0.5), 90) ==
          "epoch 12 [============>           ]  50%, 61234 rows/s, log p -12.3457, 1m20s left");
    CHECK(bar_text(stage(1), 90) ==
          "epoch 12 [========================] 100%, 61234 rows/s, log p -12.3457, 1m20s left");
    CHECK(line_text(stage(0.5)) ==
          "epoch 12, 50%, validation log p -12.3457 so far, 61234 rows/s, 1m20s left");
  }

  TEST_CASE("progress of several trainings goes on where the last one ended") {
    CHECK(training_parts(1, false).size() == 1);
    CHECK(training_parts(1, false)[0].name == "");
    for (const bool trials : {false, true}) {
      const std::vector<TrainingPart> parts = training_parts(3, trials);
      REQUIRE(parts.size() == (trials ? 4 : 3));
      CHECK(parts[1].name == (trials ? "trial 2 of 3" : "2 of 3"));
      double done = 0;
      for (const TrainingPart& part : parts) {
        CHECK(part.begin == doctest::Approx(done));
        done += part.width;
      }
      CHECK(done == doctest::Approx(1));
      if (trials) CHECK(parts[3].width == doctest::Approx(10 * parts[0].width));
    }
    const std::vector<TrainingPart> two = training_parts(2, false);
    Stage first = stage(0.5), second = stage(0.5), end = stage(1);
    put_in_whole(first, two[0]);
    CHECK(first.share == 0.25);
    CHECK(first.own_share == 0.5);
    CHECK(first.time_left == 80 + 160);
    put_in_whole(second, two[1]);
    CHECK(second.share == 0.75);
    CHECK(second.time_left == 80);
    end.time_left = 0;
    put_in_whole(end, two[0]);
    CHECK(end.share == 0.5);
    CHECK(end.time_left == end.seconds);
    const TrainingPart fold{"fold 2 of 3", 0.25, 0.25};
    CHECK(within(fold, two[1]).name == "fold 2 of 3, 2 of 2");
    CHECK(within(fold, two[1]).begin == 0.375);
    CHECK(within(fold, two[1]).width == 0.125);
    CHECK(within(fold, {}).name == "fold 2 of 3");
    CHECK(within({}, two[0]).name == "1 of 2");
    CHECK(within({}, two[1]).begin == two[1].begin);
    Stage unknown;
    put_in_whole(unknown, two[0]);
    CHECK(std::isnan(unknown.share));
    CHECK(std::isnan(unknown.time_left));
  }

  TEST_CASE("what is not known is left out") {
    Stage first;
    first.what = "epoch 1";
    CHECK(bar_text(first, 80) == "epoch 1");
    CHECK(line_text(first) == "epoch 1");
    first.share = 0;
    CHECK(bar_text(first, 80) == "epoch 1 [>                       ]   0%");
  }

  TEST_CASE("the progress bar keeps to the width, and gives up whole parts") {
    for (std::size_t width = 0; width < 100; ++width) {
      CAPTURE(width);
      const std::string text = bar_text(stage(0.5), width);
      CHECK(text.size() <= width);
      if (width >= 13) CHECK(text.find("50%") != text.npos);
      if (width >= 25) CHECK(text.find("1m20s left") != text.npos);
      for (const char* part : {", 61234 rows/s", ", log p -12.3457", ", 1m20s left", "]"}) {
        const std::string first = std::string(part).substr(0, 3);
        CHECK((text.find(first) == text.npos) == (text.find(part) == text.npos));
      }
    }
  }

  TEST_CASE("the progress bar grows from none to full, whatever share it is given") {
    std::ptrdiff_t before = 0;
    for (double share = -0.1; share < 1.2; share += 0.01) {
      const std::string text = bar_text(stage(share), 90);
      const std::ptrdiff_t cells = std::count(text.begin(), text.end(), '=');
      CHECK(cells >= before);
      CHECK(text.size() == bar_text(stage(0), 90).size());
      before = cells;
    }
    CHECK(before == 24);
  }

  TEST_CASE("lines of progress become rarer, but never rarer than every five minutes") {
    CHECK(next_line(0) == 10);
    CHECK(next_line(10) == 20);
    CHECK(next_line(20) == 40);
    for (double now = 0.5; now < 1e5; now *= 1.1) {
      const double pause = next_line(now) - now;
      CHECK(pause > 0);
      CHECK(pause <= doctest::Approx(300));
    }
  }

  TEST_CASE("durations have two units at most") {
    CHECK(duration_text(0) == "0s");
    CHECK(duration_text(59.6) == "1m00s");
    CHECK(duration_text(80) == "1m20s");
    CHECK(duration_text(3600 * 27 + 60 * 5) == "27h05m");
    CHECK(duration_text(INFINITY).find('h') != std::string::npos);
  }
}
