#include "bijectors/circle_drift.h"

#include <algorithm>
#include <cmath>

#include "math/constants.h"
#include "stats/circular_regression.h"

namespace nflow {
namespace {

/// Further out a context number tells nothing, and its waves go too fast for a float.
constexpr double kFarthest = 32;

/// No direction has a slope where c and s are 0.
constexpr double kLeastSquare = 1e-12;

template <class T>
void multiply(Index n, const T* cosine, const T* sine, const T* c, const T* s, T* to_c, T* to_s) {
  for (Index r = 0; r < n; ++r) {
    const T real = c[r] * cosine[r] - s[r] * sine[r], imaginary = s[r] * cosine[r] + c[r] * sine[r];
    to_c[r] = real;
    to_s[r] = imaginary;
  }
}

/// From the first wave, in the two first columns, all others.
template <class T>
void fill_waves(Index waves, View<T> out) {
  for (Index m = 1; m < waves; ++m) {
    multiply(out.rows, out.col(0), out.col(1), out.col(2 * m - 2), out.col(2 * m - 1),
             out.col(2 * m), out.col(2 * m + 1));
  }
}

/// dx += dL/dx of waves of x whose m-th has m `rate` x for its angle.
template <class T>
void pull_waves(Index waves, T rate, View<const T> shown, View<const T> pull, const T* inside,
                T* dx) {
  for (Index m = 0; m < waves; ++m) {
    const T *c = shown.col(2 * m), *s = shown.col(2 * m + 1);
    const T *dc = pull.col(2 * m), *ds = pull.col(2 * m + 1), speed = static_cast<T>(m + 1) * rate;
    for (Index r = 0; r < shown.rows; ++r) {
      const T slope = speed * (ds[r] * c[r] - dc[r] * s[r]);
      if (inside == nullptr || std::fabs(inside[r]) < T(kFarthest)) dx[r] += slope;
    }
  }
}

}  // namespace

template <class T>
void DriftFeatures::fill_context(View<const T> from, View<T> features) const {
  std::fill_n(features.col(0), features.rows, T(1));
  for (Index k = 0; k < context; ++k) {
    const View<T> own = features.columns(1 + k * (1 + 2 * waves), 1 + 2 * waves);
    T* turns = own.col(1);
    for (Index r = 0; r < own.rows; ++r) {
      own.col(0)[r] = std::clamp(from.col(k)[r], T(-kFarthest), T(kFarthest));
      turns[r] = own.col(0)[r] / T(2 * kTwoPi);
    }
    kernels<T>().circle_forward(own.rows, turns, own.col(1), own.col(2));
    fill_waves(waves, own.columns(1, 2 * waves));
  }
}

template <class T>
void DriftFeatures::fill_circle(const T* cosine, const T* sine, View<T> features) const {
  std::copy_n(cosine, features.rows, features.col(0));
  std::copy_n(sine, features.rows, features.col(1));
  fill_waves(waves, features);
}

template <class T>
CircleDrift<T>::CircleDrift(const std::vector<Index>& waves, Index context, Blueprint& blueprint) {
  const Index most = waves.empty() ? 0 : *std::max_element(waves.begin(), waves.end());
  if (most == 0) return;
  const auto circles = static_cast<Index>(waves.size());
  for (const Index own : waves) moves_.push_back(own > 0);
  features_ = {context, most};
  const Index count = features_.count(circles);
  weights_ = blueprint.param("drift", 2 * circles, count, Start::constant(0));
  shown_ = blueprint.tape(count);
  pull_ = blueprint.scratch(count);
  point_ = blueprint.scratch(2);
}

template <class T>
void CircleDrift<T>::show_context(const Pass<T>& pass) const {
  if (!any()) return;
  features_.fill_context<T>(pass.context,
                            pass.tape_view(shown_).columns(0, features_.of_context()));
}

template <class T>
void CircleDrift<T>::show_circle(const Pass<T>& pass, Index j, const T* cosine,
                                 const T* sine) const {
  if (!any()) return;
  features_.fill_circle<T>(
      cosine, sine, pass.tape_view(shown_).columns(features_.count(j), features_.of_circle()));
}

template <class T>
void CircleDrift<T>::point(const Pass<T>& pass, Index j, View<T> to) const {
  const View<T> shown = pass.tape_view(shown_);
  for (Index i = 0; i < 2; ++i) {
    const T* weights = pass.theta + weights_.offset + (2 * j + i) * weights_.cols;
    T* sum = to.col(i);
    std::fill_n(sum, to.rows, T(0));
    for (Index f = 0; f < features_.count(j); ++f) {
      const T weight = weights[f], *const feature = shown.col(f);
      for (Index r = 0; r < to.rows; ++r) sum[r] += weight * feature[r];
    }
  }
}

template <class T>
void CircleDrift<T>::add(const Pass<T>& pass, Index j, T sign, T* turns) const {
  const View<T> at = pass.scratch_view(point_);
  point(pass, j, at);
  for (Index r = 0; r < at.rows; ++r) {
    const T drift = std::atan2(at.col(1)[r], at.col(0)[r]) / T(kTwoPi);
    const T sum = turns[r] + sign * drift;
    turns[r] = sum - std::nearbyint(sum);
  }
}

template <class T>
void CircleDrift<T>::clear(const Pass<T>& pass) const {
  const View<T> pulls = pass.scratch_view(pull_);
  std::fill_n(pulls.data, pulls.size(), T(0));
}

template <class T>
void CircleDrift<T>::pull(const Pass<T>& pass, Index j, const T* du) const {
  const View<T> at = pass.scratch_view(point_), pulls = pass.scratch_view(pull_);
  point(pass, j, at);
  for (Index r = 0; r < at.rows; ++r) {
    const T c = at.col(0)[r], s = at.col(1)[r];
    const T scale = du[r] / (T(kTwoPi) * std::max(c * c + s * s, T(kLeastSquare)));
    at.col(0)[r] = scale * s;
    at.col(1)[r] = -scale * c;
  }
  for (Index i = 0; i < 2; ++i) {
    const T* weights = pass.theta + weights_.offset + (2 * j + i) * weights_.cols;
    for (Index f = 0; f < features_.count(j); ++f) {
      const T weight = weights[f], *const slope = at.col(i);
      T* sum = pulls.col(f);
      for (Index r = 0; r < at.rows; ++r) sum[r] += weight * slope[r];
    }
  }
}

template <class T>
void CircleDrift<T>::pull_of_circle(const Pass<T>& pass, Index i, T* dx) const {
  if (!any()) return;
  const Index first = features_.count(i), own = features_.of_circle();
  pull_waves<T>(features_.waves, T(kTwoPi), pass.tape_view(shown_).columns(first, own),
                pass.scratch_view(pull_).columns(first, own), nullptr, dx);
}

template <class T>
void CircleDrift<T>::pull_of_context(const Pass<T>& pass, View<T> dcontext) const {
  if (!any()) return;
  const Index waves = features_.waves, width = 1 + 2 * waves;
  for (Index k = 0; k < dcontext.cols; ++k) {
    const View<T> shown = pass.tape_view(shown_).columns(1 + k * width, width);
    const View<T> pulls = pass.scratch_view(pull_).columns(1 + k * width, width);
    const T* value = shown.col(0);
    T* sum = dcontext.col(k);
    for (Index r = 0; r < shown.rows; ++r) {
      if (std::fabs(value[r]) < T(kFarthest)) sum[r] += pulls.col(0)[r];
    }
    pull_waves<T>(waves, T(0.5), shown.columns(1, 2 * waves), pulls.columns(1, 2 * waves), value,
                  sum);
  }
}

template <class T>
void CircleDrift<T>::fit(const Pass<T>& pass, Index j, const T* turns, Index live, T* theta) const {
  const View<T> shown = pass.tape_view(shown_);
  Eigen::MatrixXd features(live, features_.count(j));
  for (Index f = 0; f < features.cols(); ++f) {
    for (Index r = 0; r < live; ++r) features(r, f) = static_cast<double>(shown.col(f)[r]);
  }
  const Eigen::MatrixXd weights = circular_regression(features, {turns, turns + live});
  for (Index i = 0; i < 2; ++i) {
    T* to = theta + weights_.offset + (2 * j + i) * weights_.cols;
    for (Index f = 0; f < features.cols(); ++f) to[f] = static_cast<T>(weights(i, f));
  }
}

template void DriftFeatures::fill_context(View<const double>, View<double>) const;
template void DriftFeatures::fill_circle(const double*, const double*, View<double>) const;
template class CircleDrift<float>;
template class CircleDrift<double>;

}  // namespace nflow
