#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "cli/cli.h"
#include "cli/parsing.h"

using cli::contains;
using cli::Outcome;
using cli::Workdir;

namespace {

using Words = std::vector<std::string>;

bool is_png(const std::string& bytes) {
  return bytes.rfind("\x89PNG\r\n", 0) == 0 && contains(bytes, "IEND");
}

bool is_svg(const std::string& text) {
  return text.rfind("<?xml", 0) == 0 && contains(text, "<svg") && contains(text, "</svg>");
}

/// A folder with t.csv of columns a,b, and a history.
void write_inputs(const Workdir& dir) {
  dir.write("t.csv", cli::table("ab", 60));
  dir.write("history.csv",
            "epoch,step,train,validation,learning_rate,seconds\n"
            "1,10,-5,-4,0.1,1\n2,20,-3,-2.5,0.1,2\n3,30,-2,-2.75,0.1,3\n");
}

/// A picture that is drawn; its bytes.
std::string picture(const Workdir& dir, const Words& words) {
  Words all{"plot"};
  all.insert(all.end(), words.begin(), words.end());
  const Outcome result = dir.nflow(all);
  CHECK_MESSAGE(result.status == 0, result.err);
  CHECK(result.err.empty());
  return result.out;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("plot draws every kind of picture, as PNG and as SVG") {
    const Workdir dir;
    write_inputs(dir);
    for (const char* kind : {"corner", "contours", "calibration", "links"}) {
      CAPTURE(kind);
      const Words words{"-m", cli::model(), "t.csv", "--kind", kind, "-o"};
      Words png = words, svg = words;
      png.emplace_back("p.png");
      svg.emplace_back("p.svg");
      CHECK(picture(dir, png).empty());
      CHECK(is_png(dir.read("p.png")));
      CHECK(picture(dir, svg).empty());
      const std::string drawn = dir.read("p.svg");
      CHECK(is_svg(drawn));
      CHECK(contains(drawn, kind == std::string("links") ? ">data<" : ">b<"));
      svg.insert(svg.end(), {"--threads", "3"});
      picture(dir, svg);
      CHECK(dir.read("p.svg") == drawn);
    }
    const std::string history =
        picture(dir, {"--kind", "history", "history.csv", "--format", "svg", "-o", "-"});
    CHECK(is_svg(history));
    CHECK(contains(history, "best: -2.5000 at epoch 2"));
    dir.write("history.csv", "epoch,train,validation\n1,-5,-4\n");
    CHECK(is_svg(picture(dir, {"--kind", "history", "history.csv", "--format", "svg", "-o", "-"})));
  }

  TEST_CASE("plot draws PDF, and says so where gnuplot cannot") {
    const Workdir dir;
    write_inputs(dir);
    const Words history{"--kind", "history", "history.csv", "-o"};
    Words pdf = history;
    pdf.emplace_back("p.pdf");
    picture(dir, pdf);
    CHECK(dir.read("p.pdf").rfind("%PDF-", 0) == 0);
    dir.write("gnuplot",
              "#!/bin/sh\necho 'line 0: unknown or ambiguous terminal name' >&2\nexit 1\n");
    const Outcome without = dir.shell(
        "chmod +x gnuplot\nPATH=$PWD:$PATH\n"
        "\"$NFLOW\" plot --kind history history.csv -o q.pdf\n");
    CHECK(without.status == 1);
    CHECK(cli::is_failure(without.err, {"gnuplot cannot draw", "try .svg"}));
  }

  TEST_CASE("plot writes the numbers of a picture as CSV, without gnuplot") {
    const Workdir dir;
    write_inputs(dir);
    const auto numbers = [&](const std::string& kind, const Words& inputs) {
      Words words{"--kind", kind, "-o", "p.csv"};
      words.insert(words.end(), inputs.begin(), inputs.end());
      picture(dir, words);
      Words lines = cli::lines(dir.read("p.csv"));
      CHECK(lines.at(0) == "panel,series,x,y,z");
      lines.erase(lines.begin());
      return lines;
    };
    const cli::Environment nowhere(
        std::vector<std::pair<std::string, std::string>>{{"PATH", "/nowhere"}});
    CHECK(numbers("history", {"history.csv"}) ==
          Words{"log p,training,1,-5,", "log p,training,2,-3,", "log p,training,3,-2,",
                "log p,validation,1,-4,", "log p,validation,2,-2.5,", "log p,validation,3,-2.75,"});
    const Words model{"-m", cli::model(), "t.csv"};
    const Words rows = cli::lines(dir.read("t.csv"));
    for (const char* kind : {"corner", "contours", "links"}) {
      CAPTURE(kind);
      const std::string panel = kind == std::string("links") ? "data" : "\"a, b\"";
      Words found;
      for (const std::string& line : numbers(kind, model)) {
        const std::string start = panel + ",data,";
        if (line.rfind(start, 0) != 0) continue;
        found.push_back(line.substr(start.size(), line.size() - start.size() - 1));
      }
      REQUIRE(found.size() == 60);
      for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(cli::numbers(found[i]) == cli::numbers(rows[i + 1]));
      }
    }
    // A density integrates to one over the picture, but for what lies outside.
    double sum = 0, low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    std::size_t points = 0;
    for (const std::string& line : numbers("contours", model)) {
      const std::string start = "\"a, b\",density,";
      if (line.rfind(start, 0) != 0) continue;
      const std::vector<double> row = cli::numbers(line.substr(start.size()));
      for (std::size_t j = 0; j < 2; ++j) {
        low[j] = std::min(low[j], row[j]);
        high[j] = std::max(high[j], row[j]);
      }
      sum += row[2];
      ++points;
    }
    const double area = (high[0] - low[0]) * (high[1] - low[1]);
    CHECK(sum * area / static_cast<double>(points) == doctest::Approx(1).epsilon(0.1));
    CHECK(numbers("calibration", model).size() == 3 * (21 + 4));
  }

