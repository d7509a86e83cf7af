#include "outputs.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "nflow/error.h"

namespace nflow::app {
namespace {

/// Every other option with a file is an input.
constexpr std::array<std::string_view, 4> kOutputs{"output", "history", "checkpoint", "rejects"};

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
std::optional<Place> place_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (!S_ISREG(status.st_mode)) return std::nullopt;
    return Place{status.st_dev, status.st_ino, ""};
  }
  const std::filesystem::path file = path;
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  if (::stat(folder.c_str(), &status) != 0) return std::nullopt;
  return Place{status.st_dev, status.st_ino, file.filename().string()};
}

struct NamedFile {
  std::string option;
  std::string what;  // as messages call it
  std::string path;
  std::optional<Place> place;
};

bool is_output(const NamedFile& file) {
  return std::find(kOutputs.begin(), kOutputs.end(), file.option) != kOutputs.end();
}

std::vector<NamedFile> files_of(const Arguments& arguments) {
  std::vector<NamedFile> files;
  const auto add = [&](const std::string& option, const std::string& what,
                       const std::string& path) {
    files.push_back({option, what, path, path == "-" ? std::nullopt : place_of(path)});
  };
  if (arguments.operand()) add("", arguments.syntax().operand, *arguments.operand());
  for (const Option& option : arguments.syntax().all_options()) {
    if (!names_file(option) || !arguments.given(option.name)) continue;
    add(option.name, arguments.spelling(option.name), arguments.text(option.name, ""));
  }
  // Inputs first: "DATA and --output".
  std::stable_partition(files.begin(), files.end(),
                        [](const NamedFile& file) { return !is_output(file); });
  return files;
}

/// A checkpoint that is gone on from is kept up to date; and a table may be written over by what
/// has all of its columns.
bool may_be_one(const NamedFile& input, const NamedFile& output, const Arguments& arguments) {
  const bool resumes = input.option == "resume" || input.option == "resume-if-exists";
  if (resumes && output.option == "checkpoint") return true;
  return input.option.empty() && output.option == "output" && arguments.given("append");
}

}  // namespace

void refuse_overwriting(const Arguments& arguments) {
  const std::vector<NamedFile> files = files_of(arguments);
  for (auto output = files.begin(); output != files.end(); ++output) {
    if (!is_output(*output)) continue;
    for (auto other = files.begin(); other != output; ++other) {
      const bool both_stdout = is_output(*other) && output->path == "-" && other->path == "-";
      const bool same = output->place && other->place && *output->place == *other->place;
      if ((!same && !both_stdout) || may_be_one(*other, *output, arguments)) continue;
      throw UsageError(other->what + " and " + output->what + " name the same file");
    }
  }
}

}  // namespace nflow::app
