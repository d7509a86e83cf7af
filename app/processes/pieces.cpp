#include "processes/pieces.h"

#include "processes/world.h"

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

bool PieceOutput::mine() const { return !ranks() || owner() == ranks()->rank(); }

int PieceOutput::owner() const {
  return static_cast<int>(number_ % static_cast<std::uint64_t>(ranks()->count()));
}

void PieceOutput::write_piece(const std::string& text) {
  if (!ranks()) return write(text);
  const int from = owner();
  ++number_;
  if (from == 0) return write(text);
  if (first_rank() || from == ranks()->rank()) write(pass_on(text, from));
}

void PieceOutput::commit() {
  if (file_) file_->commit();
}

}  // namespace nflow::app
