#pragma once

#include <string>
#include <vector>

#include "options/options.h"

namespace nflow::app {

/// A subcommand. `run` gets a command line that fits `syntax` and returns the exit status. One that
/// computes needs the instructions that NFLOW_KERNELS asks for.
struct Command {
  const char* name;
  const char* summary;
  Syntax (*syntax)();
  int (*run)(const Arguments& arguments);
  bool computes = true;
};

Syntax train_syntax();
Syntax logprob_syntax();
Syntax sample_syntax();
Syntax transform_syntax();
Syntax check_syntax();
Syntax quantile_syntax();
Syntax fill_syntax();
Syntax compare_syntax();
Syntax plot_syntax();
Syntax info_syntax();

int run_train(const Arguments& arguments);
int run_logprob(const Arguments& arguments);
int run_sample(const Arguments& arguments);
int run_transform(const Arguments& arguments);
int run_check(const Arguments& arguments);
int run_quantile(const Arguments& arguments);
int run_fill(const Arguments& arguments);
int run_compare(const Arguments& arguments);
int run_plot(const Arguments& arguments);
int run_info(const Arguments& arguments);

}  // namespace nflow::app
