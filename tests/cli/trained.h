#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "cli/parsing.h"

namespace cli {

/// nflow train with these words, for an instant.
inline Outcome train(const Workdir& dir, std::vector<std::string> words) {
  words.insert(words.begin(), "train");
  return dir.nflow(quick(std::move(words)));
}

/// What nflow info tells of m.nflow.
inline nlohmann::json info(const Workdir& dir) {
  const Outcome result = dir.nflow({"info", "m.nflow", "--json"});
  REQUIRE_MESSAGE(result.status == 0, result.err);
  return parsed(result.out);
}

/// A table of labels, numbers and holes, and a model of it.
struct Mixed : Workdir {
  Mixed() {
    std::string text = "kind,size,wait\n";
    for (int i = 0; i < 200; ++i) {
      const int u = i * 83 % 200;
      const std::string kind = u < 90 ? "plain" : u < 150 ? "\"a, b\"" : "x";
      text += kind + "," + std::to_string(u * 7 % 200 / 9.7 + (u < 90 ? 5 : 0)) + "," +
              (i % 8 == 0 ? "" : std::to_string(i * 31 % 200 / 3.3)) + "\n";
    }
    write("t.csv", text);
    const Outcome result = train(*this, {"t.csv", "-o", "m.nflow"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
  }
};

}  // namespace cli
