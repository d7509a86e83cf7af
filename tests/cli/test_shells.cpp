#include <doctest/doctest.h>

#include "cli/cli.h"

namespace {

using cli::Conversation;
using cli::Environment;
using cli::Outcome;
using cli::Workdir;

/// What is typed before the tabulator, and what then stands on the command line.
struct Typed {
  std::string before, after;
};

// A blank at the end is left aside: fish cannot leave it out.
const std::vector<Typed> kTyped{
    {"nflow trai", "nflow train"},
    {"nflow help inf", "nflow help info"},
    {"nflow train ta", "nflow train table.csv"},
    {"nflow train --sched", "nflow train --schedule"},
    {"nflow train --schedule c", "nflow train --schedule co"},
    {"nflow train --precision=d", "nflow train --precision=double"},
    {"nflow train --output=ta", "nflow train --output=table.csv"},
    {"nflow train -qo ta", "nflow train -qo table.csv"},
    {"nflow train --epochs 5 --flow pla", "nflow train --epochs 5 --flow planar"},
    {"nflow train --flow actnorm,nsf-c", "nflow train --flow actnorm,nsf-cl"},
    {"nflow train --flow=actnorm,nsf-cl:bi", "nflow train --flow=actnorm,nsf-cl:bins="},
    {"nflow train table.csv --columns al", "nflow train table.csv --columns alpha"},
    {"nflow train table.csv --columns alpha,be", "nflow train table.csv --columns alpha,beta"},
    {"nflow train table.csv --columns=alpha,be", "nflow train table.csv --columns=alpha,beta"},
    {"nflow train table.csv --support 'beta=PO", "nflow train table.csv --support 'beta=POSITIVE"},
    {"nflow train table.csv --exclude ga", "nflow train table.csv --exclude gamma\\ ray"},
    {"nflow train ~/table.csv --weights al", "nflow train ~/table.csv --weights alpha"},
    {"nflow train my\\ table.csv --columns x", "nflow train my\\ table.csv --columns xi"},
    {"nflow train table.csv my", "nflow train table.csv my\\ table.csv"},
    {"nflow train marked.tsv --delimiter '\\t' --columns om",
     "nflow train marked.tsv --delimiter '\\t' --columns omega"},
};

/// nflow as it is installed, in ./prefix, and tables.
void furnish(const Workdir& dir) {
  const Outcome made =
      dir.shell("cmake --install '" NFLOW_BINARY_DIR "' --component nflow --prefix prefix");
  REQUIRE_MESSAGE(made.status == 0, made.err);
  dir.write("table.csv", "alpha,beta,gamma ray\n1,2,3\n");
  dir.write("my table.csv", "xi\n1\n");
  dir.write("marked.tsv", "omega\tpsi\n1\t2\n");
}

void check(Conversation& shell, const Typed& typed) {
  CAPTURE(typed.before);
  shell.send(typed.before + "\t\x14");  // ^T shows the command line in brackets
  shell.receive_until("[[[");
  std::string line = shell.receive_until("]]]");
  line.resize(line.size() < 3 ? 0 : line.size() - 3);
  // A quote that was open may be closed or not.
  while (!line.empty() && (line.back() == ' ' || line.back() == '\'')) line.pop_back();
  CHECK(line == typed.after);
  shell.send("\x15");  // ^U deletes it
}

void check_all(Conversation& shell) {
  REQUIRE_MESSAGE(cli::contains(shell.receive_until("ready> "), "ready> "), "no prompt");
  for (const Typed& typed : kTyped) check(shell, typed);
}

/// What may go on has no blank behind it.
const Typed kInPieces{"nflow train table.csv --flow act\t,nsf-c\t:bi\t8 --columns al\t,be",
                      "nflow train table.csv --flow actnorm,nsf-cl:bins=8 --columns alpha,beta"};

bool missing(const Workdir& dir, const std::string& shell) {
  if (dir.shell("command -v " + shell).status == 0) return false;
  MESSAGE("skipped: there is no " << shell << " (Debian: " << shell << ")");
  return true;
}

Environment home(const Workdir& dir) {
  return Environment({{"HOME", dir.path("")},
                      {"ZDOTDIR", dir.path("")},
                      {"XDG_CONFIG_HOME", dir.path("config")},
                      {"XDG_DATA_HOME", dir.path("data")},
                      {"XDG_DATA_DIRS", dir.path("prefix/share") + ":/usr/share"},
                      {"PATH", dir.path("prefix/bin") + ":/usr/bin:/bin"},
                      {"LC_ALL", "C.UTF-8"},
                      {"TERM", "dumb"}});
}

const char* const kBash = R"(PS1='ready> '
bind 'set enable-bracketed-paste off'
bind -x '"\C-t": printf "\n[[[%s]]]\n" "$READLINE_LINE"'
)";

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("bash completes nflow's command line") {
    const Workdir dir;
    furnish(dir);
    const Environment environment = home(dir);
    SUBCASE("alone") {
      dir.write("rc",
                "source prefix/share/bash-completion/completions/nflow\n" + std::string(kBash));
    }
    SUBCASE("with bash-completion, which finds it by itself") {
      if (dir.shell("test -r /usr/share/bash-completion/bash_completion").status != 0) {
        MESSAGE("skipped: there is no bash-completion (Debian: bash-completion)");
        return;
      }
      dir.write("rc", "source /usr/share/bash-completion/bash_completion\n" + std::string(kBash));
    }
    Conversation bash(dir, {"--rcfile", "rc", "--noprofile", "-i"}, Conversation::Ends::terminal,
                      "/bin/bash");
    check_all(bash);
    check(bash, kInPieces);
  }

  TEST_CASE("zsh completes nflow's command line") {
    const Workdir dir;
    if (missing(dir, "zsh")) return;
    furnish(dir);
    const Environment environment = home(dir);
    dir.write(".zshrc", R"(PS1='ready> '
fpath=($PWD/prefix/share/zsh/site-functions $fpath)
autoload -Uz compinit && compinit -u -D
unset zle_bracketed_paste
show() { print -r -- "[[[$BUFFER]]]" > $TTY }
zle -N show && bindkey '^T' show
)");
    Conversation zsh(dir, {"-d", "-i"}, Conversation::Ends::terminal, "/usr/bin/zsh");
    check_all(zsh);
    check(zsh, kInPieces);
  }

  TEST_CASE("fish completes nflow's command line") {
    const Workdir dir;
    if (missing(dir, "fish")) return;
    furnish(dir);
    const Environment environment = home(dir);
    dir.write("rc.fish", R"rc(function fish_prompt; echo -n 'ready> '; end
set -g fish_greeting
set -g fish_autosuggestion_enabled 0
bind \ct 'echo; echo "[[["(commandline)"]]]"'
)rc");
    Conversation fish(dir, {"-i", "-C", "source rc.fish"}, Conversation::Ends::terminal,
                      "/usr/bin/fish");
    check_all(fish);
  }

  TEST_CASE("the shells show what each candidate is for") {
    const Workdir dir;
    furnish(dir);
    const Environment environment = home(dir);
    if (missing(dir, "fish")) return;
    const Outcome shown = dir.shell("fish -c 'complete -C\"nflow train --preci\"'");
    CHECK(shown.out == "--precision\tof the model's numbers (default: float)\n");
  }
}
