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
    store(log_det + i, load(log_det + i) + (T(0.5) * size * size + T(kHalfLogTwoPi)));
  });
}

template <class T>
void quantile_inverse(Index n, const T* z, T* u, T* log_det) {
  each<T>(n, [=](Index i) {
    const Vec<T> at = load(z + i), size = abs<T>(at), half = T(0.5) * size * size;
    const Vec<T> tail = max<T>(exp<T>(-half) * mills<T>(size), splat<T>(kLeastTail<T>));
    store(u + i, at == at ? copy_sign<T>(T(0.5) - tail, at) : at);  // NOLINT: not NaN
    store(log_det + i, load(log_det + i) - (half + T(kHalfLogTwoPi)));
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

/// t turns are quarter / 4 + rest: `quarter` as a whole number, of which the last two bits count,
/// and the rest, exact, within 1/8.
template <class T>
inline Vec<T> split_turn(Vec<T> t, Int<T>& quarter) {
  const Vec<T> marked = t * T(4) + Traits<T>::round_magic;  // its low bits hold the whole number
  quarter = bits<T>(marked);
  return t - (marked - Traits<T>::round_magic) * T(0.25);
}

/// The terms of the exponential series of an imaginary number: 1, 1, -1/2, -1/6, 1/24, ...
template <class T, int N>
struct Series {
  T at[N];

  constexpr Series() : at() {
    double term = 1;
    for (int i = 0; i < N; ++i) {
      if (i > 0) term /= i % 2 == 0 ? -i : i;
      at[i] = T(term);
    }
  }
};

/// Cosine and sine of such a turn, by Taylor's series of the rest.
template <class T>
inline void cos_sin(Vec<T> rest, Int<T> quarter, Vec<T>& c, Vec<T>& s) {
  constexpr int terms = sizeof(T) == 4 ? 4 : 8;
  const Vec<T> a = rest * T(kTwoPi), square = a * a;
  constexpr Series<T, 2 * terms + 2> series;
  Vec<T> cosine = splat<T>(series.at[2 * terms]), sine = splat<T>(series.at[2 * terms + 1]);
#pragma GCC unroll 8
  for (int i = 2 * terms - 2; i >= 0; i -= 2) {
    cosine = cosine * square + series.at[i];
    sine = sine * square + series.at[i + 1];
  }
  sine *= a;
  constexpr int top = 8 * sizeof(T) - 2;  // from the second bit to the sign's
  const Int<T> odd = (quarter & 1) == 1;
  c = from_bits<T>(bits<T>(odd ? sine : cosine) ^ (((quarter + 1) & 2) << top));
  s = from_bits<T>(bits<T>(odd ? cosine : sine) ^ ((quarter & 2) << top));
}

template <class T>
void circle_forward(Index n, const T* x, T* c, T* s) {
  each<T>(n, [=](Index i) {
    Int<T> quarter;
    const Vec<T> rest = split_turn<T>(load(x + i), quarter);
    Vec<T> cosine, sine;
    cos_sin<T>(rest, quarter, cosine, sine);
    store(c + i, cosine);
    store(s + i, sine);
  });
}

template <class T>
void circle_backward(Index n, const T* c, const T* s, const T* dc, const T* ds, T* dx) {
  each<T>(n, [=](Index i) {
    const Vec<T> pull = load(ds + i) * load(c + i) - load(dc + i) * load(s + i);
    store(dx + i, load(dx + i) + T(kTwoPi) * pull);
  });
}
