// One column of a mixture that a net changes row by row; what it is for stands in
// bijectors/neural_mixture.cpp. With the base's weights a_k, means m_k and log-scales l_k, the
// net's outputs (b_k, d_k, r_k), and B a bound:
//   weights   w_k = share softmax(a + b)_k, kept as logarithms
//   means     m_k + d_k e^{-l_k}: the shift is in deviations of the component
//   scales    s_k = l_k + B tanh(r_k / B): one wild row cannot make a component a needle

template <class T>
void neural_mixture(const NeuralMixtureArgs<T>& u, const OwnMixture<T>& own) {
  const MixtureArgs<T>& m = u.base;
  const Index next = m.components * m.stride;  // from logits to shifts, from these to log-scales
  each<T>(m.n, [&](Index i) {
    Vec<T> top = splat<T>(kLowest<T>), total = {};
    for (Index k = 0; k < m.components; ++k) {
      const Index at = k * m.stride + i;
      const Vec<T> logit = load(u.a + at) + load(u.h + at);
      store(own.a + at, logit);
      top = max<T>(top, logit);
    }
    for (Index k = 0; k < m.components; ++k) total += exp<T>(load(own.a + k * m.stride + i) - top);
    const Vec<T> less = top + log<T>(total / u.share);
    for (Index k = 0; k < m.components; ++k) {
      const Index at = k * m.stride + i;
      const T l = m.log_scale[k];
      const Vec<T> s = l + u.bound * tanh<T>(load(u.h + 2 * next + at) / u.bound);
      store(own.a + at, load(own.a + at) - less);
      store(own.mean + at, load(m.mean + at) + load(u.h + next + at) / m.scale[k]);
      store(own.log_scale + at, s);
      store(own.scale + at, exp<T>(s));
    }
  });
}

//   dlogit_k = da_k - softmax_k sum da;  dd_k = dmean_k e^{-l_k};  dr_k = ds_k (1 - tanh^2);
//   dl_k = ds_k - dmean_k d_k e^{-l_k}
template <class T>
void neural_mixture_backward(const NeuralMixtureArgs<T>& u, const OwnMixture<T>& own,
                             const NeuralMixtureGradients<T>& g) {
  const MixtureArgs<T>& m = u.base;
  const Index next = m.components * m.stride;
  each<T>(m.n, [&](Index i) {
    Vec<T> total = {};
    for (Index k = 0; k < m.components; ++k) total += load(g.da + k * m.stride + i);
    total = total / u.share;
    for (Index k = 0; k < m.components; ++k) {
      const Index at = k * m.stride + i;
      const Vec<T> dlogit = load(g.da + at) - exp<T>(load(own.a + at)) * total;
      const Vec<T> dmean = load(g.dmean + at), ds = load(g.dlog_scale + at);
      const Vec<T> shift = dmean / m.scale[k];
      const Vec<T> bent = tanh<T>(load(u.h + 2 * next + at) / u.bound);
      store(g.base_da + at, dlogit);
      store(g.base_dmean + at, dmean);
      store(g.base_dlog_scale + at, ds - shift * load(u.h + next + at));
      store(g.dh + at, dlogit);
      store(g.dh + next + at, shift);
      store(g.dh + 2 * next + at, ds * (T(1) - bent * bent));
    }
  });
}

template <class T>
void mixture_density(const MixtureArgs<T>& m, T factor, T lift, const T* x, const T* a,
                     T* log_det) {
  each<T>(m.n, [&](Index i) {
    MixtureRow<T, true> r(m, i, a);
    r.place(m, i, load(x + i));
    const Vec<T> log_f = r.log_density + (lift + T(kHalfLogTwoPi));
    store(log_det + i, load(log_det + i) + factor * log_f);
  });
}

// With the shares E_k of the density, and g = factor dlog_det:
//   da_k = g E_k;  ds_k = g E_k (1 - y_k^2);  dmean_k = g E_k y_k e^{s_k};  dx = -sum dmean
template <class T>
void mixture_density_backward(const MixtureArgs<T>& m, T factor, const MixtureGradients<T>& g,
                              const T* x, const T* a) {
  each<T>(m.n, [&](Index i) {
    MixtureRow<T, true> r(m, i, a);
    r.place(m, i, load(x + i));
    const Vec<T> pull = factor * load(g.dlog_det + i);
    Vec<T> dx = load(g.dx + i);
    for (Index k = 0; k < m.components; ++k) {
      const Index at = k * m.stride + i;
      const Vec<T> y = r.y[k];
      const Vec<T> share = pull * exp<T>(r.a[k] + load(m.log_scale + at) - T(0.5) * y * y -
                                         T(kHalfLogTwoPi) - r.log_density);
      const Vec<T> dmean = share * y * load(m.scale + at);
      store(g.da + at, share);
      store(g.dlog_scale + at, share * (T(1) - y * y));
      store(g.dmean + at, dmean);
      dx -= dmean;
    }
    store(g.dx + i, dx);
  });
}
