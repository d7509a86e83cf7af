#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "cli/parsing.h"

namespace {

using cli::contains;
using cli::Conversation;
using cli::Environment;
using cli::Outcome;
using cli::Workdir;
using Json = nlohmann::json;

using Words = std::vector<std::string>;

/// One object a line, or a failed check.
std::vector<Json> objects(const std::string& text) {
  std::vector<Json> list;
  const std::string utc = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)";
  for (const std::string& line : cli::lines(text)) {
    const Json object = cli::parsed(line);
    REQUIRE_MESSAGE(object.is_object(), line);
    CHECK(cli::matches(object.at("time").get<std::string>(), utc));
    CHECK(object.at("level").is_string());
    CHECK(object.at("message").is_string());
    list.push_back(object);
  }
  return list;
}

std::string on_terminal(const Workdir& dir, const Words& words, int expected) {
  int status = -1;
  const std::string shown = Conversation(dir, words, Conversation::Ends::terminal).finish(status);
  CHECK(status == expected);
  return shown;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("--log-format json says the same as text, an object a line, with numbers") {
    const Workdir dir;
    dir.write("t.csv", cli::table("ab", 100));
    const Outcome text = dir.nflow(cli::training({"-v", "--history", "h.csv"}));
    const Words history = cli::lines(dir.read("h.csv"));
    const Outcome json = dir.nflow(cli::training({"-v", "--log-format", "json"}));
    REQUIRE(json.status == 0);
    const std::vector<Json> messages = objects(json.err);
    const Words plain = cli::lines(text.err);
    REQUIRE(messages.size() == plain.size());
    std::size_t epoch = 0;
    for (std::size_t i = 0; i < plain.size(); ++i) {
      const std::string message = messages[i].at("message");
      const std::string level = messages[i].at("level");
      if (!contains(message, " s)")) {  // the time is another one
        CHECK(plain[i] == (level == "warning" ? "nflow: warning: " : "nflow: ") + message);
      }
      if (!messages[i].contains("epoch")) continue;
      const std::vector<double> row = cli::numbers(history.at(++epoch));
      const Words names{"epoch", "step", "train", "validation", "learning_rate"};
      for (std::size_t j = 0; j < names.size(); ++j) {
        CHECK(messages[i].at(names[j]).get<double>() == row.at(j));
      }
      CHECK(messages[i].at("seconds").is_number());
    }
    CHECK(epoch + 1 == history.size());
    const Json& saved = messages.back();
    CHECK(saved.at("level") == "info");
    CHECK(saved.at("model") == "m.nflow");
    CHECK(saved.at("columns") == 2);
    CHECK(saved.at("rows") == 100);
    CHECK(saved.at("epochs") == epoch);
    const Json info = cli::parsed(dir.nflow({"info", "m.nflow", "--json"}).out);
    CHECK(saved.at("validation_log_prob") == info.at("training").at("validation_log_prob"));
  }

  TEST_CASE("--log-format json has objects for warnings and failures of every kind") {
    const Workdir dir;
    dir.write("a.csv", "a,b\n1,x\n");
    dir.write("far.csv", "a,b\n1e300,1\n");
    const auto check = [&](const Words& words, int status, const std::string& part) {
      const Outcome result = dir.nflow(words);
      CHECK(result.status == status);
      const std::vector<Json> messages = objects(result.err);
      REQUIRE(messages.size() == 1);
      CHECK(contains(messages[0].at("message"), part));
      CHECK(messages[0].at("level") == (status == 0 ? "warning" : "error"));
      if (status != 0) CHECK(messages[0].at("status") == status);
    };
    check({"logprob", "-m", cli::model(), "far.csv", "--log-format", "json"}, 0, "1 row has");
    check({"logprob", "-m", cli::model(), "a.csv", "--log-format=json"}, 1, "a.csv:2: column 2");
    check({"train", "--log-format", "json", "--epohcs", "1"}, 2, "did you mean '--epochs'");
    check({"--log-format=json", "train"}, 2, "before the command");
    dir.write("job.conf", "log-format = json\nepochs = x\n");
    dir.write("t.csv", cli::table("ab", 20));
    check({"info", "n\xff\n.nflow", "--log-format", "json"}, 1, "\xef\xbf\xbd\n.nflow");
    dir.write("q.conf", "log-format = json\nquiet = yes\n");
    check({"info", "none.nflow", "--config", "q.conf"}, 1, "none.nflow");
    CHECK(dir.nflow({"info", "a", "--log-format", "xml"}).status == 2);
  }

  TEST_CASE("a failure is one line, whatever stands in the names") {
    const Workdir dir;
    const Outcome result = dir.nflow({"info", "a\nb\x1b[2J\xc3\xa4\xff"});
    CHECK(result.status == 1);
    CHECK(cli::is_failure(result.err, {"a\\nb\\x1b[2J\xc3\xa4\\xff: No such file"}));
  }

  TEST_CASE("colours are for terminals that show them, and for users who want them") {
    const Workdir dir;
    dir.write("far.csv", "a,b\n1e300,1\n");
    const Words warning{"logprob", "-m", cli::model(), "far.csv"};
    const Words failure{"info", "none"};
    const auto shown = [&](const std::vector<std::pair<std::string, std::string>>& values) {
      const Environment environment(values);
      return on_terminal(dir, warning, 0) + on_terminal(dir, failure, 1);
    };
    const std::string colours = shown({{"TERM", "xterm"}, {"NO_COLOR", ""}});
    CHECK(contains(colours, "\x1b[33mnflow: warning: 1 row has"));
    CHECK(contains(colours, "\x1b[31mnflow: cannot open none"));
    for (const auto& text :
         {shown({{"TERM", "xterm"}, {"NO_COLOR", "1"}}), shown({{"TERM", "dumb"}})}) {
      CHECK(contains(text, "nflow: warning: 1 row has"));
      CHECK(contains(text, "nflow: cannot open none"));
      CHECK_FALSE(contains(text, "\x1b"));
    }
    const Environment environment({{"TERM", "xterm"}, {"NO_COLOR", ""}});
    CHECK_FALSE(contains(dir.nflow(warning).err, "\x1b"));
  }

  TEST_CASE("the line of progress is for terminals only") {
    const Workdir dir;
    dir.write("t.csv", cli::table("ab", 100));
    const Words words = cli::training({"--epochs", "3"});
    const auto shown = [&](const char* terminal, const Words& more) {
      const Environment environment({{"TERM", terminal}, {"NO_COLOR", "1"}});
      Words all = words;
      all.insert(all.end(), more.begin(), more.end());
      return on_terminal(dir, all, 0);
    };
    const std::string bar = shown("xterm", {});
    CHECK(contains(bar, "\rnflow: epoch 1 ["));
    CHECK(contains(bar, "nflow: saved m.nflow: "));
    CHECK_FALSE(contains(bar, "\x1b"));
    // Nothing of it is left when a message comes: blanks cover it.
    std::string screen;
    std::size_t column = 0;
    for (const char c : bar) {
      if (c == '\r') column = 0;
      if (c == '\n') screen += '\n', column = 0;
      if (c == '\r' || c == '\n') continue;
      const std::size_t line = screen.rfind('\n') + 1;
      screen.resize(std::max(screen.size(), line + column + 1), ' ');
      screen[line + column++] = c;
    }
    CHECK_FALSE(contains(screen, "rows/s"));
    CHECK_FALSE(contains(screen, "epoch 1 ["));
    CHECK(contains(screen, "\nnflow: saved m.nflow: "));

    CHECK_FALSE(contains(dir.nflow(words).err, "\r"));
    CHECK_FALSE(contains(shown("dumb", {}), "epoch 1 ["));
    CHECK(shown("xterm", {"-q"}).empty());
    const std::string json = shown("xterm", {"--log-format", "json"});
    CHECK_FALSE(contains(json, "epoch 1 ["));
    objects(cli::replaced(json, "\r", ""));
  }

  TEST_CASE("no model goes to a terminal, by whatever name") {
    const Workdir dir;
    dir.write("t.csv", cli::table("ab", 100));
    for (const char* name : {"-", "/dev/stdout"}) {
      const std::string shown = on_terminal(dir, {"train", "t.csv", "-o", name}, 2);
      CHECK(contains(shown, "a model is binary and not for a terminal"));
    }
  }
}
