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

}  // namespace cli
