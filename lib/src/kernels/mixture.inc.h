// One column of a Gaussian mixture's conditional distribution; the maths stands in
// bijectors/mixture.cpp. Row by row, with y_k = (x - mean_k) e^{s_k} and weights pi = softmax(a):
//   forward   z = Phi^-1(F),  F = sum_k pi_k Phi(y_k)
//   log_det   log sum_k pi_k e^{s_k} phi(y_k) - log phi(z)
//   weights   a'_k = a_k + s_k - y_k^2 / 2: those of the next column, given this one
// Tails are taken on the side of the smaller one, in logarithms, so that 30 deviations are as exact
// as one.

/// Below every logarithm of a density, and finite: infinities less one another are no number.
template <class T>
inline constexpr T kLowest = sizeof(T) == 4 ? T(-3e38) : T(-1.7e308);

/// H(u) = e^{u^2/2} Phi(-u) for u >= 0: t Q(t) with t = 1 / (1 + 0.35 u) and Q a Chebyshev series
/// in 2t - 1, relative error 2e-8 or 7e-15. Fitted to erfcx(u / sqrt(2)) / 2.
template <class T>
inline Vec<T> mills(Vec<T> u) {
  constexpr T series[] = {
      T(2.87063337590901746e-01),  T(1.78190091248520199e-01),  T(3.32702761555312768e-02),
      T(2.07913553910877647e-03),  T(-5.33055714725094699e-04), T(-8.70352852960776247e-05),
      T(1.49987205621804349e-05),  T(2.99719453457747418e-06),  T(-6.94634982547626110e-07),
      T(-8.85100361291968383e-08), T(3.89483968143977666e-08),  T(5.23806482632949192e-10),
      T(-2.07708874766510108e-09), T(2.45103287666026393e-10),  T(8.21934820205427813e-11),
      T(-2.77471545739871311e-11), T(-2.28566054971679504e-13), T(1.81003600996376685e-12),
      T(-3.43614026121485949e-13), T(-5.08193487291919165e-14), T(3.52007312187652135e-14),
      T(-4.37178071521770991e-15), T(-1.47770684577608341e-15)};
  constexpr int terms = sizeof(T) == 4 ? 11 : 23;
  const Vec<T> t = T(1) / (T(0.35) * u + T(1)), twice = T(4) * t - T(2);
  Vec<T> b1 = {}, b2 = {};  // Clenshaw's recurrence
#pragma GCC unroll 23
  for (int i = terms - 1; i > 0; --i) {
    const Vec<T> b0 = twice * b1 - b2 + series[i];
    b2 = b1;
    b1 = b0;
  }
  return t * (T(0.5) * twice * b1 - b2 + series[0]);
}

/// u >= 0 with log Phi(-u) = log_tail, for log_tail <= log(1/2). Newton's steps on log Phi, which
/// is concave, from the bound Phi(-u) <= e^{-u^2/2} / 2: they approach the root from one side.
template <class T>
inline Vec<T> tail_quantile(Vec<T> log_tail) {
  constexpr int steps = sizeof(T) == 4 ? 5 : 7;
  const T root_two_pi = T(2.50662827463100050242);
  Vec<T> u = sqrt(max<T>(T(-2) * (log_tail + T(0.69314718055994530942)), Vec<T>{}));
  for (int i = 0; i < steps; ++i) {
    const Vec<T> h = mills<T>(u);
    u = max<T>(u + (log<T>(h) - T(0.5) * u * u - log_tail) * root_two_pi * h, Vec<T>{});
  }
  return u;
}

/// e^{s_k} and s_k: one number for all rows, or each row's own.
template <bool kOwn, class T>
inline Vec<T> scale_of(const MixtureArgs<T>& m, Index row, Index k) {
  if constexpr (kOwn) return load(m.scale + k * m.stride + row);
  return splat<T>(m.scale[k]);
}
template <bool kOwn, class T>
inline Vec<T> log_scale_of(const MixtureArgs<T>& m, Index row, Index k) {
  if constexpr (kOwn) return load(m.log_scale + k * m.stride + row);
  return splat<T>(m.log_scale[k]);
}

