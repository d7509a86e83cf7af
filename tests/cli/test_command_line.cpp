#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "cli/cli.h"
#include "nflow/build.h"
#include "nflow/registry.h"
#include "nflow/version.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// CHECKs that the command line is refused, with all `parts` in the one line of the message.
void check_refused(const Words& words, const Words& parts) {
  const Workdir dir;
  dir.write("a.csv", cli::table("ab", 20));
  dir.write("long.csv", "alpha,beta\n1,2\n3,4\n");
  const Outcome result = dir.nflow(words);
  std::string line = "nflow";
  for (const std::string& word : words) line += " " + word;
  CAPTURE(line);
  CHECK(result.status == 2);
  CHECK(result.out.empty());
  CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err);
  CHECK(dir.files() == Words{"a.csv", "long.csv"});
}

void check_refused_by_train(Words words, const Words& parts) {
  words.insert(words.begin(), {"train", "a.csv", "-o", "m.nflow"});
  check_refused(words, parts);
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("help and version go to standard output") {
    const Workdir dir;
    const std::string version = "nflow " + std::string(nflow::kVersion) + "\n";
    CHECK(dir.nflow({"--version"}).out == version);
    const Outcome overview = dir.nflow({"--help"});
    CHECK(overview.status == 0);
    CHECK(overview.err.empty());
    CHECK(overview.out == dir.nflow({"help"}).out);
    CHECK(overview.out == dir.nflow({"-h"}).out);
    for (const std::string& command : cli::commands()) {
      CAPTURE(command);
      const Outcome help = dir.nflow({command, "--help"});
      CHECK(help.status == 0);
      CHECK(help.err.empty());
      CHECK(help.out.rfind("usage: nflow " + command, 0) == 0);
      CHECK(help.out.find("Examples:") < help.out.find("--help"));
      CHECK(help.out == dir.nflow({"help", command}).out);
      CHECK(help.out == dir.nflow({"--help", command}).out);
      CHECK(help.out == dir.nflow({command, "-h", "-q"}).out);
      CHECK(dir.nflow({command, "--version"}).out == version);
      for (const std::string& line : cli::lines(help.out)) CHECK_MESSAGE(line.size() <= 100, line);
    }
  }

  TEST_CASE("--version --verbose tells what nflow was built with and computes") {
    const Workdir dir;
    const Outcome verbose = dir.nflow({"--version", "--verbose"});
    CHECK(verbose.status == 0);
    CHECK(verbose.out.rfind("nflow " + std::string(nflow::kVersion) + "\n", 0) == 0);
    for (const char* line : {"\ncompiler ", "\nEigen ", "\nkernels ", "\nthreads "}) {
      CHECK(cli::contains(verbose.out, line));
    }
    CHECK(dir.nflow({"--version", "-v"}).out == verbose.out);
    CHECK(dir.nflow({"sample", "-v", "--version"}).out == verbose.out);
    check_refused({"--version", "train"}, {"'train'", "--version"});
  }

  TEST_CASE("NFLOW_KERNELS names the instructions that nflow computes with") {
    const Workdir dir;
    for (const std::string& set : nflow::kernel_sets()) {
      const Outcome shown = dir.shell("NFLOW_KERNELS=" + set + " \"$NFLOW\" --version -v");
      CHECK(cli::contains(shown.out, "\nkernels   " + set + "\n"));
    }
    const std::string wrong = "NFLOW_KERNELS=mmx \"$NFLOW\" ", model = " '" + cli::model() + "'";
    const Outcome refused = dir.shell(wrong + "sample -n 1 -m" + model);
    CHECK(refused.status == 2);
    for (const std::string& words : {std::string("--version"), std::string("train --help"),
                                     std::string("--help"), "info" + model}) {
      CHECK(dir.shell(wrong + words).status == 0);
    }
    CHECK(cli::contains(refused.err, "'mmx' of NFLOW_KERNELS: this processor runs "));
  }

  TEST_CASE("train --help lists every transform") {
    const Workdir dir;
    const std::string help = dir.nflow({"train", "--help"}).out;
    for (const nflow::FlowKind* kind : nflow::flow_kinds()) {
      CHECK(cli::contains(help, "\n  " + kind->name + " "));
      CHECK(cli::contains(help, kind->summary));
    }
  }

  TEST_CASE("unknown commands and options are refused, with what was probably meant") {
    check_refused({}, {"--help"});
    check_refused({"trian"}, {"unknown command 'trian'", "did you mean 'train'?"});
    check_refused({"frobnicate"}, {"unknown command 'frobnicate'", "--help"});
    check_refused({"help", "smaple"}, {"did you mean 'sample'?"});
    check_refused({"help", "train", "sample"}, {"one command"});
    check_refused({"--quiet", "train"}, {"'--quiet'", "behind its name"});
    check_refused({"--verison"}, {"'--verison'", "did you mean '--version'?"});
    check_refused_by_train({"--epoch", "5"},
                           {"unknown option '--epoch'; did you mean '--epochs'?"});
    check_refused_by_train({"--epohcs=5"}, {"'--epohcs'", "did you mean '--epochs'?"});
    check_refused_by_train({"-epochs", "5"}, {"'-epochs'", "did you mean '--epochs'?"});
    check_refused_by_train({"--patien", "5"}, {"did you mean '--patience'?"});
    check_refused({"sample", "-m", cli::model(), "-n", "1", "--temp", "2"},
                  {"did you mean '--temperature'?"});
    check_refused({"logprob", "-m", cli::model(), "--out", "x"}, {"did you mean '--output'?"});
    check_refused({"--help", "trian"}, {"did you mean 'train'?"});
    check_refused_by_train({"--frobnicate"}, {"unknown option '--frobnicate'", "train --help"});
    check_refused({"logprob", "-m", cli::model(), "--precision", "double"}, {"'--precision'"});
    check_refused({"info", "-x", "m"}, {"unknown option '-x'"});
  }

  TEST_CASE("options without their value, twice, or at odds are refused") {
    check_refused_by_train({"--epochs"}, {"option '--epochs' needs a value"});
    check_refused_by_train({"--exclude", "-v"}, {"'--exclude' needs a value", "--exclude=-v"});
    check_refused_by_train({"--columns="}, {"--columns"});
    check_refused_by_train({"--config", ""}, {"--config", "empty"});
    check_refused_by_train({"--epochs", "--seed", "1"}, {"--epochs"});
    check_refused_by_train({"--quiet=1"}, {"--quiet"});
    check_refused_by_train({"--seed", "1", "--seed", "2"}, {"'--seed' is given twice"});
    check_refused_by_train({"-q", "-q"}, {"'--quiet' is given twice"});
    check_refused_by_train({"-q", "-v"}, {"--quiet and --verbose"});
    check_refused({"plot", "a.csv", "b.csv"}, {"unexpected argument 'b.csv'"});
    check_refused({"sample", "-m", cli::model(), "-n", "3", "a.csv"}, {"'a.csv'"});
    check_refused({"info", "-m", cli::model(), cli::model()}, {"twice"});
    check_refused({"logprob", "-m", cli::model(), "a.csv", "--append", "--summary"},
                  {"--append and --summary"});
    check_refused_by_train({"--validation-file", "a.csv", "--validation-fraction", "0.2"},
                           {"--validation-file and --validation-fraction"});
    check_refused({"logprob", "-m", cli::model(), "a.csv", "--no-header", "--summary"},
                  {"--no-header and --summary"});
    check_refused_by_train({"--resume", "a", "--resume-if-exists", "a"},
                           {"--resume and --resume-if-exists"});
    check_refused({"sample", "-m", cli::model(), "-n", "3", "--na", "?"}, {"--na", "--given"});
    check_refused_by_train({"--history", "m.nflow"}, {"--output and --history"});
  }

  TEST_CASE("what a command cannot do without is asked for") {
    check_refused({"train", "a.csv"}, {"-o MODEL"});
    check_refused({"logprob", "a.csv"}, {"-m MODEL"});
    check_refused({"transform", "a.csv"}, {"-m MODEL"});
    check_refused({"sample", "-n", "3"}, {"-m MODEL"});
    check_refused({"sample", "-m", cli::model()}, {"-n N"});
    check_refused({"info"}, {"-m MODEL"});
  }

  TEST_CASE("values that are not what the option takes are refused") {
    for (const char* option :
         {"--epochs", "--max-steps", "--batch-size", "--threads", "--layers"}) {
      for (const char* value : {"12abc", "-3", "0", "1.5", "", " 1", "99999999999999999999"}) {
        check_refused_by_train({option, value}, {option});
      }
    }
    for (const char* value : {"-1", "0x1", "18446744073709551616", "nan"}) {
      check_refused_by_train({"--seed", value}, {"--seed", value});
    }
    for (const char* value : {"0", "-0.1", "nan", "inf", "1e", "fast", "1e999"}) {
      check_refused_by_train({"--learning-rate", value}, {"--learning-rate", value});
    }
    for (const char* value : {"0", "1", "1.5", "-0.1", "10%"}) {
      check_refused_by_train({"--validation-fraction", value}, {"--validation-fraction", value});
    }
    for (const char* value : {"10:00", "s", "3m2h", "1h1h", "-5s", "0s", "1e3s", "5 m", "infs"}) {
      check_refused_by_train({"--time-limit", value}, {"--time-limit", value, "3h30m"});
    }
    for (const char* value : {"0", "-1G", "1KB", "G", "1e9", "1.5X", "inf", "1 G", ""}) {
      check_refused_by_train({"--memory", value}, {"--memory", value, "1.5G"});
    }
    check_refused_by_train({"--weight-decay", "-1"}, {"--weight-decay"});
    check_refused_by_train({"--noise", "-1"}, {"--noise"});
    check_refused_by_train({"--clip-norm", "nan"}, {"--clip-norm"});
    check_refused_by_train({"--patience", "-1"}, {"--patience"});
    check_refused_by_train({"--schedule", "linear"}, {"--schedule", "cosine, constant"});
    check_refused_by_train({"--precision", "half"}, {"--precision", "float, double"});
    check_refused_by_train({"--missing", "ignore"}, {"--missing", "error, drop"});
    check_refused_by_train({"--header", "maybe"}, {"--header", "yes, no, auto"});
    for (const char* value : {"", ",,", "\"", "a", "1"}) {
      check_refused_by_train({"--delimiter", value}, {"--delimiter"});
    }
  }

  TEST_CASE("values of the other commands are read as strictly") {
    for (const char* value : {"-1", "ten", "1e-3", "9223372036854775808"}) {
      check_refused({"sample", "-m", cli::model(), "-n", value}, {"--rows", value});
    }
    for (const char* value : {"0", "-1", "nan", "warm"}) {
      check_refused({"sample", "-m", cli::model(), "-n", "1", "--temperature", value},
                    {"--temperature", value});
    }
    check_refused({"sample", "-m", cli::model(), "-n", "1", "--seed", "1", "--offset", "-1"},
                  {"--offset"});
    check_refused({"info", cli::model(), "--threads", "0"}, {"--threads"});
    check_refused({"logprob", "-m", cli::model(), "a.csv", "--seed", "x"}, {"--seed"});
  }

  TEST_CASE("flows that cannot be are refused") {
    check_refused_by_train({"--flow", "nsf-lc"}, {"nsf-lc", "nsf-cl"});
    check_refused_by_train({"--flow", ""}, {});
    check_refused_by_train({"--flow", "planar,,radial"}, {"'planar,,radial'", "missing"});
    check_refused_by_train({"--flow", "maf,"}, {"'maf,'", "missing"});
    check_refused_by_train({"--flow", "maf,64"}, {"unknown flow '64'"});
    check_refused_by_train({"--flow", "maf,64:net=mlp"}, {"unknown flow '64'"});
    check_refused_by_train({"--flow", "maf:hidden=8,8:net=mlp,64"}, {"unknown flow '64'"});
    check_refused_by_train({"--flow", "maf:hidden=8:hidden=9"},
                           {"'maf:hidden=8:hidden=9'", "hidden is given twice"});
    check_refused_by_train({"--flow", "planar:bins=8"}, {"planar", "bins"});
    check_refused_by_train({"--flow", "nsf-cl:bins=x"}, {"bins", "x"});
    check_refused_by_train({"--flow", "nsf-cl:colour=red"}, {"colour"});
    check_refused_by_train({"--flow", "planar", "--bins", "8"}, {"bins"});
    check_refused_by_train({"--hidden", "64,,64"}, {"hidden"});
    check_refused_by_train({"--hidden", "-8"}, {"hidden"});
    check_refused_by_train({"--bins", "0"}, {"bins"});
    check_refused_by_train({"--tail-bound", "nan"}, {"tail-bound"});
    check_refused_by_train({"--dropout", "1"}, {"dropout"});
    check_refused_by_train({"--activation", "gelu"}, {"activation"});
    check_refused_by_train({"--net", "transformer"}, {"net"});
  }

  TEST_CASE("options that no transform of the flow can use are refused") {
    std::map<std::string, std::string> values;  // of all options that some transform has
    for (const nflow::FlowKind* kind : nflow::flow_kinds()) {
      for (const std::string& key : kind->options) values[key] = "1";
    }
    for (const auto& [key, value] : std::map<std::string, std::string>{
             {"activation", "tanh"}, {"net", "mlp"}, {"dropout", "0.1"}, {"bins", "8"}}) {
      values[key] = value;
    }
    const Workdir dir;
    const std::string help = dir.nflow({"train", "--help"}).out;
    int refused = 0;
    for (const auto& [key, value] : values) {
      const std::string option = "--" + key;
      if (!cli::contains(help, "      " + option + " ")) continue;  // the transform's alone
      for (const nflow::FlowKind* kind : nflow::flow_kinds()) {
        const auto& own = kind->options;
        if (std::find(own.begin(), own.end(), key) != own.end()) continue;
        check_refused_by_train({"--flow", kind->name, option, value},
                               {"no flow of '" + kind->name + "' can use " + option});
        ++refused;
      }
    }
    CHECK(refused > 20);
    check_refused_by_train({"--flow", "nsf-lc"}, {"did you mean 'nsf-cl'?"});
    check_refused_by_train({"--flow", "maf:hiden=8"}, {"did you mean 'hidden'?"});
    check_refused_by_train({"--flow", "maf planar"}, {"unknown flow 'maf planar'"});
    check_refused_by_train(
        {"--flow", "maf:dropout=0.1,planar,realnvp:dropout=0", "--dropout", "0.2"},
        {"each flow of ", " that can use --dropout has a value of its own"});
    check_refused_by_train({"--flow", "planar,actnorm", "--weight-decay", "0.1"},
                           {"no flow of 'planar,actnorm' has a network", "--weight-decay"});
  }

  TEST_CASE("columns that are not there are refused") {
    check_refused_by_train({"--columns", "a,c"}, {"--columns", "'c'"});
    for (const char* option : {"--columns", "--exclude", "--context", "--weights"}) {
      check_refused({"train", "long.csv", "-o", "m.nflow", option, "aplha"},
                    {option, "no column 'aplha'; did you mean 'alpha'?"});
    }
    check_refused({"train", "long.csv", "-o", "m.nflow", "--support", "aplha=POSITIVE"},
                  {"--support", "did you mean 'alpha'?"});
    check_refused_by_train({"--columns", "3"}, {"--columns", "3"});
    check_refused_by_train({"--columns", "a,a"}, {"--columns", "'a'"});
    check_refused_by_train({"--exclude", "alpha"}, {"--exclude", "'alpha'"});
    check_refused_by_train({"--context", "0"}, {"--context", "0"});
    check_refused_by_train({"--exclude", "a,b"}, {"no column is left"});
    check_refused_by_train({"--columns", "a,b", "--context", "b"}, {"'b'", "--context"});
    check_refused_by_train({"--exclude", "b", "--context", "b"}, {"'b'", "--context"});
  }

  TEST_CASE("empty lists and names are refused") {
    check_refused_by_train({"--columns", ""}, {"--columns", "empty"});
    check_refused_by_train({"--exclude", ""}, {"--exclude", "empty"});
    check_refused_by_train({"--context", "a,"}, {"--context", "empty"});
    const Workdir dir;
    dir.write("a.csv", cli::table("ab", 20));
    for (const Words& words : {Words{"train", "a.csv", "-o", ""}, Words{"train", "", "-o", "m"},
                               Words{"train", "a.csv", "-o", "m", "--history", ""},
                               Words{"train", "a.csv", "-o", "m", "--validation-file", ""},
                               Words{"logprob", "-m", "", "a.csv"}}) {
      const Outcome result = dir.nflow(words);
      CHECK(result.status == 2);
      CHECK_MESSAGE(cli::is_failure(result.err, {": '' is no file"}), result.err);
    }
  }

  TEST_CASE("two inputs cannot be standard input") {
    check_refused({"logprob", "-m", "-"}, {"MODEL and DATA"});
    check_refused({"transform", "-m", "-", "-"}, {"MODEL and DATA"});
    check_refused({"sample", "-m", "-", "-n", "1", "--given", "-"}, {"MODEL and --given"});
    check_refused({"train", "-", "-o", "m.nflow", "--validation-file", "-"},
                  {"DATA and --validation-file"});
    check_refused({"train", "-o", "-", "--history", "-"}, {"--output and --history"});
  }

  TEST_CASE("every command takes the common options, in any order") {
    const Workdir dir;
    dir.write("a.csv", "a,b\n0.1,0.2\n");
    const std::string expected = dir.nflow({"logprob", "-m", cli::model(), "a.csv"}).out;
    for (const Words& words :
         {Words{"a.csv", "--model", cli::model()}, Words{"--model=" + cli::model(), "--", "a.csv"},
          Words{"-qm" + cli::model(), "a.csv", "--threads=1", "--seed", "5"},
          Words{"--verbose", "a.csv", "-o-", "-m", cli::model()}}) {
      Words all{"logprob"};
      all.insert(all.end(), words.begin(), words.end());
      CHECK(dir.nflow(all).out == expected);
    }
    CHECK(dir.nflow({"info", "--threads", "1", "--seed", "1", "-q", cli::model()}).status == 0);
  }

  TEST_CASE("-- ends the options") {
    const Workdir dir;
    dir.write("-q", "a,b\n0.1,0.2\n");
    const Outcome result = dir.nflow({"logprob", "-m", cli::model(), "--", "-q"});
    CHECK(result.status == 0);
    CHECK(cli::lines(result.out).size() == 2);
  }
}
