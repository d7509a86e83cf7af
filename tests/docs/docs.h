#pragma once

#include <string>
#include <vector>

#include "cli/cli.h"

namespace docs {

/// The text of a file of the source tree.
std::string source(const std::string& path);
/// The pages in Markdown whose commands run.
std::vector<std::string> markdown_pages();
/// Names of the pages in man/, such as "nflow-train.1", sorted.
std::vector<std::string> man_pages();
/// The lines of the section `title` of a page in mdoc(7), behind its heading.
std::vector<std::string> section(const std::string& page, const std::string& title);
/// A line as the reader of a page sees it where it stands in a literal block.
std::string unescaped(std::string line);
/// The commands of a page's EXAMPLES, in their order: what stands behind "$ ", and the lines that
/// follow in the same display.
std::vector<std::string> man_examples(const std::string& page);

/// A fenced block of Markdown.
struct Block {
  std::string info;  ///< what stands behind the fence: "sh", "sh setup", "console", ...
  std::string text;
};
std::vector<Block> fenced_blocks(const std::string& markdown);

/// A folder with the tables of data/, as data/power.csv and as power.csv, and an nflow in the path
/// whose trainings end after a few steps.
class Playground {
 public:
  Playground();
  /// Runs commands in the shell. `status` of the outcome is not 0 either where an nflow fails
  /// inside a pipe.
  cli::Outcome run(const std::string& commands) const;
  const cli::Workdir& dir() const { return dir_; }

 private:
  cli::Workdir dir_;
};

}  // namespace docs
