// Monotone rational-quadratic spline with linear tails (Durkan et al., "Neural Spline Flows",
// 2019).
//
// h = (K raw widths, K raw heights, K - 1 raw slopes). On [-B, B]:
//   widths   w = 2B (kMin + (1 - K kMin) softmax(raw)), heights likewise, knots their running sums
//   slopes   d = kMinSlope + softplus(min(raw, kMaxRaw) + kSlopeShift): 1 where raw = 0; d = 1 at
//            both ends; bounded, so that a wild row cannot make the map too steep to be inverted
//   in bin k, theta = (x - x_k) / w_k, s = h_k / w_k, t = theta (1 - theta):
//     y       = y_k + h_k (s theta^2 + d_k t) / (s + (d_k + d_{k+1} - 2s) t)          (eq. 4)
//     log_det = 2 log s + log(d_{k+1} theta^2 + 2 s t + d_k (1 - theta)^2)
//               - 2 log(s + (d_k + d_{k+1} - 2s) t)                                   (eq. 5)
// Outside, the identity. A periodic spline is a map of the circle onto itself, whose ends -B and B
// are one point (Rezende et al., "Normalizing Flows on Tori and Spheres", 2020): K raw slopes, the
// first of them that of both ends.
// Each row takes its own branch by selection, so tails cost no special case.

template <class T>
inline constexpr T kMinBin = T(kSplineMinBin);
template <class T>
inline constexpr T kMinSlope = T(kSplineMinSlope);
template <class T>
inline constexpr T kSlopeShift = T(kSplineSlopeShift);
template <class T>
inline constexpr T kMaxRaw = T(100);

/// The bin that holds each row: its edges, sizes and slopes, and softmax weights for backward.
template <class T>
struct Bin {
  Vec<T> x0, w, y0, h, d0, d1;  // d0, d1 are slopes
  Vec<T> raw0, raw1;            // their raw values
  Vec<T> index;                 // k, as a number
};

template <class T>
inline Vec<T> slope(Vec<T> raw) {
  return softplus<T>(min<T>(raw, splat<T>(kMaxRaw<T>)) + kSlopeShift<T>) + kMinSlope<T>;
}
template <class T>
inline Vec<T> slope_derivative(Vec<T> raw) {
  return raw < splat<T>(kMaxRaw<T>) ? sigmoid<T>(raw + kSlopeShift<T>) : Vec<T>{};
}

/// softmax over K columns of raw values, into p[0..K).
template <class T>
inline void softmax(const T* raw, Index stride, Index bins, Vec<T>* p) {
  Vec<T> top = load(raw);
  for (Index k = 1; k < bins; ++k) top = max<T>(top, load(raw + k * stride));
  Vec<T> total = {};
  for (Index k = 0; k < bins; ++k) {
    p[k] = exp<T>(load(raw + k * stride) - top);
    total += p[k];
  }
  const Vec<T> scale = T(1) / total;
  for (Index k = 0; k < bins; ++k) p[k] *= scale;
}

/// Finds the bin of `at`, a value of x (or of y, when `by_height`). p and q are the softmax weights
/// of the widths and the heights.
template <class T>
inline Bin<T> find_bin(const UnivariateArgs<T>& u, Index row, Vec<T> at, bool by_height,
                       const Vec<T>* p, const Vec<T>* q) {
  const Index bins = u.bins;
  const T low = 2 * u.bound * kMinBin<T>, span = 2 * u.bound * (1 - T(bins) * kMinBin<T>);
  const T* slopes = u.h + 2 * bins * u.stride + row;
  Vec<T> x = splat<T>(-u.bound), y = x;
  const Vec<T> edge = splat<T>(T(1) - kMinSlope<T>);  // any value: replaced by slope 1 below
  Bin<T> bin{x, x, y, y, edge, edge, edge, edge, Vec<T>{}};
  const Index first = u.periodic ? 0 : 1;  // the knot of the first raw slope
  for (Index k = 0; k < bins; ++k) {
    Vec<T> w = p[k] * span + low, h = q[k] * span + low;
    if (u.periodic && k + 1 == bins) {
      w = u.bound - x;  // the rounding of the sum must not part the ends of the circle
      h = u.bound - y;
    }
    const Vec<T> knot = by_height ? y : x;
    const auto inside = k == 0 ? at == at : knot <= at;  // NOLINT: not NaN
    bin.x0 = inside ? x : bin.x0;
    bin.w = inside ? w : bin.w;
    bin.y0 = inside ? y : bin.y0;
    bin.h = inside ? h : bin.h;
    bin.index = inside ? splat<T>(T(k)) : bin.index;
    const Index left = k, right = k + 1 < bins ? k + 1 : 0;
    if (left >= first) bin.raw0 = inside ? load(slopes + (left - first) * u.stride) : bin.raw0;
    if (right >= first) bin.raw1 = inside ? load(slopes + (right - first) * u.stride) : bin.raw1;
    x += w;
    y += h;
  }
  const Vec<T> one = splat<T>(1);
  bin.d0 = slope<T>(bin.raw0);
  bin.d1 = slope<T>(bin.raw1);
  if (u.periodic) return bin;
  bin.d0 = bin.index == Vec<T>{} ? one : bin.d0;
  bin.d1 = bin.index == splat<T>(T(bins - 1)) ? one : bin.d1;
  return bin;
}

