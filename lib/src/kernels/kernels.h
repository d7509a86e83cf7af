#pragma once

#include <cstddef>
#include <cstdint>

#include "math/constants.h"
#include "nflow/activation.h"

namespace nflow {

// The hot loops, compiled once for each instruction set (targets/) and chosen at run time.
//
// A tile is a batch of n rows by some columns, column-major: a column is contiguous and `stride`
// entries after the one before. n is a multiple of kRowStep, so that every loop over rows is whole
// vectors; rows that only fill up are computed like the others and carry zero gradients.
inline constexpr std::ptrdiff_t kRowStep = 16;

/// C = bias + A B, or C += A B, with A and C tiles: rows are contiguous.
template <class T>
struct Gemm {
  std::ptrdiff_t rows, cols, depth;  // C is rows x cols, A rows x depth, B depth x cols
  const T* a;
  std::ptrdiff_t a_stride;  // A(r, p) = a[p * a_stride + r]; readable up to a multiple of kRowStep
  const T* b;
  std::ptrdiff_t b_depth, b_col;         // B(p, j) = b[p * b_depth + j * b_col]
  const std::int32_t* packed = nullptr;  // B as pack() left it; null: not packed
  T* c;
  std::ptrdiff_t c_stride;  // C(r, j) = c[j * c_stride + r]
  bool accumulate = false;
  const T* bias = nullptr;  // cols entries; null: 0
  // Triangular and masked products: column j reads only p in [depth_begin[j], depth_end[j]), and
  // writes only rows in [row_begin[j], row_end[j]). Null: all of them.
  const std::ptrdiff_t* depth_begin = nullptr;
  const std::ptrdiff_t* depth_end = nullptr;
  const std::ptrdiff_t* row_begin = nullptr;
  const std::ptrdiff_t* row_end = nullptr;
  bool far = false;           // B and C are not in the second-level cache: fetched ahead
  bool rough = false;         // 16 bits are enough: gradients of a batch differ by far more
  bool zero_outside = false;  // B is 0 where a column does not read, and A finite: it may be read
};

// A spline's least width and height of a bin, as a share of all; the least slope of a knot; and
// log(e^(1 - kSplineMinSlope) - 1), which makes the slope 1 where its raw value is 0.
inline constexpr double kSplineMinBin = 1e-3, kSplineMinSlope = 1e-3,
                        kSplineSlopeShift = 0.539742417236952;

/// Most bins of a spline and components of a mixture: the kernels hold them on the stack.
inline constexpr std::ptrdiff_t kMaxBins = 256, kMaxComponents = 1024;

/// What a univariate map of one column needs: n rows, raw parameters h(:, k) = h[k * stride + r].
template <class T>
struct UnivariateArgs {
  std::ptrdiff_t n;
  const T* h;
  std::ptrdiff_t stride;
  std::ptrdiff_t bins;    // splines only
  T bound;                // splines: the tail bound; affine: bound of the log-scale
  bool periodic = false;  // splines only: [-bound, bound] is a circle, and its ends are one point
};

/// One column of a mixture: n rows, conditional means mean(:, k) of K components, and e^{s_k}, s_k.
template <class T>
struct MixtureArgs {
  std::ptrdiff_t n, components;
  const T* mean;
  std::ptrdiff_t stride;  // of mean, of the weights a, and of their gradients
  const T* scale;
  const T* log_scale;
  /// Has each row scales of its own, scale(:, k) and log_scale(:, k), and weights that are
  /// normalised and those of no next column? Then a_out is unused, and da is written, not read.
  bool own = false;
};

/// What a net changes of one column of a mixture: its outputs h(:, 0 .. 3K - 1), K logits, K shifts
/// of the means in deviations, and K raw log-scales, bounded by `bound`.
template <class T>
struct NeuralMixtureArgs {
  MixtureArgs<T> base;  // whose scales are those of the column
  const T* a;           // the base's weights, not normalised
  const T* h;
  T bound;
  T share;  // of all weights, whose sum this is
};

/// Rows' own mixture, n x K each, of the base's stride: normalised weights, means, log-scales s and
/// e^s.
template <class T>
struct OwnMixture {
  T *a, *mean, *log_scale, *scale;
};

/// The loss's slopes by these, but for the last; and what neural_mixture_backward() makes of them.
template <class T>
struct NeuralMixtureGradients {
  const T *da, *dmean, *dlog_scale;           // in, of the rows' own mixture
  T *base_da, *base_dmean, *base_dlog_scale;  // out, of the base; dlog_scale is a row's part
  T* dh;                                      // out
};

/// One column of classes: n rows, logits h(:, k) + bias[k] of at most kMaxBins classes.
template <class T>
struct ClassArgs {
  std::ptrdiff_t n, classes;
  const T* h;
  std::ptrdiff_t stride;  // of h and of its gradient
  const T* bias;
};

/// A mixture over columns of classes, independent within a component, at one of them: its shares of
/// these classes, and each row's weights of the components given the columns before.
template <class T>
struct ClassMixtureArgs {
  std::ptrdiff_t n, classes, components;
  const T* share;  // one row of at least `classes` a component
  std::ptrdiff_t share_stride;
  T* weight;  // one column of n a component
  std::ptrdiff_t weight_stride;
};

template <class T>
struct MixtureGradients {
  const T* dz;
  const T* dlog_det;
  T* da;  // in: dL/da of the column after; out: of this column
  T* dlog_scale;
  T* dmean;
  T* dx;
};

/// Which masks to draw (nets/dropout.h): a unit is dropped where its 16 random bits, a function of
/// seed, purpose, row and unit, are below `threshold`; else multiplied by `kept`.
struct DropoutArgs {
  std::uint64_t seed;
  std::uint32_t purpose;
  std::uint64_t first_row;
  std::ptrdiff_t first_unit;
  std::uint32_t threshold;
  double kept;
};

/// Which standard normal numbers to draw, times `scale`: Random(seed, purpose).normal_pair(row,
/// pair) of math/random.h, for rows from first_row on.
struct NormalArgs {
  std::uint64_t seed;
  std::uint32_t purpose;
  std::uint64_t first_row;
  std::uint32_t pair;
  double scale;
};

template <class T>
struct AdamArgs {
  std::ptrdiff_t n;
  T* theta;
  const T* grad;
  T* m;
  T* v;
  const T* decay;      // weight decay of each entry, taken times the rate; null: none
  T rate, grad_scale;  // grad_scale: the clipping factor
  T beta1, beta2, epsilon;
  T correction1, correction2;  // 1 / (1 - beta^t)
};

template <class T>
struct Kernels {
  const char* target;

