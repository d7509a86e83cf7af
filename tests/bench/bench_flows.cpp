#include <fnmatch.h>

#include <boost/program_options.hpp>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "kernels/kernels.h"
#include "measure.h"
#include "nflow/build.h"
#include "nflow/error.h"
#include "nflow/threads.h"
#include "peak.h"

// Times training, log p and sampling of known architectures; against_torch.py puts PyTorch beside.
//
// GFLOP/s count two operations for a multiply-add of the nets and linear maps, three times as many
// for a training step (forward, gradient by input, gradient by weight), and nothing for splines,
// activations and Adam. "dense" counts a masked net as PyTorch multiplies it, zeros included, and a
// sample as one pass, which is what it costs here; "nonzero" leaves the zeros out. A product that
// skips them may well have a dense share above 100 %.

namespace nflow::bench {
namespace {

constexpr Index kScoredRows = 4096, kSampledRows = 10000;

struct Options {
  Effort effort;
  std::string only = "*";
  std::string mode;            // empty: all
  std::vector<Index> batches;  // to train with
  bool json = false, list = false;
};

struct Row {
  const Configuration* configuration;
  std::string mode;
  Index rows;  // of a batch or call
  Rate rate;
  double dense_gflops, live_gflops;
};

nlohmann::json description(const Configuration& c, const Size& size) {
  return {{"configuration", c.name},
          {"library", c.library},
          {"columns", c.columns},
          {"flow", to_text(c.flow())},
          {"parameters", size.stored},
          {"live_parameters", size.live},
          {"dense_macs", size.dense_macs},
          {"live_macs", size.live_macs},
          {"rival_parameters", c.rival_parameters}};
}

/// The table of sizes. Returns whether all match their rivals.
bool list(const Options& options) {
  bool good = true;
  if (!options.json) {
    std::cout << "configuration    D  parameters       live      rival  compared      MACs/row\n";
  }
  for (const Configuration& c : configurations()) {
    if (fnmatch(options.only.c_str(), c.name.c_str(), 0) != 0) continue;
    const Size size = c.size();
    const bool matches = c.matches(size);
    good = good && matches;
    if (options.json) {
      std::cout << description(c, size) << '\n';
      continue;
    }
    std::cout << std::left << std::setw(14) << c.name << std::right << std::setw(4) << c.columns
              << std::setw(12) << size.stored << std::setw(11) << size.live << std::setw(11)
              << c.rival_parameters << std::setw(10) << (c.rival_is_dense ? "live" : "stored")
              << std::setw(14) << size.dense_macs << (matches ? "" : "  MISMATCH")
              << (c.note.empty() ? "" : "  " + c.note) << '\n';
  }
  return good;
}

void print_head(const Peak& peak, const Options& options) {
  if (options.json) {
    std::cout << nlohmann::json{{"peak_gflops", peak.gflops()},
                                {"own_gflops", peak.own},
                                {"openblas_gflops", peak.openblas},
                                {"threads", options.effort.threads},
                                {"kernels", kernels<float>().target}}
              << std::endl;
    return;
  }
  std::cout << "sgemm peak " << std::fixed << std::setprecision(1) << peak.gflops()
            << " GFLOP/s at 512 x 512 x 512 (nflow's kernel " << peak.own << ", OpenBLAS ";
  if (peak.openblas > 0) {
    std::cout << peak.openblas;
  } else {
    std::cout << "not there";
  }
  std::cout << "), " << options.effort.threads << " threads, kernels for "
            << kernels<float>().target << "\n\n"
            << "                               rows/s              slowest,   dense GFLOP/s, "
               "  nonzero GFLOP/s,\n"
            << "configuration  mode     rows   (median)   fastest of 5      share of peak  "
               "    share of peak\n";
}

void print_flops(double gflops, double peak) {
  if (gflops == 0) {  // no matrix product in it
    std::cout << std::setw(19) << '-';
    return;
  }
  std::cout << std::setw(11) << gflops << std::setw(6) << 100 * gflops / peak << " %";
}

void print(const Row& row, const Peak& peak, const Options& options) {
  if (options.json) {
    std::cout << nlohmann::json{{"configuration", row.configuration->name},
                                {"mode", row.mode},
                                {"rows", row.rows},
                                {"rows_per_second", row.rate.median},
                                {"lowest", row.rate.lowest},
                                {"highest", row.rate.highest},
                                {"dense_gflops", row.dense_gflops},
                                {"live_gflops", row.live_gflops},
                                {"dense_share", row.dense_gflops / peak.gflops()},
                                {"live_share", row.live_gflops / peak.gflops()}}
              << std::endl;
    return;
  }
  std::cout << std::left << std::setw(15) << row.configuration->name << std::setw(7) << row.mode
            << std::right << std::setw(6) << row.rows << std::fixed << std::setprecision(0)
            << std::setw(11) << row.rate.median << std::setw(11) << row.rate.lowest << std::setw(10)
            << row.rate.highest << std::setprecision(1);
  print_flops(row.dense_gflops, peak.gflops());
  print_flops(row.live_gflops, peak.gflops());
  std::cout << std::endl;
}

void measure(const Configuration& c, const Peak& peak, const Options& options) {
  const Size size = c.size();
  const auto wanted = [&](const char* mode) {
    return options.mode.empty() || options.mode == mode;
  };
  const auto report = [&](const char* mode, Index rows, double flops_a_mac, const Rate& rate) {
    const double scale = 1e-9 * flops_a_mac * rate.median;
    print({&c, mode, rows, rate, scale * static_cast<double>(size.dense_macs),
           scale * static_cast<double>(size.live_macs)},
          peak, options);
  };
  if (wanted("train")) {
    for (const Index batch : options.batches) {
      report("train", batch, 6, time_training(c, batch, options.effort));
    }
  }
  if (!wanted("logp") && !wanted("sample")) return;
  const Model model = short_trained(c, options.effort.threads);
  if (wanted("logp")) {
    report("logp", kScoredRows, 2, time_log_prob(model, kScoredRows, options.effort));
  }
  if (wanted("sample")) {
    report("sample", kSampledRows, 2, time_sample(model, kSampledRows, options.effort));
  }
}

/// False where only help was asked for.
bool parse(int argc, char** argv, Options& options) {
  namespace po = boost::program_options;
  po::options_description known("bench-flows [options]");
  known.add_options()("help,h", "print this")("list", "print the configurations and their sizes");
  known.add_options()("threads", po::value(&options.effort.threads), "default: all there are");
  known.add_options()("only", po::value(&options.only), "configurations, e.g. 'nsf-*'");
  known.add_options()("mode", po::value(&options.mode), "train, logp or sample; default: all");
  known.add_options()("batch", po::value(&options.batches)->multitoken(),
                      "rows of a training step; default: 512 and 4096");
  known.add_options()("seconds", po::value(&options.effort.seconds),
                      "of each measurement, in 5 repetitions; default: 1");
  known.add_options()("processor-time",
                      "count processor time: with one thread, where others work too");
  known.add_options()("json", "print a JSON object a line");
  po::variables_map given;
  po::store(po::command_line_parser(argc, argv).options(known).run(), given);
  po::notify(given);
  if (given.count("help") > 0) {
    std::cout << known;
    return false;
  }
  options.json = given.count("json") > 0;
  options.list = given.count("list") > 0;
  if (given.count("threads") == 0) options.effort.threads = available_threads();
  if (given.count("batch") == 0) options.batches = {512, 4096};
  if (given.count("processor-time") > 0) options.effort.clock = Clock::processor;
  if (options.effort.clock == Clock::processor && options.effort.threads > 1) {
    throw UsageError("--processor-time goes with --threads 1");
  }
  if (options.effort.threads < 1) throw UsageError("--threads: expected at least 1");
  for (const char* mode : {"", "train", "logp", "sample"}) {
    if (options.mode == mode) return true;
  }
  throw UsageError("--mode " + options.mode + ": expected train, logp or sample");
}

int run(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) return 0;
  if (options.list) return list(options) ? 0 : 1;
  const char* kernels = std::getenv("NFLOW_KERNELS");
  if (kernels && *kernels) use_kernel_set(kernels);
  const Peak peak = measure_peak(options.effort);
  print_head(peak, options);
  for (const Configuration& c : configurations()) {
    if (fnmatch(options.only.c_str(), c.name.c_str(), 0) == 0) measure(c, peak, options);
  }
  return 0;
}

}  // namespace
}  // namespace nflow::bench

int main(int argc, char** argv) {
  try {
    return nflow::bench::run(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "bench-flows: " << problem.what() << '\n';
    return 2;
  }
}