template <class T>
inline auto in_domain(Vec<T> x, T bound) {
  return abs<T>(x) <= splat<T>(bound);
}

/// The numbers that the map, its log-det and its gradient share.
template <class T>
struct Ratio {
  Vec<T> theta, t, s, top, bottom, c;
  Ratio(const Bin<T>& b, Vec<T> theta_) : theta(theta_), t(theta_ * (T(1) - theta_)), s(b.h / b.w) {
    const Vec<T> rest = T(1) - theta;
    top = s * theta * theta + b.d0 * t;
    bottom = s + (b.d0 + b.d1 - T(2) * s) * t;
    c = b.d1 * theta * theta + T(2) * s * t + b.d0 * rest * rest;
  }
  Vec<T> log_det() const { return log<T>(s * s * c / (bottom * bottom)); }
};

template <class T>
void spline_forward(const UnivariateArgs<T>& u, const T* x, T* y, T* log_det) {
  Vec<T> p[kMaxBins], q[kMaxBins];
  each<T>(u.n, [&](Index i) {
    softmax<T>(u.h + i, u.stride, u.bins, p);
    softmax<T>(u.h + u.bins * u.stride + i, u.stride, u.bins, q);
    const Vec<T> at = load(x + i);
    const auto inside = in_domain<T>(at, u.bound);
    const Vec<T> safe = inside ? at : Vec<T>{};
    const Bin<T> b = find_bin<T>(u, i, safe, false, p, q);
    const Vec<T> theta = min<T>((safe - b.x0) / b.w, splat<T>(1));  // rounding may pass the edge
    const Ratio<T> r(b, theta);
    store(y + i, inside ? b.y0 + b.h * r.top / r.bottom : at);
    store(log_det + i, load(log_det + i) + (inside ? r.log_det() : Vec<T>{}));
  });
}

// Inverse: theta = 2c / (-b - sqrt(b^2 - 4ac)) (eqs. 6-8), the root form without cancellation, with
// the discriminant clamped at 0.
template <class T>
void spline_inverse(const UnivariateArgs<T>& u, const T* y, T* x, T* log_det) {
  Vec<T> p[kMaxBins], q[kMaxBins];
  each<T>(u.n, [&](Index i) {
    softmax<T>(u.h + i, u.stride, u.bins, p);
    softmax<T>(u.h + u.bins * u.stride + i, u.stride, u.bins, q);
    const Vec<T> at = load(y + i);
    const auto inside = in_domain<T>(at, u.bound);
    const Vec<T> safe = inside ? at : Vec<T>{};
    const Bin<T> bin = find_bin<T>(u, i, safe, true, p, q);
    const Vec<T> s = bin.h / bin.w, rise = safe - bin.y0;
    const Vec<T> bend = rise * (bin.d0 + bin.d1 - T(2) * s);
    const Vec<T> a = bin.h * (s - bin.d0) + bend, b = bin.h * bin.d0 - bend, c = -s * rise;
    const Vec<T> root = sqrt(max<T>(b * b - T(4) * a * c, Vec<T>{}));
    const Vec<T> raw = T(2) * c / (-b - root);
    const Vec<T> theta = max<T>(min<T>(raw, splat<T>(1)), Vec<T>{});
    const Ratio<T> r(bin, theta);
    store(x + i, inside ? bin.x0 + theta * bin.w : at);
    store(log_det + i, load(log_det + i) - (inside ? r.log_det() : Vec<T>{}));
  });
}