  void (*gemm)(const Gemm<T>&);
  /// The words that pack() writes: of B in an order that gemm() reads faster, for many products.
  /// They depend on what `g` says of B, and on `rough`; 0: this target reads B as it is. `packed`
  /// begins at a multiple of 64 bytes.
  std::ptrdiff_t (*packed_words)(const Gemm<T>& g);
  void (*pack)(const Gemm<T>& g, std::int32_t* packed);
  /// out(i, r) = in(r, i): rows x cols to cols x rows; out has columns of out_stride entries, a
  /// multiple of kRowStep, and those past `cols` become 0.
  void (*transpose)(std::ptrdiff_t rows, std::ptrdiff_t cols, const T* in, std::ptrdiff_t in_stride,
                    T* out, std::ptrdiff_t out_stride);
  /// sums[j] += sum over rows of in(:, j)
  void (*add_column_sums)(std::ptrdiff_t n, std::ptrdiff_t cols, const T* in, std::ptrdiff_t stride,
                          T* sums);

  // Element by element over n entries, n a multiple of kRowStep.
  void (*activate)(Activation, std::ptrdiff_t n, const T* in, T* out);
  /// din = dout * activation'(in). From `in`, since dropout may have changed what was put out.
  void (*activate_backward)(Activation, std::ptrdiff_t n, const T* in, const T* dout, T* din);
  void (*add)(std::ptrdiff_t n, const T* in, T* out);            // out += in
  void (*axpy)(std::ptrdiff_t n, T scale, const T* in, T* out);  // out += scale * in
  void (*scale_shift)(std::ptrdiff_t n, T scale, T shift, const T* in, T* out);
  T (*dot)(std::ptrdiff_t n, const T* a, const T* b);
  /// out += (in - shift)^2
  void (*add_squares)(std::ptrdiff_t n, T shift, const T* in, T* out);
  /// out += factor * by * (in - shift)
  void (*add_product)(std::ptrdiff_t n, T factor, const T* by, T shift, const T* in, T* out);

