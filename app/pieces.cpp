#include "pieces.h"

#include <numeric>
#include <vector>

#include "nflow/error.h"
#include "world.h"

namespace nflow::app {
namespace {

/// Takes a text from one process to the first.
std::string pass_on(const std::string& text, int owner) {
  const bool sends = ranks()->rank() == owner;
  std::uint64_t size = text.size();
  const Ranks::Message length{sends ? 0 : owner, &size, sizeof size};
  std::string copy = sends ? text : "";
  if (sends) {
    ranks()->exchange({length}, {});
    ranks()->exchange({{0, copy.data(), copy.size()}}, {});
  } else {
    ranks()->exchange({}, {length});
    copy.resize(size);
    ranks()->exchange({}, {{owner, copy.data(), copy.size()}});
  }
  return copy;
}

}  // namespace

PieceOutput::PieceOutput(const std::string& path) {
  if (first_rank()) file_.emplace(path);
}

void PieceOutput::write(const std::string& text) {
  if (file_) file_->write(text);
}

bool PieceOutput::mine() const {
  return !ranks() || static_cast<int>(number_ % static_cast<std::uint64_t>(ranks()->count())) ==
                         ranks()->rank();
}

void PieceOutput::write_piece(const std::string& text) {
  if (!ranks()) return write(text);
  const int owner = static_cast<int>(number_ % static_cast<std::uint64_t>(ranks()->count()));
  const bool concerned = owner == ranks()->rank() || first_rank();
  ++number_;
  if (owner == 0) return write(text);
  if (concerned) write(pass_on(text, owner));
}

void PieceOutput::commit() {
  if (file_) file_->commit();
}

std::uint64_t sum_of_all(std::uint64_t count) {
  if (!ranks()) return count;
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(ranks()->count()));
  counts[static_cast<std::size_t>(ranks()->rank())] = count;
  std::vector<std::size_t> ends;
  for (std::size_t r = 1; r <= counts.size(); ++r) ends.push_back(r * sizeof count);
  ranks()->gather_parts(counts.data(), ends);
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void refuse_shared_input(const std::string& path) {
  if (!ranks() || path != "-") return;
  throw UsageError("several processes cannot read one standard input: name a file");
}

}  // namespace nflow::app
