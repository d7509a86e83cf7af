#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "kept_blocks.h"
#include "toy.h"
#include "train/objective.h"
#include "train/optimizer.h"
#include "train/table_batches.h"

// Counts every allocation of the test program; a training step may make none. The largest block of
// the CSV reader is kept: see kept_blocks.h.

namespace {
std::atomic<long> allocations{0};

void* counted_or_null(std::size_t size, std::size_t align) noexcept {
  ++allocations;
  return std::aligned_alloc(align, (size + align - 1) / align * align);
}

void* counted(std::size_t size, std::size_t align) {
  void* p = counted_or_null(size, align);
  if (!p) throw std::bad_alloc();
  return p;
}
}  // namespace

void* operator new(std::size_t size) { return counted(size ? size : 1, 16); }
void* operator new[](std::size_t size) {
  void* kept = size >= std::size_t{32} << 20 ? kept_blocks::take(size) : nullptr;
  if (kept == nullptr) return counted(size ? size : 1, 16);
  ++allocations;
  return kept;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted_or_null(size ? size : 1, 16);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return counted_or_null(size ? size : 1, 16);
}
void* operator new(std::size_t size, std::align_val_t align) {
  return counted(size ? size : 1, static_cast<std::size_t>(align));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept {
  if (!kept_blocks::give_back(p)) std::free(p);
}
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { operator delete[](p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

using namespace nflow;
using namespace nflow::testing;

TEST_SUITE("train") {
  TEST_CASE("a training step allocates nothing, whatever the flow, with weights or without") {
    for (const FlowKind* kind : flow_kinds()) {
      CAPTURE(kind->name);
      const bool weighted = kind == flow_kinds().front();
      const FlowSpec spec = parse_flow(kind->name + ",actnorm");
      const Dataset data = banana(600, 3);
      const Scaler scaler = fit_scaler(data.x, {"a", "b"});
      const Chain<float> chain(spec, 2, 0, 0);
      ThreadPool pool(2);
      TableBatches<float> batches(
          {ScaledRows<float>(data.x, scaler), ScaledRows<float>(data.context, {}),
           std::vector<double>(weighted ? 600 : 0, 1.0)},
          256, 0);
      Objective<float> objective(chain, batches.shards(), pool);
      Optimizer<float> optimizer(chain.blueprint(), {5, 0.01}, batches.shards().count);
      const auto start = chain.blueprint().initial_parameters(0);
      std::vector<float> theta(start.begin(), start.end());
      const Dropout dropout{0, 0};
      double weight = 0;
      const auto step = [&](Index number) {
        batches.go_to(number / 2, number % 2);
        objective.batch(theta, batches, dropout);
        weight += batches.weight();
        return optimizer.step(pool, objective.grads(), 1e-3, theta);
      };
      CHECK(step(0));
      const long before = allocations;
      for (Index i = 1; i < 4; ++i) step(i);
      const long after = allocations;
      CHECK(after == before);
      CHECK(weight == 4 * 256);
    }
  }
}
