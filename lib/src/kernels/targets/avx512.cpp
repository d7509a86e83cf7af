#define NFLOW_TARGET_NAME "avx512"
#define NFLOW_VECTOR_BYTES 64
#define NFLOW_AMX
#include "kernels/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace nflow::avx512 {
#include "kernels/vec.inc.h"
//
#include "kernels/elementwise.inc.h"
#include "kernels/gemm.inc.h"
//
#include "kernels/amx_tiles.inc.h"
//
#include "kernels/amx_corner.inc.h"
//
#include "kernels/amx.inc.h"
//
#include "kernels/affine.inc.h"
#include "kernels/spline.inc.h"
//
#include "kernels/planar.inc.h"
#include "kernels/radial.inc.h"
//
#include "kernels/mixture.inc.h"
//
#include "kernels/circle.inc.h"
//
#include "kernels/draws.inc.h"
//
#include "kernels/dropout.inc.h"
//
#include "kernels/table.inc.h"
}  // namespace nflow::avx512
#endif
