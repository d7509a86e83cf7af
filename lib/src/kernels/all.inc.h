// All kernels, in the namespace of a target. Each uses what stands above it.

// clang-format off
#include "kernels/vec.inc.h"
#include "kernels/elementwise.inc.h"
#include "kernels/gemm.inc.h"
#ifdef NFLOW_AMX
#include "kernels/amx_tiles.inc.h"
#include "kernels/amx_corner.inc.h"
#include "kernels/amx.inc.h"
#include "kernels/pairs.inc.h"
#endif
#include "kernels/affine.inc.h"
#include "kernels/spline.inc.h"
#include "kernels/planar.inc.h"
#include "kernels/radial.inc.h"
#include "kernels/mixture.inc.h"
#include "kernels/neural_mixture.inc.h"
#include "kernels/circle.inc.h"
#include "kernels/classes.inc.h"
#include "kernels/draws.inc.h"
#include "kernels/dropout.inc.h"
#include "kernels/table.inc.h"
// clang-format on
