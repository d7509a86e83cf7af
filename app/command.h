#pragma once

#include <string>
#include <vector>

namespace nflow::app {

/// A subcommand: `run` gets what stands behind its name and returns the exit status.
struct Command {
  const char* name;
  const char* summary;
  int (*run)(const std::vector<std::string>& words);
};

int run_train(const std::vector<std::string>& words);
int run_logprob(const std::vector<std::string>& words);
int run_sample(const std::vector<std::string>& words);
int run_transform(const std::vector<std::string>& words);
int run_check(const std::vector<std::string>& words);
int run_info(const std::vector<std::string>& words);

}  // namespace nflow::app
