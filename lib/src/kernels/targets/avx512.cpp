#define NFLOW_TARGET_NAME "avx512"
#define NFLOW_VECTOR_BYTES 64
#define NFLOW_AMX
#include "kernels/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace nflow::avx512 {
#include "kernels/all.inc.h"
}  // namespace nflow::avx512
#endif