  TEST_CASE("plot draws what train wrote of an epoch that was rolled back, and gaps in a history") {
    const Workdir dir;
    dir.write("t.csv", cli::table("ab", 60));
    REQUIRE(dir.nflow(cli::training(
                          {"--batch-size", "8", "--learning-rate", "1e30", "--history", "h.csv"}))
                .status == 0);
    CHECK_MESSAGE(contains(dir.read("h.csv"), "\n1,6,,-"), dir.read("h.csv"));
    const Words words{"--kind", "history", "h.csv", "--format", "svg", "-o", "-"};
    CHECK(is_svg(picture(dir, words)));
    dir.write("h.csv", "epoch,train,validation\n1,,-4\n2,-3,\n3,nan,-inf\n4,-2,-3.5\n5,-1,NA\n");
    const std::string drawn = picture(dir, words);
    CHECK(contains(drawn, "best: -3.5000 at epoch 4"));
    CHECK(cli::has_match(drawn, "M[0-9.,]+ M"));  // a curve that begins again
    dir.write("h.csv", "epoch,train,validation\n1,,\n2,,\n");
    const std::string empty = picture(dir, words);
    CHECK(is_svg(empty));
    CHECK(!contains(empty, "best"));
    dir.write("h.csv", "epoch,train,validation\n1,-1,-2\n,-1,-2\n");
    Words all{"plot"};
    all.insert(all.end(), words.begin(), words.end());
    CHECK(cli::is_failure(dir.nflow(all).err, {"h.csv:3: no epoch"}));
  }

  TEST_CASE("gnuplot ends with the plot that started it") {
    const Workdir dir;
    write_inputs(dir);
    REQUIRE(
        dir.shell("mkdir bin; printf '#!/bin/sh\\necho $$ > pid.new; mv pid.new pid; exec sleep "
                  "600\\n' > bin/gnuplot; chmod +x bin/gnuplot")
            .status == 0);
    for (const char* signal : {"TERM", "KILL"}) {
      CAPTURE(signal);
      const Outcome result = dir.shell(
          "PATH=$PWD/bin:$PATH; \"$NFLOW\" plot --kind history history.csv -o p.svg & nflow=$!\n"
          "wait_while() { n=0; while eval \"$1\" && [ $n -lt 400 ]; do sleep 0.05; n=$((n + 1)); "
          "done; }\n"
          "wait_while '[ ! -s pid ]'; kill -" +
          std::string(signal) +
          " $nflow; wait $nflow\n"
          "wait_while 'kill -0 $(cat pid) 2> none'; kill -9 $(cat pid) 2> none && echo alive; "
          "rm pid");
      CHECK(result.out.empty());
    }
  }

