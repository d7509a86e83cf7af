#define NFLOW_TARGET_NAME "baseline"
#define NFLOW_VECTOR_BYTES 16
#include "kernels/kernels.h"

namespace nflow::baseline {
#include "kernels/vec.inc.h"
//
#include "kernels/elementwise.inc.h"
#include "kernels/gemm.inc.h"
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
}  // namespace nflow::baseline
