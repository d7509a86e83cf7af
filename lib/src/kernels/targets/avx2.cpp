#define NFLOW_TARGET_NAME "avx2"
#define NFLOW_VECTOR_BYTES 32
#include "kernels/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace nflow::avx2 {
#include "kernels/all.inc.h"
}  // namespace nflow::avx2
#endif
