// Loops over n entries, n a multiple of kRowStep.

template <class T, class F>
inline void each(Index n, F f) {
  for (Index i = 0; i < n; i += kLanes<T>) f(i);
}

template <class T>
void activate(Activation kind, Index n, const T* in, T* out) {
  switch (kind) {
    case Activation::relu:
      each<T>(n, [=](Index i) { store(out + i, max<T>(load(in + i), Vec<T>{})); });
      break;
    case Activation::tanh:
      each<T>(n, [=](Index i) { store(out + i, tanh<T>(load(in + i))); });
      break;
    case Activation::silu:  // x sigmoid(x)
      each<T>(n, [=](Index i) { store(out + i, load(in + i) * sigmoid<T>(load(in + i))); });
      break;
  }
}

template <class T>
void activate_backward(Activation kind, Index n, const T* in, const T* dout, T* din) {
  switch (kind) {
    case Activation::relu:
      each<T>(
          n, [=](Index i) { store(din + i, load(in + i) > Vec<T>{} ? load(dout + i) : Vec<T>{}); });
      break;
    case Activation::tanh:
      each<T>(n, [=](Index i) {
        const Vec<T> y = tanh<T>(load(in + i));
        store(din + i, load(dout + i) * (T(1) - y * y));
      });
      break;
    case Activation::silu:
      each<T>(n, [=](Index i) {
        const Vec<T> x = load(in + i), s = sigmoid<T>(x);
        store(din + i, load(dout + i) * s * (T(1) + x * (T(1) - s)));
      });
      break;
  }
}

template <class T>
void add(Index n, const T* in, T* out) {
  each<T>(n, [=](Index i) { store(out + i, load(out + i) + load(in + i)); });
}
template <class T>
void axpy(Index n, T scale, const T* in, T* out) {
  each<T>(n, [=](Index i) { store(out + i, load(out + i) + scale * load(in + i)); });
}
template <class T>
void scale_shift(Index n, T scale, T shift, const T* in, T* out) {
  each<T>(n, [=](Index i) { store(out + i, scale * load(in + i) + shift); });
}
template <class T>
T dot(Index n, const T* a, const T* b) {
  Vec<T> s = {};
  each<T>(n, [=, &s](Index i) { s += load(a + i) * load(b + i); });
  return sum<T>(s);
}
template <class T>
void add_squares(Index n, T shift, const T* in, T* out) {
  each<T>(n, [=](Index i) {
    const Vec<T> d = load(in + i) - shift;
    store(out + i, load(out + i) + d * d);
  });
}
template <class T>
void add_product(Index n, T factor, const T* by, T shift, const T* in, T* out) {
  each<T>(n, [=](Index i) {
    store(out + i, load(out + i) + factor * load(by + i) * (load(in + i) - shift));
  });
}

template <class T>
double reduce_gradients(Index n, Index shards, const T* const* grads, Index offset, T* out) {
  constexpr Index block = 1024;  // stays in the first-level cache
  double part[8] = {};           // running sums: a fixed order that still fills the vector units
  double squares = 0;
  for (Index first = 0; first < n; first += block) {
    const Index count = n - first < block ? n - first : block;
    T* __restrict to = out + first;
    const T* __restrict one = grads[0] + offset + first;
    for (Index i = 0; i < count; ++i) to[i] = one[i];
    for (Index k = 1; k < shards; ++k) {
      const T* __restrict more = grads[k] + offset + first;
      for (Index i = 0; i < count; ++i) to[i] += more[i];
    }
    Index i = 0;
    for (; i + 8 <= count; i += 8) {
      for (Index k = 0; k < 8; ++k) part[k] += double(to[i + k]) * double(to[i + k]);
    }
    for (; i < count; ++i) squares += double(to[i]) * double(to[i]);
  }
  for (double p : part) squares += p;
  return squares;
}

/// Adam (Kingma and Ba 2015, algorithm 1), with decoupled weight decay (Loshchilov and Hutter
/// 2019).
template <class T>
void adam(const AdamArgs<T>& a) {
  const T* __restrict grad = a.grad;
  T* __restrict theta = a.theta;
  T* __restrict m = a.m;
  T* __restrict v = a.v;
  for (Index i = 0; i < a.n; ++i) {
    const T g = grad[i] * a.grad_scale;
    m[i] = a.beta1 * m[i] + (T(1) - a.beta1) * g;
    v[i] = a.beta2 * v[i] + (T(1) - a.beta2) * g * g;
    const T step = a.rate * (m[i] * a.correction1);
    const T size = sizeof(T) == 4 ? T(__builtin_sqrtf(float(v[i] * a.correction2)))
                                  : T(__builtin_sqrt(double(v[i] * a.correction2)));
    const T kept = a.decay ? theta[i] * (T(1) - a.rate * a.decay[i]) : theta[i];
    theta[i] = kept - step / (size + a.epsilon);
  }
}