/// What one row-vector of a column needs: y_k, the weights' normaliser, and log f.
template <class T, bool kOwn>
struct MixtureRow {
  static constexpr Index most = kOwn ? 2 * kMaxComponents : kMaxComponents;
  Vec<T> y[most];
  Vec<T> a[most];
  Vec<T> log_total;    // log sum_k e^{a_k}
  Vec<T> log_density;  // log f(x)

  MixtureRow(const MixtureArgs<T>& m, Index row, const T* a_in) {
    for (Index k = 0; k < m.components; ++k) a[k] = load(a_in + k * m.stride + row);
    Vec<T> total = {};
    if constexpr (kOwn) {  // they come normalised
      log_total = total;
      return;
    }
    for (Index k = 0; k < m.components; ++k) total += exp<T>(a[k]);
    log_total = log<T>(total);
  }
  void place(const MixtureArgs<T>& m, Index row, Vec<T> x) {
    Vec<T> top = splat<T>(kLowest<T>);
    for (Index k = 0; k < m.components; ++k) {
      y[k] = (x - load(m.mean + k * m.stride + row)) * scale_of<kOwn>(m, row, k);
      top = max<T>(top, a[k] + log_scale_of<kOwn>(m, row, k) - T(0.5) * y[k] * y[k]);
    }
    Vec<T> sum = {};
    for (Index k = 0; k < m.components; ++k) {
      sum += exp<T>(a[k] + log_scale_of<kOwn>(m, row, k) - T(0.5) * y[k] * y[k] - top);
    }
    log_density = top + log<T>(sum) - log_total - T(kHalfLogTwoPi);
  }
  /// Is F(x) above 1/2?
  auto upper(const MixtureArgs<T>& m) const {
    Vec<T> balance = {};
    for (Index k = 0; k < m.components; ++k) {
      const Vec<T> small = exp<T>(T(-0.5) * y[k] * y[k]) * mills<T>(abs<T>(y[k]));
      balance += exp<T>(a[k]) * copy_sign<T>(T(0.5) - small, y[k]);
    }
    return balance > Vec<T>{};
  }
  /// log F where `flip` is 0, log(1 - F) where it is set.
  template <class Mask>
  Vec<T> log_tail(const MixtureArgs<T>& m, Mask flip) const {
    Vec<T> top = splat<T>(kLowest<T>);
    for (Index k = 0; k < m.components; ++k) {
      const Vec<T> side = flip ? -y[k] : y[k];
      top = max<T>(top, side < Vec<T>{} ? a[k] - T(0.5) * y[k] * y[k] : a[k]);
    }
    Vec<T> sum = {};
    for (Index k = 0; k < m.components; ++k) {
      const Vec<T> side = flip ? -y[k] : y[k], half = T(0.5) * y[k] * y[k];
      const Vec<T> h = mills<T>(abs<T>(y[k]));
      const auto outside = side < Vec<T>{};
      const Vec<T> scaled = exp<T>((outside ? a[k] - half : a[k]) - top);
      sum += scaled * (outside ? h : T(1) - exp<T>(-half) * h);
    }
    return top + log<T>(sum) - log_total;
  }
  /// The next column's weights, shifted so that the largest is 0.
  void pass_on(const MixtureArgs<T>& m, Index row, T* a_out) const {
    Vec<T> top = splat<T>(kLowest<T>);
    for (Index k = 0; k < m.components; ++k) {
      top = max<T>(top, a[k] + log_scale_of<kOwn>(m, row, k) - T(0.5) * y[k] * y[k]);
    }
    for (Index k = 0; k < m.components; ++k) {
      store(a_out + k * m.stride + row,
            a[k] + log_scale_of<kOwn>(m, row, k) - T(0.5) * y[k] * y[k] - top);
    }
  }
};

template <class T>
void mixture_condition(const MixtureArgs<T>& m, const T* x, const T* a, T* a_out) {
  each<T>(m.n, [&](Index i) {
    MixtureRow<T, false> r(m, i, a);
    r.place(m, i, load(x + i));
    r.pass_on(m, i, a_out);
  });
}

