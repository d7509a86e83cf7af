// The part of a radial link that is one number a row; the maths stands in bijectors/radial.cpp.
// With h = 1 / (alpha + r):
//   log_det = (D - 1) log(1 + beta h) + log(1 + alpha beta h^2)

template <class T>
inline Vec<T> radial_log_det(T dim, T alpha, T beta, Vec<T> h) {
  return (dim - T(1)) * log1p_above<T>(beta * h) + log1p_above<T>(alpha * beta * h * h);
}

template <class T>
void radial_forward(Index n, T dim, T alpha, T beta, const T* squares, T* h, T* log_det) {
  each<T>(n, [=](Index i) {
    const Vec<T> near = T(1) / (alpha + sqrt(load(squares + i)));
    store(h + i, near);
    store(log_det + i, load(log_det + i) + radial_log_det<T>(dim, alpha, beta, near));
  });
}

template <class T>
void radial_inverse(Index n, T dim, T alpha, T beta, const T* squares, T* scale, T* log_det) {
  const T s = alpha + beta;
  each<T>(n, [=](Index i) {
    const Vec<T> g = sqrt(load(squares + i)), gap = s - g;
    const Vec<T> root = sqrt(gap * gap + T(4) * alpha * g);
    // (root - gap) / 2, and where gap > 0 the form in which nothing cancels.
    const Vec<T> r = gap > Vec<T>{} ? T(2) * alpha * g / (root + gap) : T(0.5) * (root - gap);
    store(scale + i, (alpha + r) / (s + r));
    const Vec<T> h = T(1) / (alpha + r);
    store(log_det + i, load(log_det + i) - radial_log_det<T>(dim, alpha, beta, h));
  });
}

template <class T>
void radial_backward(Index n, T dim, T alpha, T beta, const T* squares, const T* along,
                     const T* dlog_det, T* pull, T* dalpha, T* dbeta) {
  each<T>(n, [=](Index i) {
    const Vec<T> r = sqrt(load(squares + i)), h = T(1) / (alpha + r), g = load(dlog_det + i);
    const Vec<T> wide = g * (dim - T(1)) / (T(1) + beta * h);  // by beta h
    const Vec<T> deep = g / (T(1) + alpha * beta * h * h);     // by alpha beta h^2
    const Vec<T> by_scale = load(along + i);                   // by beta h, through z
    const Vec<T> by_h = beta * (by_scale + wide) + T(2) * alpha * beta * h * deep;
    const Vec<T> by_r = -by_h * h * h;  // dh/dr = dh/dalpha = -h^2
    // At r = 0 the direction is undefined and the slope by r does not matter.
    store(pull + i, r > splat<T>(Traits<T>::tiny) ? by_r / r : Vec<T>{});
    store(dalpha + i, by_r + beta * h * h * deep);
    store(dbeta + i, h * (by_scale + wide) + alpha * h * h * deep);
  });
}
