// What circular columns need beside the spline: the way between the uniform distribution on a turn
// and the standard normal, and the angle as a point of the unit circle. Turns run from -1/2 to 1/2,
// so that floating point is as fine on one side of the seam as on the other.

/// The smallest tail that is told from the seam itself: what 1/2 - u resolves for u near 1/2.
template <class T>
inline constexpr T kLeastTail = sizeof(T) == 4 ? T(0x1p-24) : T(0x1p-52);

template <class T>
void quantile_forward(Index n, const T* u, T* z, T* log_det) {
  each<T>(n, [=](Index i) {
    const Vec<T> at = load(u + i);
    const Vec<T> tail = max<T>(T(0.5) - abs<T>(at), splat<T>(kLeastTail<T>));
    const Vec<T> size = tail_quantile<T>(log<T>(tail));
    store(z + i, copy_sign<T>(size, at));
    // From z itself: the base density, -z^2/2 - ..., takes it off again.
    store(log_det + i, load(log_det + i) + (T(0.5) * size * size + kHalfLogTwoPi<T>));
  });
}

template <class T>
void quantile_inverse(Index n, const T* z, T* u, T* log_det) {
  each<T>(n, [=](Index i) {
    const Vec<T> at = load(z + i), size = abs<T>(at), half = T(0.5) * size * size;
    const Vec<T> tail = max<T>(exp<T>(-half) * mills<T>(size), splat<T>(kLeastTail<T>));
    store(u + i, at == at ? copy_sign<T>(T(0.5) - tail, at) : at);
    store(log_det + i, load(log_det + i) - (half + kHalfLogTwoPi<T>));
  });
}

// dz/du = 1 / phi(z), and -log phi(z) has the derivative z by z.
template <class T>
void quantile_backward(Index n, const T* z, const T* dz, const T* dlog_det, T* du) {
  const T root_two_pi = T(2.50662827463100050242);
  each<T>(n, [=](Index i) {
    const Vec<T> at = load(z + i), pull = load(dz + i) + load(dlog_det + i) * at;
    store(du + i, pull * root_two_pi * exp<T>(T(0.5) * at * at));
  });
}

/// sin(2 pi t), from t taken to [-1/4, 1/4] and Taylor's series.
template <class T>
inline Vec<T> sin_turns(Vec<T> t) {
  constexpr int terms = sizeof(T) == 4 ? 7 : 11;
  const Vec<T> nearest = (t + Traits<T>::round_magic) - Traits<T>::round_magic;
  const Vec<T> turn = t - nearest, size = abs<T>(turn);
  const Vec<T> folded = copy_sign<T>(size > splat<T>(T(0.25)) ? T(0.5) - size : size, turn);
  const Vec<T> a = folded * T(6.28318530717958647693), square = a * a;
  Vec<T> sum = splat<T>(1);
#pragma GCC unroll 11
  for (int i = terms - 1; i > 0; --i) sum = T(1) - square * sum * (T(1) / T(2 * i * (2 * i + 1)));
  return a * sum;
}

template <class T>
void circle_forward(Index n, const T* x, T* c, T* s) {
  each<T>(n, [=](Index i) {
    const Vec<T> t = load(x + i);
    store(c + i, sin_turns<T>(t + T(0.25)));
    store(s + i, sin_turns<T>(t));
  });
}

template <class T>
void circle_backward(Index n, const T* c, const T* s, const T* dc, const T* ds, T* dx) {
  each<T>(n, [=](Index i) {
    const Vec<T> pull = load(ds + i) * load(c + i) - load(dc + i) * load(s + i);
    store(dx + i, load(dx + i) + T(6.28318530717958647693) * pull);
  });
}