  // Univariate maps: formulas in kernels/affine.inc.h and kernels/spline.inc.h.
  void (*affine_forward)(const UnivariateArgs<T>&, const T* x, T* y, T* log_det);
  void (*affine_inverse)(const UnivariateArgs<T>&, const T* y, T* x, T* log_det);
  void (*affine_backward)(const UnivariateArgs<T>&, const T* x, const T* dy, const T* dlog_det,
                          T* dh, T* dx);
  void (*spline_forward)(const UnivariateArgs<T>&, const T* x, T* y, T* log_det);
  void (*spline_inverse)(const UnivariateArgs<T>&, const T* y, T* x, T* log_det);
  void (*spline_backward)(const UnivariateArgs<T>&, const T* x, const T* dy, const T* dlog_det,
                          T* dh, T* dx);

  // The parts of planar and radial links that are one number a row; formulas in
  // bijectors/planar.cpp and bijectors/radial.cpp.
  /// t = tanh(p), log_det += log1p(c (1 - t^2)).
  void (*planar_forward)(std::ptrdiff_t n, T c, const T* p, T* t, T* log_det);
  /// Solves p + c tanh(p) = g for p; t = tanh(p), log_det -= log1p(c (1 - t^2)).
  void (*planar_inverse)(std::ptrdiff_t n, T c, const T* g, T* t, T* log_det);
  /// dp and, for the sum over rows, dc: the loss's slopes by p and by c, given dt and dlog_det.
  void (*planar_backward)(std::ptrdiff_t n, T c, const T* t, const T* dt, const T* dlog_det, T* dp,
                          T* dc);
  /// From squares = |x - x0|^2: h = 1 / (alpha + r); log_det += the radial map's.
  void (*radial_forward)(std::ptrdiff_t n, T dim, T alpha, T beta, const T* squares, T* h,
                         T* log_det);
  /// From squares = |z - x0|^2: scale = |x - x0| / |z - x0|; log_det -= the radial map's.
  void (*radial_inverse)(std::ptrdiff_t n, T dim, T alpha, T beta, const T* squares, T* scale,
                         T* log_det);
  /// Given along = <dz, x - x0>: pull = dL/dr / r, and the loss's slopes by alpha and beta.
  void (*radial_backward)(std::ptrdiff_t n, T dim, T alpha, T beta, const T* squares,
                          const T* along, const T* dlog_det, T* pull, T* dalpha, T* dbeta);

  // One column of a Gaussian mixture, weights a in and a_out: kernels/mixture.inc.h. For a column
  // of context mixture_backward takes z = null.
  void (*mixture_condition)(const MixtureArgs<T>&, const T* x, const T* a, T* a_out);
  void (*mixture_forward)(const MixtureArgs<T>&, const T* x, const T* a, T* a_out, T* z,
                          T* log_det);
  void (*mixture_inverse)(const MixtureArgs<T>&, const T* z, const T* a, T* a_out, T* x,
                          T* log_det);
  void (*mixture_backward)(const MixtureArgs<T>&, const MixtureGradients<T>&, const T* x,
                           const T* z, const T* a);

