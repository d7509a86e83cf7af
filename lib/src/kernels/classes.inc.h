// One column of classes (bins): logits h_k + bias_k, p = softmax of them, and x = k + w of class k
// at the place w in [0, 1). Its distribution function is F(x) = sum_{j < k} p_j + w p_k, and
//   forward   z = Phi^-1(F(x)), log_det += log p_k - log phi(z)
//   inverse   x = F^-1(Phi(z)), log_det -= the same
// Both begin at the nearer end, so that a rare class keeps its digits.

/// The largest w that is told from the next class.
template <class T>
inline constexpr T kMostWithin = sizeof(T) == 4 ? T(1 - 0x1p-15) : T(1 - 0x1p-40);

template <class T>
inline Vec<T> class_logit(const ClassArgs<T>& c, Index row, Index k) {
  return load(c.h + k * c.stride + row) + c.bias[k];
}

template <class T>
inline Vec<T> top_class_logit(const ClassArgs<T>& c, Index row) {
  Vec<T> top = class_logit(c, row, 0);
  for (Index k = 1; k < c.classes; ++k) top = max<T>(top, class_logit(c, row, k));
  return top;
}

/// z may be null: then it is taken as 0, where the same density has the same log_det.
template <class T>
void class_forward(const ClassArgs<T>& c, const T* x, T* z, T* log_det) {
  each<T>(c.n, [&](Index i) {
    const Vec<T> at = load(x + i), top = top_class_logit(c, i), zero = {};
    Vec<T> lower = {}, upper = {}, own = {}, logit = splat<T>(kLowest<T>);
    for (Index k = 0; k < c.classes; ++k) {
      const Vec<T> h = class_logit(c, i, k) - top, e = exp<T>(h);
      const auto behind = at >= T(k + 1), inside = at >= T(k) && at < T(k + 1);
      const Vec<T> within = (at - T(k)) * e;
      lower += behind ? e : inside ? within : zero;
      upper += behind ? zero : inside ? e - within : e;
      own = inside ? e : own;
      logit = inside ? h : logit;
    }
    const Vec<T> total = lower + upper, log_total = log<T>(total);
    Vec<T> log_p = logit - log_total;
    log_p = at == at ? log_p : at;  // NOLINT: not NaN
    if (z == nullptr) {
      store(log_det + i, load(log_det + i) + log_p + T(kHalfLogTwoPi));
      return;
    }
    const Vec<T> tail = max<T>(min<T>(lower, upper) / total, splat<T>(Traits<T>::tiny));
    const Vec<T> size = tail_quantile<T>(log<T>(tail));
    store(z + i, lower < upper ? -size : size);
    store(log_det + i, load(log_det + i) + (log_p + T(0.5) * size * size + T(kHalfLogTwoPi)));
  });
}

template <class T>
void class_inverse(const ClassArgs<T>& c, const T* z, T* x, T* log_det) {
  each<T>(c.n, [&](Index i) {
    const Vec<T> at = load(z + i), size = abs<T>(at), half = T(0.5) * size * size;
    const Vec<T> top = top_class_logit(c, i);
    Vec<T> e[kMaxBins], total = {};
    for (Index k = 0; k < c.classes; ++k) {
      e[k] = exp<T>(class_logit(c, i, k) - top);
      total += e[k];
    }
    const Vec<T> goal = exp<T>(-half) * mills<T>(size) * total;
    const auto from_end = at > Vec<T>{};
    Vec<T> before = {}, result = {}, own = {};
    auto found = at != at;  // NOLINT: none yet but of NaN
    for (Index step = 0; step < c.classes; ++step) {
      const Index last = c.classes - 1 - step;
      const Vec<T> next = from_end ? e[last] : e[step];
      const Vec<T> share = (goal - before) / next;
      const Vec<T> within =
          min<T>(max<T>(from_end ? T(1) - share : share, Vec<T>{}), splat<T>(kMostWithin<T>));
      const auto here = !found && (before + next > goal || splat<T>(T(step)) == T(c.classes - 1));
      result = here ? (from_end ? splat<T>(T(last)) : splat<T>(T(step))) + within : result;
      own = here ? next : own;
      found = found || here;
      before += next;
    }
    store(x + i, at == at ? result : at);  // NOLINT: not NaN
    store(log_det + i, load(log_det + i) - (log<T>(own / total) + half + T(kHalfLogTwoPi)));
  });
}