template <bool kOwn, class T>
void mixture_forward_of(const MixtureArgs<T>& m, const T* x, const T* a, T* a_out, T* z,
                        T* log_det) {
  each<T>(m.n, [&](Index i) {
    MixtureRow<T, kOwn> r(m, i, a);
    r.place(m, i, load(x + i));
    const auto flip = r.upper(m);
    const Vec<T> u = tail_quantile<T>(r.log_tail(m, flip));
    store(z + i, flip ? u : -u);
    store(log_det + i, load(log_det + i) + r.log_density + T(0.5) * u * u + T(kHalfLogTwoPi));
    if constexpr (!kOwn) r.pass_on(m, i, a_out);
  });
}
template <class T>
void mixture_forward(const MixtureArgs<T>& m, const T* x, const T* a, T* a_out, T* z, T* log_det) {
  m.own ? mixture_forward_of<true, T>(m, x, a, a_out, z, log_det)
        : mixture_forward_of<false, T>(m, x, a, a_out, z, log_det);
}

// Inverse: log F(x) = log Phi(z) by Newton's steps inside a bracket. No component's own quantile
// lies outside [min_k, max_k] (mean_k + z / scale_k), and F at these ends is on either side of
// Phi(z). Between two components Newton's steps may go to and fro for ever: a step that is not half
// as long as the one before the last gives way to a bisection, as long as it is more than rounding.
template <bool kOwn, class T>
void mixture_inverse_of(const MixtureArgs<T>& m, const T* z, const T* a, T* a_out, T* x,
                        T* log_det) {
  constexpr int most = sizeof(T) == 4 ? 60 : 120;
  each<T>(m.n, [&](Index i) {
    MixtureRow<T, kOwn> r(m, i, a);
    const Vec<T> goal = load(z + i), u = abs<T>(goal);
    const auto flip = goal > Vec<T>{};
    const Vec<T> log_goal = log<T>(mills<T>(u)) - T(0.5) * u * u;
    Vec<T> low = splat<T>(-kLowest<T>), high = -low, at = {}, weight = {};
    for (Index k = 0; k < m.components; ++k) {
      const Vec<T> own = load(m.mean + k * m.stride + i) + goal / scale_of<kOwn>(m, i, k);
      const Vec<T> p = exp<T>(r.a[k]);
      low = min<T>(low, own);
      high = max<T>(high, own);
      at += p * own;
      weight += p;
    }
    at /= weight;
    const Vec<T> rounding = (abs<T>(log_goal) + T(1)) * T(sizeof(T) == 4 ? 3e-6 : 3e-14);
    Vec<T> last = high - low, before_last = last;
    auto going = at == at;  // NOLINT: not NaN; a row that has arrived stays: its bits are its own
    for (int step = 0; step < most; ++step) {
      r.place(m, i, at);
      const Vec<T> tail = r.log_tail(m, flip);
      const Vec<T> excess = flip ? log_goal - tail : tail - log_goal;  // grows with x
      high = excess > Vec<T>{} ? at : high;
      low = excess < Vec<T>{} ? at : low;
      const Vec<T> newton = at - excess * exp<T>(tail - r.log_density);
      const auto fast = abs<T>(newton - at) <= T(0.5) * before_last || abs<T>(excess) <= rounding;
      const Vec<T> next = newton >= low && newton <= high && fast ? newton : T(0.5) * (low + high);
      before_last = last;
      last = abs<T>(next - at);
      const auto moved = abs<T>(next - at) > (abs<T>(at) + T(1)) * T(sizeof(T) == 4 ? 6e-8 : 1e-15);
      at = going ? next : at;
      going &= moved;
      bool any = false;
      for (Index k = 0; k < kLanes<T>; ++k) any |= going[k] != 0;
      if (!any) break;
    }
    r.place(m, i, at);
    store(x + i, at);
    store(log_det + i, load(log_det + i) - (r.log_density + T(0.5) * u * u + T(kHalfLogTwoPi)));
    if constexpr (!kOwn) r.pass_on(m, i, a_out);
  });
}
template <class T>
void mixture_inverse(const MixtureArgs<T>& m, const T* z, const T* a, T* a_out, T* x, T* log_det) {
  m.own ? mixture_inverse_of<true, T>(m, z, a, a_out, x, log_det)
        : mixture_inverse_of<false, T>(m, z, a, a_out, x, log_det);
}