  /// All columns at once: share(:, k) = p(component k | row), and log p of each row. x has
  /// `columns` columns of the same stride, m.mean, m.scale and m.log_scale are those of column 0,
  /// the others behind them.
  void (*mixture_posterior)(const MixtureArgs<T>& m, std::ptrdiff_t columns, const T* log_weight,
                            const T* x, T* share, T* log_prob);

  // A mixture of each row's own: kernels/neural_mixture.inc.h.
  void (*neural_mixture)(const NeuralMixtureArgs<T>&, const OwnMixture<T>& own);
  void (*neural_mixture_backward)(const NeuralMixtureArgs<T>&, const OwnMixture<T>& own,
                                  const NeuralMixtureGradients<T>&);
  /// log_det += factor (log f(x) + lift), but for its constant: f is that of m, which is `own`.
  void (*mixture_density)(const MixtureArgs<T>& m, T factor, T lift, const T* x, const T* a,
                          T* log_det);
  /// da, dmean and dlog_scale are written, dx is added to; dz is unused.
  void (*mixture_density_backward)(const MixtureArgs<T>& m, T factor, const MixtureGradients<T>&,
                                   const T* x, const T* a);

  // Circular columns, in turns: kernels/circle.inc.h.
  /// z = Phi^-1(u + 1/2) for u in [-1/2, 1/2], log_det -= log phi(z). In place where z is u.
  void (*quantile_forward)(std::ptrdiff_t n, const T* u, T* z, T* log_det);
  /// u = Phi(z) - 1/2, log_det += log phi(z).
  void (*quantile_inverse)(std::ptrdiff_t n, const T* z, T* u, T* log_det);
  /// du, given z, dz and dlog_det.
  void (*quantile_backward)(std::ptrdiff_t n, const T* z, const T* dz, const T* dlog_det, T* du);
  /// c = cos(2 pi x), s = sin(2 pi x).
  void (*circle_forward)(std::ptrdiff_t n, const T* x, T* c, T* s);
  /// dx += 2 pi (ds c - dc s)
  void (*circle_backward)(std::ptrdiff_t n, const T* c, const T* s, const T* dc, const T* ds,
                          T* dx);

  // Columns of classes, x = class + place in [0, 1): kernels/classes.inc.h.
  void (*class_forward)(const ClassArgs<T>&, const T* x, T* z, T* log_det);
  void (*class_inverse)(const ClassArgs<T>&, const T* z, T* x, T* log_det);
  void (*class_backward)(const ClassArgs<T>&, const T* x, const T* dlog_det, T* dh);
  /// h(:, k) += log sum_c weight_c share_ck
  void (*class_mixture)(const ClassMixtureArgs<T>&, T* h, std::ptrdiff_t stride);
  /// weight_c := weight_c share_ck / sum, k being the class of x.
  void (*class_mixture_given)(const ClassMixtureArgs<T>&, const T* x);
  void (*class_features)(std::ptrdiff_t n, std::ptrdiff_t classes, const T* scores, const T* x,
                         T* out, std::ptrdiff_t stride);

  void (*dropout)(const DropoutArgs&, std::ptrdiff_t n, std::ptrdiff_t cols, T* units,
                  std::ptrdiff_t stride);
  /// Both numbers of each row's pair, n rows; `odd` may be null.
  void (*normals)(const NormalArgs&, std::ptrdiff_t n, T* even, T* odd);

  /// sum = partial sums in the order of the shards; returns the sum of squares in double.
  double (*reduce_gradients)(std::ptrdiff_t n, std::ptrdiff_t shards, const T* const* grads,
                             std::ptrdiff_t offset, T* sum);
  void (*adam)(const AdamArgs<T>&);
};

/// The kernels of the best instruction set that this processor has, or of use_kernel_set().
template <class T>
const Kernels<T>& kernels();

/// One of all that were compiled, for tests; null past the last.
template <class T>
const Kernels<T>* kernels_compiled(int index);

}  // namespace nflow
