// The part of a planar link that is one number a row; the maths stands in bijectors/planar.cpp.

/// log1p(a) for a > -1: log1p of vec.inc.h wants a >= 0, and here 1 + a keeps its leading digits.
template <class T>
inline Vec<T> log1p_above(Vec<T> a) {
  const Vec<T> u = a + T(1);
  return log<T>(u) + (a - (u - T(1))) / u;
}

template <class T>
void planar_forward(Index n, T c, const T* p, T* t, T* log_det) {
  each<T>(n, [=](Index i) {
    const Vec<T> y = tanh<T>(load(p + i));
    store(t + i, y);
    store(log_det + i, load(log_det + i) + log1p_above<T>(c * (T(1) - y * y)));
  });
}

// Newton's steps, kept inside the bracket g -+ |c|, which shrinks. A step that leaves it gives way
// to a bisection, and so does one that is not half as long as the one before the last, which may go
// to and fro for ever where c is large, as long as it is more than rounding. The left side grows
// strictly since c > -1.
template <class T>
void planar_inverse(Index n, T c, const T* g, T* t, T* log_det) {
  constexpr int most = sizeof(T) == 4 ? 40 : 80;
  const T reach = c < 0 ? -c : c;
  each<T>(n, [=](Index i) {
    const Vec<T> goal = load(g + i);
    Vec<T> low = goal - reach, high = goal + reach;
    Vec<T> p = goal - c * tanh<T>(goal);
    p = min<T>(max<T>(p, low), high);
    const Vec<T> rounding = (abs<T>(goal) + (reach + T(1))) * T(sizeof(T) == 4 ? 4e-7 : 8e-16);
    Vec<T> last = high - low, before_last = last;
    for (int step = 0; step < most; ++step) {
      const Vec<T> y = tanh<T>(p), error = p + c * y - goal;
      high = error > Vec<T>{} ? p : high;
      low = error < Vec<T>{} ? p : low;
      const Vec<T> newton = p - error / (T(1) + c * (T(1) - y * y));
      const auto fast = abs<T>(newton - p) <= T(0.5) * before_last || abs<T>(error) <= rounding;
      const Vec<T> next = newton >= low && newton <= high && fast ? newton : T(0.5) * (low + high);
      before_last = last;
      last = abs<T>(next - p);
      const auto moved = next != p;
      p = next;
      bool any = false;
      for (Index k = 0; k < kLanes<T>; ++k) any |= moved[k] != 0;
      if (!any) break;
    }
    const Vec<T> y = tanh<T>(p);
    store(t + i, y);
    store(log_det + i, load(log_det + i) - log1p_above<T>(c * (T(1) - y * y)));
  });
}

template <class T>
void planar_backward(Index n, T c, const T* t, const T* dt, const T* dlog_det, T* dp, T* dc) {
  each<T>(n, [=](Index i) {
    const Vec<T> y = load(t + i), slope = T(1) - y * y, g = load(dlog_det + i) / (T(1) + c * slope);
    store(dp + i, (load(dt + i) - T(2) * c * y * g) * slope);
    store(dc + i, g * slope);
  });
}