  TEST_CASE("plot waits for gnuplot where whoever started it does not wait for anything") {
    const Workdir dir;
    write_inputs(dir);
    const Outcome drawn = dir.shell(
        "env --ignore-signal=CHLD \"$NFLOW\" plot --kind history history.csv --format svg -o -");
    CHECK_MESSAGE(drawn.status == 0, drawn.err);
    CHECK(is_svg(drawn.out));
  }

  TEST_CASE("plot draws the same whatever gnuplot is set to elsewhere") {
    const Workdir dir;
    write_inputs(dir);
    const std::string plot = "\"$NFLOW\" plot --kind history history.csv --format svg -o -";
    const std::string usual = dir.shell(plot).out;
    CHECK(is_svg(usual));
    for (const char* setting : {"GNUTERM=x11", "GNUTERM=", "LC_ALL=de_DE.UTF-8"}) {
      CAPTURE(setting);
      const Outcome drawn = dir.shell(setting + std::string(" ") + plot);
      CHECK_MESSAGE(drawn.status == 0, drawn.err);
      CHECK(drawn.out == usual);
    }
  }

  TEST_CASE("plot takes an end in capitals, and writes no PNG to a terminal") {
    const Workdir dir;
    write_inputs(dir);
    picture(dir, {"--kind", "history", "history.csv", "-o", "p.PNG"});
    CHECK(is_png(dir.read("p.PNG")));
    int status = 0;
    const std::string shown =
        cli::Conversation(
            dir, {"plot", "--kind", "history", "history.csv", "--format", "png", "-o", "-"},
            cli::Conversation::Ends::terminal)
            .finish(status);
    CHECK(status == 2);
    CHECK(contains(shown, "a PNG picture is binary"));
    CHECK(!contains(shown, "PNG\r"));
  }

  TEST_CASE("plot draws columns of any size, or says that it cannot") {
    const Workdir dir;
    for (const char* size : {"1e-300", "1e-160", "1e-31", "1e31", "1e300"}) {
      CAPTURE(size);
      std::string table = "a,b\n";
      for (const std::string& line : cli::lines(cli::table("ab", 60))) {
        if (line == "a,b") continue;
        const double scale = std::stod(size);
        const std::vector<double> row = cli::numbers(line);
        std::ostringstream text;
        text << scale * row[0] << ',' << scale * row[1] << '\n';
        table += text.str();
      }
      dir.write("t.csv", table);
      REQUIRE(dir.nflow(cli::training({"--flow", "actnorm"})).status == 0);
      picture(dir, {"-m", "m.nflow", "t.csv", "--kind", "contours", "-o", "p.svg"});
      CHECK(contains(dir.read("p.svg"), ">a / " + std::string(size).substr(0, 2)));
      picture(dir, {"-m", "m.nflow", "t.csv", "-o", "p.svg"});
    }
    dir.write("t.csv", cli::table("ab", 60) + "1e300,1\n-1e308,2\n");
    REQUIRE(dir.nflow(cli::training({"--flow", "actnorm"})).status == 0);
    const Outcome wide = dir.nflow({"plot", "-m", "m.nflow", "t.csv", "-o", "q.svg"});
    CHECK(wide.status == 1);
    CHECK(cli::is_failure(wide.err, {"numbers from", "cannot be drawn"}));
    std::string ends;
    for (int i = 0; i < 3; ++i) ends += "-1.7e308,2\n1.7e308,2\n";
    dir.write("t.csv", cli::table("ab", 30) + ends);
    REQUIRE(dir.nflow(cli::training({"--flow", "actnorm"})).status == 0);
    dir.write("t.csv", cli::table("ab", 2000));
    for (const char* kind : {"corner", "contours"}) {
      const Outcome far =
          dir.nflow({"plot", "-m", "m.nflow", "t.csv", "--kind", kind, "-o", "q.svg"});
      CHECK(far.status == 1);
      CHECK_MESSAGE(cli::is_failure(far.err, {"samples are beyond the model's precision"}),
                    far.err);
    }
    CHECK(!dir.has("q.svg"));
  }

