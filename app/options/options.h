#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nflow/csv.h"
#include "options/option_value.h"

namespace nflow::app {

/// One option, as --help lists it.
struct Option {
  std::string name;                        ///< "epochs" for --epochs
  char letter;                             ///< 'o' for -o; 0 for none
  Value value;                             ///< "" for a flag; see option_value.h
  std::string help;                        ///< one line
  std::vector<std::string> excludes = {};  ///< options that cannot be given beside it
  bool repeats = false;                    ///< may be given more than once
  std::string formerly = {};               ///< another name, taken and not shown
  std::string implied = {};                ///< value of a choice that is given without one

  bool is_flag() const { return value.kind == ValueKind::none; }
  bool is_file() const { return value.kind == ValueKind::file; }
};

struct OptionGroup {
  std::string title;
  std::vector<Option> options;
};

/// All that a subcommand's --help says and its command line may hold.
struct Syntax {
  std::string command;
  std::vector<std::string> usage;     ///< behind "nflow ", one a line
  std::string about;                  ///< what it does, a few lines
  std::vector<std::string> examples;  ///< whole command lines
  std::vector<OptionGroup> groups;    ///< before those that all commands share
  std::string closing;                ///< text at the end; may be empty
  std::string operand;                ///< "DATA" or "MODEL": the one word that is no option; or ""
  bool operand_repeats = false;       ///< may there be several?

  /// `groups`, and behind them what all commands share.
  std::vector<OptionGroup> all_groups() const;
  std::vector<Option> all_options() const;
  /// The option of that name, or that once had it; none where there is none.
  std::optional<Option> find(const std::string& name) const;
};

/// What options say, still as text. An option of several values stands several times.
using Values = std::multimap<std::string, std::string>;
/// Where a configuration file gives the values, such as "job.conf:3", in the order of the values.
using Places = std::multimap<std::string, std::string>;

/// A command line that fits its syntax. Values are still text: the readers below give `fallback`
/// where the option is absent. What check() has not seen they throw UsageError for.
class Arguments {
 public:
  /// `places` are those of the values that a configuration file gave.
  Arguments(Syntax syntax, Values values, std::vector<std::string> operands, Places places = {});

  bool given(const std::string& name) const;
  std::optional<std::string> find(const std::string& name) const;
  /// All values of an option that repeats, in their order.
  std::vector<std::string> all(const std::string& name) const;
  /// The first operand; none where there is none.
  std::optional<std::string> operand() const;
  const std::vector<std::string>& operands() const { return operands_; }
  const Syntax& syntax() const { return syntax_; }

  std::string text(const std::string& name, const std::string& fallback) const;
  /// Like text(), for an option that the command cannot do without.
  std::string required(const std::string& name) const;
  std::uint64_t count(const std::string& name, std::uint64_t fallback) const;
  double real(const std::string& name, double fallback) const;
  double duration(const std::string& name, double fallback) const;

  /// The option as the user gave it: see spelling_of().
  std::string spelling(const std::string& name) const;
  /// Throws UsageError for options that exclude each other, and for a text that cannot be the value
  /// of its option.
  void check() const;

 private:
  Syntax syntax_;
  Values values_;
  std::vector<std::string> operands_;
  Places places_;
};

/// Parses the words behind the subcommand's name, and the configuration file that they name. Prints
/// what --help, --version and --print-config ask for and gives nothing then.
std::optional<Arguments> parse(const Syntax& syntax, const std::vector<std::string>& words);

/// The text of --help.
std::string help_text(const Syntax& syntax);
/// Its beginning, as far as the examples.
std::string short_help(const Syntax& syntax);

// Options that several commands share, and their meaning.

OptionGroup model_group();                                      ///< -m
OptionGroup input_group(const std::vector<Option>& more = {});  ///< how CSV is read
Option output_option(const std::string& help);                  ///< -o
Option no_header_option();                                      ///< --no-header
Option digits_option();                                         ///< --digits; see tables/digits.h
OptionGroup common_group(const std::string& command);           ///< help, verbosity, threads, seed

CsvFormat csv_format(const Arguments& arguments);
int threads(const Arguments& arguments);
std::uint64_t seed(const Arguments& arguments, std::uint64_t fallback);
/// DATA, or "-" where it is absent. A terminal as implied input gets a short help and a UsageError.
std::string data_path(const Arguments& arguments);
/// The same for a command that takes several, of which one may be "-".
std::vector<std::string> data_paths(const Arguments& arguments);
/// Throws UsageError for options about CSV where there is no `table` to read.
void refuse_input_options(const Arguments& arguments, const std::string& table);
/// MODEL, as -m or as the operand. A terminal is none.
std::string model_path(const Arguments& arguments);
/// Throws UsageError where two inputs would both be standard input.
void refuse_two_standard_inputs(const std::string& first, const std::string& second,
                                const std::string& what);

}  // namespace nflow::app
