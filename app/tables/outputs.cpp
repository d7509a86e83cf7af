#include "tables/outputs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "nflow/error.h"
#include "nflow/output_file.h"

namespace nflow::app {
namespace {

/// Every other option with a file is an input.
constexpr std::array<std::string_view, 5> kOutputs{"output", "history", "fold-scores", "checkpoint",
                                                   "rejects"};

/// Which file a path leads to, whether it is there already or not.
struct Place {
  dev_t device = 0;
  ino_t inode = 0;   // of the folder, where the file is not there yet
  std::string name;  // in that folder

  bool operator==(const Place& other) const {
    return device == other.device && inode == other.inode && name == other.name;
  }
};

/// None for what is no plain file: a device, a pipe and a stream keep nothing that could be lost.
std::optional<Place> place_of(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return Place{status.st_dev, status.st_ino, ""};
}

std::optional<Place> place_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return place_of(status);
  const std::filesystem::path file = target_of(path);
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  if (::stat(folder.c_str(), &status) != 0) return std::nullopt;
  return Place{status.st_dev, status.st_ino, file.filename().string()};
}

/// The place of the file that a shell has made standard input or output.
std::optional<Place> place_of(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 ? place_of(status) : std::nullopt;
}

struct NamedFile {
  std::string option;  // "" for the operand
  std::string what;    // as messages call it
  bool is_output;
  bool is_stdout;
  std::optional<Place> place;
};

NamedFile named_file(const std::string& option, const std::string& what, const std::string& path) {
  NamedFile file{option, what, false, false, std::nullopt};
  file.is_output = std::find(kOutputs.begin(), kOutputs.end(), option) != kOutputs.end();
  file.is_stdout = file.is_output && is_standard_output(path);
  if (file.is_stdout) {
    file.place = place_of(STDOUT_FILENO);
  } else {
    file.place = path == "-" ? place_of(STDIN_FILENO) : place_of(path);
  }
  return file;
}

/// Inputs first: "DATA and --output".
std::vector<NamedFile> files_of(const Arguments& arguments) {
  std::vector<NamedFile> files;
  const std::string& operand = arguments.syntax().operand;
  for (const std::string& path : arguments.operands()) {
    files.push_back(named_file("", operand, path));
  }
  if (files.empty() && operand == "DATA") files.push_back(named_file("", operand, "-"));
  for (const Option& option : arguments.syntax().all_options()) {
    if (option.is_file() && arguments.given(option.name)) {
      for (const std::string& path : arguments.all(option.name)) {
        files.push_back(named_file(option.name, arguments.spelling(option.name), path));
      }
    } else if (option.name == "output") {
      files.push_back({option.name, "standard output", true, false, place_of(STDOUT_FILENO)});
    }
  }
  std::stable_partition(files.begin(), files.end(),
                        [](const NamedFile& file) { return !file.is_output; });
  return files;
}

bool is_same(const NamedFile& one, const NamedFile& other) {
  if (one.is_stdout && other.is_stdout) return true;
  return one.place && other.place && *one.place == *other.place;
}

/// A checkpoint that is gone on from is kept up to date.
bool may_be_one(const NamedFile& input, const NamedFile& output) {
  const bool resumes = input.option == "resume" || input.option == "resume-if-exists";
  return resumes && output.option == "checkpoint";
}

/// Whoever appends to a table may well mean this one. But comments, empty lines, what --on-error
/// skip leaves out, compression: an output never keeps all that the input held.
std::string advice(const NamedFile& input, const NamedFile& output, const Arguments& arguments) {
  const bool appends =
      input.option.empty() && output.option == "output" && arguments.given("append");
  return appends ? "; write another, and mv it over DATA when it is done" : "";
}

}  // namespace

void refuse_overwriting(const Arguments& arguments) {
  const std::vector<NamedFile> files = files_of(arguments);
  for (auto output = files.begin(); output != files.end(); ++output) {
    if (!output->is_output) continue;
    for (auto other = files.begin(); other != output; ++other) {
      if (!is_same(*other, *output) || may_be_one(*other, *output)) continue;
      throw UsageError(other->what + " and " + output->what + " name the same file" +
                       advice(*other, *output, arguments));
    }
  }
}

}  // namespace nflow::app
