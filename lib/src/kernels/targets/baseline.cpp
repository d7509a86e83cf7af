#define NFLOW_TARGET_NAME "baseline"
#define NFLOW_VECTOR_BYTES 16
#include "kernels/kernels.h"

namespace nflow::baseline {
#include "kernels/all.inc.h"
}  // namespace nflow::baseline
