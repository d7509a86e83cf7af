#include "peak.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <thread>

#include "kernels/kernels.h"
#include "thread_pool.h"
#include "tile.h"

namespace nflow::bench {
namespace {

constexpr Index kSize = 512;
constexpr double kMostSeconds = 0.5;  // enough for a product of a few milliseconds
constexpr double kGflop = 2e-9 * kSize * kSize * kSize;

struct Matrices {
  AlignedBlock<float> a{kSize * kSize}, b{kSize * kSize}, c{kSize * kSize};

  Matrices() {
    for (Index i = 0; i < kSize * kSize; ++i) {
      a.data()[i] = static_cast<float>(i % 7) - 3;
      b.data()[i] = static_cast<float>(i % 5) - 2;
    }
  }
};

double own_product(const Matrices& m, const Effort& effort) {
  constexpr Index part = 32;  // rows of C that a task computes
  ThreadPool pool(effort.threads);
  const auto multiply = [&](Index number, int) {
    Gemm<float> g{};
    g.rows = part;
    g.cols = g.depth = g.a_stride = g.b_col = g.c_stride = kSize;
    g.a = m.a.data() + number * part;
    g.b = m.b.data();
    g.b_depth = 1;
    g.c = m.c.data() + number * part;
    kernels<float>().gemm(g);
  };
  return time_calls(kGflop, effort, [&] { pool.run(kSize / part, multiply); }).median;
}

/// 0 where there is no OpenBLAS.
double openblas_product(const Matrices& m, const Effort& effort) {
  // Its table of processors is older than many of them: told nothing, it may take kernels of half
  // the width that this processor has.
  if (std::strcmp(kernels<float>().target, "avx512") == 0) {
    setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
  }
  void* library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return 0;
  using Sgemm = void (*)(int order, int transpose_a, int transpose_b, int rows, int cols, int depth,
                         float alpha, const float* a, int lda, const float* b, int ldb, float beta,
                         float* c, int ldc);
  const auto sgemm = reinterpret_cast<Sgemm>(dlsym(library, "cblas_sgemm"));
  const auto set_threads =
      reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"));
  if (!sgemm || !set_threads) return 0;
  set_threads(effort.threads);
  constexpr int column_major = 102, as_is = 111, size = kSize;
  const Rate rate = time_calls(kGflop, effort, [&] {
    sgemm(column_major, as_is, as_is, size, size, size, 1, m.a.data(), size, m.b.data(), size, 0,
          m.c.data(), size);
  });
  // Its threads go on looking for work a while, and would be in the way of what is timed next.
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  return rate.median;
}

}  // namespace

Peak measure_peak(Effort effort) {
  effort.seconds = std::min(effort.seconds, kMostSeconds);
  const Matrices matrices;
  return {own_product(matrices, effort), openblas_product(matrices, effort)};
}

}  // namespace nflow::bench