/// Softmax's share: given the loss's slopes by each bin's size (`before` for bins left of the
/// row's, `at` for its own), writes the slopes by the raw sizes.
template <class T>
inline void softmax_backward(const Vec<T>* p, Index bins, Vec<T> index, Vec<T> before, Vec<T> at,
                             T span, T* dh, Index stride) {
  Vec<T> mean = {};
  for (Index k = 0; k < bins; ++k) {
    const Vec<T> number = splat<T>(T(k));
    mean += p[k] * (number < index ? before : (number == index ? at : Vec<T>{}));
  }
  for (Index k = 0; k < bins; ++k) {
    const Vec<T> number = splat<T>(T(k));
    const Vec<T> g = number < index ? before : (number == index ? at : Vec<T>{});
    store(dh + k * stride, span * p[k] * (g - mean));
  }
}

template <class T>
void spline_backward(const UnivariateArgs<T>& u, const T* x, const T* dy, const T* dlog_det, T* dh,
                     T* dx) {
  Vec<T> p[kMaxBins], q[kMaxBins];
  const Index bins = u.bins;
  const T span = 2 * u.bound * (1 - T(bins) * kMinBin<T>);
  each<T>(u.n, [&](Index i) {
    softmax<T>(u.h + i, u.stride, bins, p);
    softmax<T>(u.h + bins * u.stride + i, u.stride, bins, q);
    const Vec<T> at = load(x + i), none = {};
    const auto inside = in_domain<T>(at, u.bound);
    const Vec<T> safe = inside ? at : none;
    const Bin<T> b = find_bin<T>(u, i, safe, false, p, q);
    const Vec<T> theta = min<T>((safe - b.x0) / b.w, splat<T>(1));
    const Ratio<T> r(b, theta);
    const Vec<T> rest = T(1) - theta;
    const Vec<T> gy = inside ? load(dy + i) : none, gl = inside ? load(dlog_det + i) : none;

    // Reverse through y = y0 + h top / bottom and log_det = 2 log s + log c - 2 log bottom.
    const Vec<T> over = T(1) / r.bottom, ratio = r.top * over;
    const Vec<T> g_top = gy * b.h * over;
    const Vec<T> g_bottom = -(g_top * ratio) - T(2) * gl * over;
    const Vec<T> g_c = gl / r.c;
    const Vec<T> g_s =
        g_top * theta * theta + g_bottom * (T(1) - T(2) * r.t) + T(2) * g_c * r.t + T(2) * gl / r.s;
    const Vec<T> g_d0 = (g_top + g_bottom) * r.t + g_c * rest * rest;
    const Vec<T> g_d1 = g_bottom * r.t + g_c * theta * theta;
    const Vec<T> g_t = g_top * b.d0 + g_bottom * (b.d0 + b.d1 - T(2) * r.s) + T(2) * g_c * r.s;
    const Vec<T> g_theta = T(2) * g_top * r.s * theta + T(2) * g_c * (b.d1 * theta - b.d0 * rest) +
                           g_t * (T(1) - T(2) * theta);
    // theta = (x - x0) / w, s = h / w.
    const Vec<T> g_x = g_theta / b.w;
    const Vec<T> g_w = -(g_x * theta) - g_s * r.s / b.w;
    const Vec<T> g_h = gy * ratio + g_s / b.w;

    store(dx + i, inside ? g_x : load(dy + i));
    // x0 is the sum of the widths before, so each of them moves x0; likewise y0.
    softmax_backward<T>(p, bins, b.index, -g_x, g_w, span, dh + i, u.stride);
    softmax_backward<T>(q, bins, b.index, gy, g_h, span, dh + bins * u.stride + i, u.stride);
    const Vec<T> g_raw0 = g_d0 * slope_derivative<T>(b.raw0);
    const Vec<T> g_raw1 = g_d1 * slope_derivative<T>(b.raw1);
    // A knot is the left end of bin `knot` and the right end of the one before.
    const Index first = u.periodic ? 0 : 1;
    for (Index knot = first; knot < bins; ++knot) {
      const Vec<T> at_left = splat<T>(T(knot));
      const Vec<T> at_right = splat<T>(T(knot > 0 ? knot - 1 : bins - 1));
      const Vec<T> g = (b.index == at_left ? g_raw0 : none) + (b.index == at_right ? g_raw1 : none);
      store(dh + (2 * bins + knot - first) * u.stride + i, g);
    }
  });
}