  TEST_CASE("plot draws a conditional model given the context of the rows") {
    const Workdir dir;
    dir.write("t.csv", cli::table("abc", 60));
    for (const char* kind : {"corner", "calibration"}) {
      picture(dir, {"-m", cli::conditional_model(), "t.csv", "--kind", kind, "--columns", "b", "-o",
                    "p.svg"});
      CHECK(contains(dir.read("p.svg"), ">b<"));
      CHECK(!contains(dir.read("p.svg"), ">a<"));
    }
    const Outcome none = dir.nflow(
        {"plot", "-m", cli::conditional_model(), "t.csv", "--kind", "contours", "-o", "p.png"});
    CHECK(none.status == 1);
    CHECK(cli::is_failure(none.err, {"conditional"}));
  }

  TEST_CASE("names of columns are drawn as they are and are no commands") {
    const Workdir dir;
    const std::string rows = cli::table("ab", 60);
    dir.write("t.csv", "\"it's `touch p1` $(touch p2)\",\"a_b^{c}'; system 'touch p3'; '\"\n" +
                           rows.substr(rows.find('\n') + 1));
    REQUIRE(dir.nflow(cli::training({})).status == 0);
    for (const char* kind : {"corner", "contours", "calibration"}) {
      picture(dir, {"-m", "m.nflow", "t.csv", "--kind", kind, "-o", "p.svg"});
      CHECK(contains(dir.read("p.svg"), "`touch p1` $(touch p2)"));
      CHECK(contains(dir.read("p.svg"), "a_b^{c}"));
    }
    CHECK(dir.files() == Words{"m.nflow", "p.svg", "t.csv"});
  }

  TEST_CASE("plot says where gnuplot is missing or fails, and leaves a former picture") {
    const Workdir dir;
    write_inputs(dir);
    dir.write("p.png", "former");
    const std::string plot =
        "\"$NFLOW\" plot --kind history history.csv -o p.png; status=$?; PATH=/usr/bin:/bin\n"
        "exit $status\n";
    const Outcome missing = dir.shell("PATH=/nowhere\n" + plot);
    CHECK(missing.status == 1);
    CHECK(cli::is_failure(missing.err, {"gnuplot", "not installed", "apt install"}));
    dir.write("gnuplot", "#!/bin/sh\necho half\necho 'line 0: no such terminal' >&2\nexit 1\n");
    const Outcome failing = dir.shell("chmod +x gnuplot\nPATH=$PWD:$PATH\n" + plot);
    CHECK(failing.status == 1);
    CHECK(cli::is_failure(failing.err, {"gnuplot failed", "no such terminal"}));
    CHECK(dir.read("p.png") == "former");
    CHECK(dir.files() == Words{"gnuplot", "history.csv", "p.png", "t.csv"});
  }

  TEST_CASE("plot says what it cannot draw") {
    const Workdir dir;
    write_inputs(dir);
    const auto refused = [&](const Words& words, int status, const Words& parts) {
      Words all{"plot"};
      all.insert(all.end(), words.begin(), words.end());
      const Outcome result = dir.nflow(all);
      CHECK_MESSAGE(result.status == status, result.err);
      CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err);
      CHECK(!dir.has("p.png"));
    };
    const std::string model = cli::model();
    refused({"-m", model, "t.csv"}, 2, {"needs -o FILE"});
    refused({"-m", model, "t.csv", "-o", "p.jpg"}, 2, {"'p.jpg'", ".png", ".svg", "--format"});
    refused({"-m", model, "t.csv", "-o", "p.png", "--kind", "pie"}, 2, {"pie", "corner"});
    refused({"-m", model, "t.csv", "-o", "p.png", "--columns", "z"}, 2, {"--columns: ", "'z'"});
    refused({"t.csv", "-o", "p.png"}, 2, {"needs -m MODEL"});
    refused({"-m", model, "history.csv", "-o", "p.png", "--kind", "history"}, 2,
            {"--model", "history"});
    refused({"-m", model, "t.csv", "-o", "p.png", "--kind", "links", "--columns", "a"}, 2,
            {"--columns", "links"});
    refused({"-m", model, "history.csv", "-o", "p.png"}, 1, {"history.csv", "'a'"});
    refused({"t.csv", "-o", "p.png", "--kind", "history"}, 1,
            {"t.csv: no column 'epoch'", "train --history"});
    refused({"-m", model, "t.csv", "-o", "none/p.png"}, 1, {"none/p.png"});
  }
}