// d log p_k / dh_j = [j = k] - p_j; z is no use for gradients, since the class alone counts.
template <class T>
void class_backward(const ClassArgs<T>& c, const T* x, const T* dlog_det, T* dh) {
  each<T>(c.n, [&](Index i) {
    const Vec<T> at = load(x + i), pull = load(dlog_det + i), top = top_class_logit(c, i);
    Vec<T> total = {};
    for (Index k = 0; k < c.classes; ++k) {
      const Vec<T> e = exp<T>(class_logit(c, i, k) - top);
      store(dh + k * c.stride + i, e);
      total += e;
    }
    const Vec<T> scale = pull / total;
    for (Index k = 0; k < c.classes; ++k) {
      const auto inside = at >= T(k) && at < T(k + 1);
      const Vec<T> own = inside ? pull : Vec<T>{};
      store(dh + k * c.stride + i, own - scale * load(dh + k * c.stride + i));
    }
  });
}

/// A mixture that gives a class no share leaves the logit as low as it can.
template <class T>
void class_mixture(const ClassMixtureArgs<T>& m, T* h, Index stride) {
  each<T>(m.n, [&](Index i) {
    for (Index k = 0; k < m.classes; ++k) {
      Vec<T> share = {};
      for (Index c = 0; c < m.components; ++c) {
        share += m.share[c * m.share_stride + k] * load(m.weight + c * m.weight_stride + i);
      }
      T* own = h + k * stride + i;
      store(own, load(own) + log<T>(max<T>(share, splat<T>(Traits<T>::tiny))));
    }
  });
}

/// Weights stay as they are where x has no class, or no component has a share of it.
template <class T>
void class_mixture_given(const ClassMixtureArgs<T>& m, const T* x) {
  each<T>(m.n, [&](Index i) {
    Index place[kLanes<T>];
    for (Index l = 0; l < kLanes<T>; ++l) {
      const T at = x[i + l];
      place[l] = at >= T(0) && at < T(m.classes) ? Index(at) : -1;
    }
    const auto share_of = [&](Index c) {
      Vec<T> share = {};
      for (Index l = 0; l < kLanes<T>; ++l) {
        share[l] = place[l] < 0 ? T(0) : m.share[c * m.share_stride + place[l]];
      }
      return share * load(m.weight + c * m.weight_stride + i);
    };
    Vec<T> total = {};
    for (Index c = 0; c < m.components; ++c) total += share_of(c);
    for (Index c = 0; c < m.components; ++c) {
      T* own = m.weight + c * m.weight_stride + i;
      store(own, total > Vec<T>{} ? share_of(c) / total : load(own));
    }
  });
}

/// What other columns see of it: 1 for its class, 0 for the others; and behind them its score,
/// where scores are not null.
template <class T>
void class_features(Index n, Index classes, const T* scores, const T* x, T* out, Index stride) {
  each<T>(n, [=](Index i) {
    const Vec<T> at = load(x + i), one = splat<T>(T(1));
    Vec<T> score = {};
    for (Index k = 0; k < classes; ++k) {
      const auto inside = at >= T(k) && at < T(k + 1);
      store(out + k * stride + i, inside ? one : Vec<T>{});
      if (scores != nullptr) score = inside ? splat<T>(scores[k]) : score;
    }
    if (scores != nullptr) store(out + classes * stride + i, score);
  });
}
