// Vectors of T as wide as the target's registers, and the elementary functions over them.
// Included once a target; everything lives in the target's namespace. No standard library.

using Index = std::ptrdiff_t;

typedef float FloatVec __attribute__((vector_size(NFLOW_VECTOR_BYTES)));
typedef double DoubleVec __attribute__((vector_size(NFLOW_VECTOR_BYTES)));
typedef std::int32_t IntVec __attribute__((vector_size(NFLOW_VECTOR_BYTES)));
typedef std::int64_t LongVec __attribute__((vector_size(NFLOW_VECTOR_BYTES)));

template <class T>
struct Traits;
template <>
struct Traits<float> {
  using Vec = FloatVec;
  using Int = IntVec;
  using Bits = std::int32_t;
  static constexpr int mantissa = 23;
  static constexpr Bits bias = 127;
  static constexpr Bits sqrt_half = 0x3f3504f3;     // bits of sqrt(1/2)
  static constexpr float round_magic = 12582912.f;  // 1.5 * 2^23
  static constexpr float exp_max = 88.37f, exp_min = -87.3f;
  static constexpr float ln2_hi = 0.693359375f, ln2_lo = -2.12194440e-4f;
  static constexpr float tiny = 1.17549435e-38f;
};
template <>
struct Traits<double> {
  using Vec = DoubleVec;
  using Int = LongVec;
  using Bits = std::int64_t;
  static constexpr int mantissa = 52;
  static constexpr Bits bias = 1023;
  static constexpr Bits sqrt_half = 0x3fe6a09e667f3bcd;
  static constexpr double round_magic = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr double exp_max = 709.4, exp_min = -708.3;
  static constexpr double ln2_hi = 6.93147180369123816490e-01, ln2_lo = 1.90821492927058770002e-10;
  static constexpr double tiny = 2.2250738585072014e-308;
};

template <class T>
using Vec = typename Traits<T>::Vec;
template <class T>
using Int = typename Traits<T>::Int;
template <class T>
inline constexpr Index kLanes = NFLOW_VECTOR_BYTES / Index(sizeof(T));