// Backward, with g' = dz + dlog_det z (log phi(z) = -z^2/2 - ...), E_k the shares of the density,
// and t_k = pi_k Phi(y_k) / phi(z), on the side of the smaller tail:
//   dy_k = g' pi_k phi(y_k) / phi(z) - dlog_det E_k y_k - da'_k y_k
//   da_k = da'_k + g' (t_k - pi_k sum t) + dlog_det (E_k - pi_k)
//   ds_k = dlog_det E_k + da'_k + dy_k y_k;   dmean_k = -e^{s_k} dy_k;   dx = sum_k e^{s_k} dy_k
template <bool kOwn, class T>
void mixture_backward_of(const MixtureArgs<T>& m, const MixtureGradients<T>& g, const T* x,
                         const T* z, const T* a) {
  const T root_two_pi = T(2.50662827463100050242);
  Vec<T> tails[MixtureRow<T, kOwn>::most];
  each<T>(m.n, [&](Index i) {
    MixtureRow<T, kOwn> r(m, i, a);
    r.place(m, i, load(x + i));
    const Vec<T> none = {};
    const Vec<T> at = z ? load(z + i) : none, gl = z ? load(g.dlog_det + i) : none;
    const Vec<T> gz = z ? load(g.dz + i) + gl * at : none;
    const Vec<T> lift = T(0.5) * at * at;  // -log phi(z), but for the constant
    const auto flip = at > none;
    Vec<T> total = {};
    for (Index k = 0; k < m.components; ++k) {
      const Vec<T> side = flip ? -r.y[k] : r.y[k], half = T(0.5) * r.y[k] * r.y[k];
      const Vec<T> h = mills<T>(abs<T>(r.y[k]));
      const Vec<T> base = exp<T>(r.a[k] - r.log_total + (side < none ? lift - half : lift));
      tails[k] = root_two_pi * base * (side < none ? h : T(1) - exp<T>(-half) * h);
      total += tails[k];
    }
    const auto after_of = [&](Index k) { return kOwn ? none : load(g.da + k * m.stride + i); };
    Vec<T> dx = {};
    for (Index k = 0; k < m.components; ++k) {
      const Vec<T> y = r.y[k], half = T(0.5) * y * y, after = after_of(k);
      const Vec<T> weight = r.a[k] - r.log_total;
      const Vec<T> pi = exp<T>(weight);
      const Vec<T> share =
          exp<T>(weight + log_scale_of<kOwn>(m, i, k) - half - T(kHalfLogTwoPi) - r.log_density);
      const Vec<T> dy = gz * exp<T>(weight - half + lift) - (gl * share + after) * y;
      const Vec<T> pull = gz * (tails[k] - pi * total);
      store(g.da + k * m.stride + i, after + (flip ? -pull : pull) + gl * (share - pi));
      store(g.dlog_scale + k * m.stride + i, gl * share + after + dy * y);
      store(g.dmean + k * m.stride + i, -scale_of<kOwn>(m, i, k) * dy);
      dx += scale_of<kOwn>(m, i, k) * dy;
    }
    store(g.dx + i, dx);
  });
}
template <class T>
void mixture_backward(const MixtureArgs<T>& m, const MixtureGradients<T>& g, const T* x, const T* z,
                      const T* a) {
  m.own ? mixture_backward_of<true, T>(m, g, x, z, a)
        : mixture_backward_of<false, T>(m, g, x, z, a);
}

template <class T>
void mixture_posterior(const MixtureArgs<T>& m, Index columns, const T* log_weight, const T* x,
                       T* share, T* log_prob) {
  Vec<T> a[kMaxComponents];
  each<T>(m.n, [&](Index i) {
    Vec<T> top = splat<T>(kLowest<T>), sum = {};
    for (Index k = 0; k < m.components; ++k) {
      Vec<T> s = splat<T>(log_weight[k]);
      for (Index e = 0; e < columns; ++e) {
        const Index c = e * m.components + k;
        const Vec<T> y =
            (load(x + e * m.stride + i) - load(m.mean + c * m.stride + i)) * m.scale[c];
        s += m.log_scale[c] - T(0.5) * y * y;
      }
      a[k] = s;
      top = max<T>(top, s);
    }
    for (Index k = 0; k < m.components; ++k) {
      a[k] = exp<T>(a[k] - top);
      sum += a[k];
    }
    for (Index k = 0; k < m.components; ++k) store(share + k * m.stride + i, a[k] / sum);
    store(log_prob + i, top + log<T>(sum) - T(columns) * T(kHalfLogTwoPi));
  });
}
