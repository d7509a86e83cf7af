// y = x exp(s) + t with h = (t, raw s) and s = bound * tanh(raw / bound): the log-scale is bounded,
// so that one wild row cannot overflow the next links.
//   forward   y = x e^s + t             log_det += s
//   inverse   x = (y - t) e^-s          log_det -= s
//   backward  dx = dy e^s;  dt = dy;  ds = dy x e^s + dlog_det;  draw = ds (1 - (s/bound)^2)

template <class T>
void affine_forward(const UnivariateArgs<T>& u, const T* x, T* y, T* log_det) {
  const T* raw = u.h + u.stride;
  each<T>(u.n, [=](Index i) {
    const Vec<T> s = u.bound * tanh<T>(load(raw + i) / u.bound);
    store(y + i, load(x + i) * exp<T>(s) + load(u.h + i));
    store(log_det + i, load(log_det + i) + s);
  });
}

template <class T>
void affine_inverse(const UnivariateArgs<T>& u, const T* y, T* x, T* log_det) {
  const T* raw = u.h + u.stride;
  each<T>(u.n, [=](Index i) {
    const Vec<T> s = u.bound * tanh<T>(load(raw + i) / u.bound);
    store(x + i, (load(y + i) - load(u.h + i)) * exp<T>(-s));
    store(log_det + i, load(log_det + i) - s);
  });
}

template <class T>
void affine_backward(const UnivariateArgs<T>& u, const T* x, const T* dy, const T* dlog_det, T* dh,
                     T* dx) {
  const T* raw = u.h + u.stride;
  T* draw = dh + u.stride;
  each<T>(u.n, [=](Index i) {
    const Vec<T> r = tanh<T>(load(raw + i) / u.bound);
    const Vec<T> slope = load(dy + i) * exp<T>(u.bound * r);
    const Vec<T> ds = slope * load(x + i) + load(dlog_det + i);
    store(dh + i, load(dy + i));
    store(draw + i, ds * (T(1) - r * r));
    store(dx + i, slope);
  });
}