template <class T>
inline Vec<T> load(const T* p) {
  Vec<T> v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
template <class T>
inline void store(T* p, Vec<T> v) {
  __builtin_memcpy(p, &v, sizeof v);
}
template <class T>
inline Vec<T> splat(T x) {
  return x - Vec<T>{};
}
template <class T>
inline Int<T> bits(Vec<T> v) {
  Int<T> i;
  __builtin_memcpy(&i, &v, sizeof v);
  return i;
}
template <class T>
inline Vec<T> from_bits(Int<T> i) {
  Vec<T> v;
  __builtin_memcpy(&v, &i, sizeof v);
  return v;
}
template <class T>
inline T sum(Vec<T> v) {
  T s = 0;
  for (Index i = 0; i < kLanes<T>; ++i) s += v[i];
  return s;
}

inline FloatVec sqrt(FloatVec v) {
#if NFLOW_VECTOR_BYTES == 64
  return (FloatVec)_mm512_sqrt_ps((__m512)v);
#elif NFLOW_VECTOR_BYTES == 32
  return (FloatVec)_mm256_sqrt_ps((__m256)v);
#else
  for (Index i = 0; i < kLanes<float>; ++i) v[i] = __builtin_sqrtf(v[i]);
  return v;
#endif
}
inline DoubleVec sqrt(DoubleVec v) {
#if NFLOW_VECTOR_BYTES == 64
  return (DoubleVec)_mm512_sqrt_pd((__m512d)v);
#elif NFLOW_VECTOR_BYTES == 32
  return (DoubleVec)_mm256_sqrt_pd((__m256d)v);
#else
  for (Index i = 0; i < kLanes<double>; ++i) v[i] = __builtin_sqrt(v[i]);
  return v;
#endif
}

template <class T>
inline Vec<T> max(Vec<T> a, Vec<T> b) {
  return a > b ? a : b;
}
template <class T>
inline Vec<T> min(Vec<T> a, Vec<T> b) {
  return a < b ? a : b;
}
template <class T>
inline Vec<T> abs(Vec<T> v) {
  return from_bits<T>(bits<T>(v) & (((typename Traits<T>::Bits) - 1) ^
                                    ((typename Traits<T>::Bits)1 << (8 * sizeof(T) - 1))));
}
/// |size| with the sign of `sign`.
template <class T>
inline Vec<T> copy_sign(Vec<T> size, Vec<T> sign) {
  const auto top = (typename Traits<T>::Bits)1 << (8 * sizeof(T) - 1);
  return from_bits<T>((bits<T>(size) & ~top) | (bits<T>(sign) & top));
}

/// x = n ln 2 + r with |r| <= ln(2)/2: returns e^r - 1, and 2^n in `scale`. |x| within exp's range.
template <class T>
inline Vec<T> expm1_reduced(Vec<T> x, Vec<T>& scale) {
  using R = Traits<T>;
  const T log2e = T(1.4426950408889634074);
  Vec<T> n = x * log2e + R::round_magic;
  const Int<T> k = bits<T>(n) << R::mantissa;  // the magic number's low bits hold n
  n -= R::round_magic;
  const Vec<T> r = (x - n * R::ln2_hi) - n * R::ln2_lo;
  scale = from_bits<T>(k + (R::bias << R::mantissa));
  Vec<T> p;
  if constexpr (sizeof(T) == 4) {  // Taylor's series: the first term left out is below an ulp
    p = splat<T>(T(1) / 5040);
  } else {
    p = splat<T>(T(1) / 6227020800);
    p = p * r + T(1) / 479001600;
    p = p * r + T(1) / 39916800;
    p = p * r + T(1) / 3628800;
    p = p * r + T(1) / 362880;
    p = p * r + T(1) / 40320;
    p = p * r + T(1) / 5040;
  }
  p = p * r + T(1) / 720;
  p = p * r + T(1) / 120;
  p = p * r + T(1) / 24;
  p = p * r + T(1) / 6;
  p = p * r + T(1) / 2;
  return r + r * r * p;
}

/// e^x; 0 below the smallest normal number, infinite from exp_max on; NaN stays NaN.
template <class T>
inline Vec<T> exp(Vec<T> x) {
  using R = Traits<T>;
  Vec<T> scale;
  const Vec<T> inside =
      x > R::exp_max ? splat<T>(R::exp_max) : (x < R::exp_min ? splat<T>(R::exp_min) : x);
  const Vec<T> p = expm1_reduced<T>(inside, scale);  // sets scale
  const Vec<T> e = scale * p + scale;
  return x > R::exp_max ? splat<T>(T(__builtin_inf())) : (x < R::exp_min ? splat<T>(0) : e);
}

/// e^x - 1 for x <= 0, accurate near 0.
template <class T>
inline Vec<T> expm1_negative(Vec<T> x) {
  using R = Traits<T>;
  Vec<T> scale;
  const Vec<T> inside = x < R::exp_min ? splat<T>(R::exp_min) : x;
  const Vec<T> p = expm1_reduced<T>(inside, scale);
  return scale * p + (scale - T(1));
}

/// Normal x > 0 as 2^n (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)).
template <class T>
inline Vec<T> split_log(Vec<T> x, Vec<T>& n) {
  const Int<T> e = (bits<T>(x) - Traits<T>::sqrt_half) >> Traits<T>::mantissa;
  n = __builtin_convertvector(e, Vec<T>);
  return from_bits<T>(bits<T>(x) - (e << Traits<T>::mantissa)) - T(1);
}

/// The logarithm of 2^n (1 + f).
template <class T>
inline Vec<T> log_of_split(Vec<T> n, Vec<T> f) {
  using R = Traits<T>;
  const Vec<T> s = f / (f + T(2));  // log(1 + f) = 2 atanh(s)
  const Vec<T> z = s * s;
  Vec<T> q;
  if constexpr (sizeof(T) == 4) {
    q = splat<T>(T(2) / 11);
  } else {
    q = splat<T>(T(2) / 25);
    q = q * z + T(2) / 23;
    q = q * z + T(2) / 21;
    q = q * z + T(2) / 19;
    q = q * z + T(2) / 17;
    q = q * z + T(2) / 15;
    q = q * z + T(2) / 13;
    q = q * z + T(2) / 11;
  }
  q = q * z + T(2) / 9;
  q = q * z + T(2) / 7;
  q = q * z + T(2) / 5;
  q = q * z + T(2) / 3;
  q = q * z;
  const Vec<T> half = f * f * T(0.5);
  return n * R::ln2_hi + (f - (half - (s * (half + q) + n * R::ln2_lo)));
}

/// log x for normal x > 0; -infinity at and near 0, NaN below.
template <class T>
inline Vec<T> log(Vec<T> x) {
  using R = Traits<T>;
  Vec<T> n;
  const Vec<T> f = split_log<T>(x, n);
  Vec<T> y = log_of_split<T>(n, f);
  y = x < R::tiny ? splat<T>(-T(__builtin_inf())) : y;
  const Vec<T> bad = splat<T>(T(__builtin_nan("")));
  y = x >= splat<T>(0) ? y : bad;
  return x == splat<T>(T(__builtin_inf())) ? x : y;
}

/// log(1 + t) for t >= 0, accurate near 0.
template <class T>
inline Vec<T> log1p(Vec<T> t) {
  const Vec<T> u = t + T(1);
  return log<T>(u) + (t - (u - T(1))) / u;
}

template <class T>
inline Vec<T> softplus(Vec<T> x) {
  return max<T>(x, splat<T>(0)) + log1p<T>(exp<T>(-abs<T>(x)));
}
template <class T>
inline Vec<T> sigmoid(Vec<T> x) {
  const Vec<T> e = exp<T>(-abs<T>(x));
  return (x >= splat<T>(0) ? splat<T>(1) : e) / (e + T(1));
}
/// tanh x = x P(x^2) / Q(x^2) up to where it rounds to 1: the least relative error of such a
/// quotient, 2e-8, by weighted least squares.
inline FloatVec tanh_quotient(FloatVec x) {
  constexpr float last = 9, one = 1;
  const FloatVec size = abs<float>(x), a = size > last ? splat<float>(last) : size, t = a * a;
  const FloatVec p =
      (((t * 1.33549909e-8f + 2.06093446e-5f) * t + 3.4956052e-3f) * t + 0.133810401f) * t + one;
  const FloatVec q =
      (((t * 7.77670039e-7f + 3.28566181e-4f) * t + 2.58770473e-2f) * t + 0.467143565f) * t + one;
  const FloatVec y = a * p / q;
  return copy_sign<float>(y > one ? splat<float>(one) : y, x);
}

template <class T>
inline Vec<T> tanh(Vec<T> x) {
  if constexpr (sizeof(T) == 4) return tanh_quotient(x);
  const Vec<T> m = expm1_negative<T>(abs<T>(x) * T(-2));
  return copy_sign<T>(-m / (m + T(2)), x);
}
