#include "nflow/nearest.h"

#include <algorithm>
#include <cstddef>

#include "nflow/printable.h"

namespace nflow {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

/// Edits that turn a into b, a swap of neighbours counting as one.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

/// What is longer is no word that was misspelt: to compare such texts takes long.
constexpr std::size_t kLongestWord = 256;

/// One edit for every three letters: of two words of two letters no one can tell.
std::size_t allowed_distance(std::size_t length) { return length / 3; }

bool is_joint(char c) { return c == '-' || c == '_' || c == ' ' || c == '.'; }

/// Whether `whole` has `part` between its joints, as max-steps has steps.
bool has_part(const std::string& whole, const std::string& part) {
  for (std::size_t at = whole.find(part); at != std::string::npos; at = whole.find(part, at + 1)) {
    const std::size_t end = at + part.size();
    if ((at == 0 || is_joint(whole[at - 1])) && (end == whole.size() || is_joint(whole[end])))
      return true;
  }
  return false;
}

bool begins_with(const std::string& whole, const std::string& part) {
  return whole.compare(0, part.size(), part) == 0;
}

/// The one candidate that begins with the word, has it as a part, or is a part of it; empty where
/// there are more.
std::string related(const std::string& wanted, const std::vector<std::string>& candidates) {
  constexpr std::size_t telling = 3;  // letters of a part, at least
  std::string found;
  for (const std::string& candidate : candidates) {
    const std::string name = lower(candidate);
    if (std::min(name.size(), wanted.size()) < telling) continue;
    if (!begins_with(name, wanted) && !has_part(name, wanted) && !has_part(wanted, name)) continue;
    if (!found.empty()) return {};
    found = candidate;
  }
  return found;
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > kLongestWord) return {};
  const std::string wanted = lower(word);
  std::string best;
  std::size_t best_distance = 0;
  for (const std::string& candidate : candidates) {
    const std::size_t shorter = std::min(wanted.size(), candidate.size());
    const std::size_t longer = std::max(wanted.size(), candidate.size());
    const std::size_t allowed = allowed_distance(longer);
    if (longer - shorter > allowed) continue;  // so long words take no time
    const std::size_t distance = edit_distance(wanted, lower(candidate));
    if (distance > allowed) continue;
    if (best.empty() || distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best.empty() ? related(wanted, candidates) : best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string near = nearest(word, candidates);
  return near.empty() ? "" : "; did you mean '" + printable(near) + "'?";
}

}  // namespace nflow
