#include "kept_blocks.h"

#include <cstdlib>
#include <mutex>
#include <new>

namespace {

struct Block {
  std::size_t size;
  void* memory;
  bool is_free;
};

std::mutex mutex;
Block blocks[8];

/// The block of this size, else the first that has none yet; null if there is neither.
Block* find(std::size_t size) {
  for (Block& block : blocks)
    if (block.size == size || block.size == 0) return &block;
  return nullptr;
}

void* allocate(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new[](std::size_t size) {
  if (size < kept_blocks::smallest) return allocate(size);
  const std::lock_guard lock(mutex);
  Block* block = find(size);
  if (block == nullptr || (block->size == size && !block->is_free)) return allocate(size);
  if (block->size == 0) *block = {size, allocate(size), true};
  block->is_free = false;
  return block->memory;
}

void operator delete[](void* memory) noexcept {
  {
    const std::lock_guard lock(mutex);
    for (Block& block : blocks) {
      if (memory == nullptr || block.memory != memory) continue;
      block.is_free = true;
      return;
    }
  }
  std::free(memory);
}

void operator delete[](void* memory, std::size_t) noexcept { operator delete[](memory); }
