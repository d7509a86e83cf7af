#include "bijectors/circular.h"

#include <algorithm>
#include <cmath>

#include "stats/circle_density.h"

namespace nflow {
namespace {

constexpr Index kBins = 16;

/// At the start this share of the density is even, so that every part of the circle has some.
constexpr double kEvenShare = 0.002;

/// The same where bins go by the turns themselves, which may leave out more of the circle.
constexpr double kLooseShare = 0.05;

/// A sharper zoom would tell turns apart that are one number in float32.
constexpr double kMostLogSharpness = 20;

// Found on 7000 rows of three angles that hang together: smoother activations, other widths and
// more or less dropout fitted new rows worse, if by little.
LinkOptions net_options() {
  LinkOptions options;
  options.hidden = {64, 64};
  options.dropout = 0.1;
  return options;
}

/// Where bins begin, the first at -1/2, the mass below, and the density there.
struct Knots {
  std::vector<double> at, below, density;
};

/// By a smooth density of the turns. Bins are equal in the mean of their mass and their length: by
/// mass alone one bin would hold a whole tail, which a quotient of quadratics does not follow.
Knots smooth_knots(const CircleDensity& turns) {
  Knots knots;
  const auto share_below = [&](double x) {
    return (1 - kEvenShare) * turns.share_below(x) + kEvenShare * (x + 0.5);
  };
  for (Index k = 0; k < kBins; ++k) {
    const double place = static_cast<double>(k) / kBins;
    double low = -0.5, high = 0.5;
    for (int i = 0; i < 50 && k > 0; ++i) {
      const double middle = (low + high) / 2;
      ((share_below(middle) + middle + 0.5) / 2 < place ? low : high) = middle;
    }
    knots.at.push_back(low);
    knots.below.push_back(share_below(low));
    knots.density.push_back((1 - kEvenShare) * turns.density(low) + kEvenShare);
  }
  return knots;
}

/// By the turns themselves, where they are too narrow for that, in bins of equal mass: a knot's
/// density is the geometric mean of those of the two bins.
Knots empirical_knots(std::vector<double> turns) {
  std::sort(turns.begin(), turns.end());
  Knots knots{{-0.5}, {0}, {}};
  const double last = static_cast<double>(turns.size() - 1);
  for (Index k = 1; k < kBins; ++k) {
    const double share = static_cast<double>(k) / kBins;
    const double knot = turns[static_cast<std::size_t>(last * share)];
    knots.below.push_back(share);
    knots.at.push_back((1 - kLooseShare) * knot + kLooseShare * (share - 0.5));
  }
  for (std::size_t k = 0; k < kBins; ++k) {
    const double before = k == 0 ? 0.5 - knots.at[kBins - 1] : knots.at[k] - knots.at[k - 1];
    const double after = (k + 1 == kBins ? 0.5 : knots.at[k + 1]) - knots.at[k];
    knots.density.push_back(1 / (kBins * std::sqrt(before * after)));
  }
  return knots;
}

/// y + sign sum_i k_i x_i, of the columns before it, less the nearest whole number.
template <class T>
void add_windings(View<const T> x, const std::vector<int>& windings, int sign, Index rows,
                  const T* y, T* sum) {
  if (sum != y) std::copy_n(y, rows, sum);
  bool any = false;
  for (std::size_t i = 0; i < windings.size(); ++i) {
    if (windings[i] == 0) continue;
    any = true;
    const T turns = static_cast<T>(sign * windings[i]), *const before = x.col(Index(i));
    for (Index r = 0; r < rows; ++r) sum[r] += turns * before[r];
  }
  for (Index r = 0; r < rows && any; ++r) sum[r] -= std::nearbyint(sum[r]);
}

}  // namespace

template <class T>
Circular<T>::Circular(const Front& front, Index context, Blueprint& blueprint)
    : columns_(front.circular),
      context_(context),
      windings_(front.windings),
      univariate_(make_circular_spline<T>(kBins)) {
  const Index inputs = context + kCircleFeatures * columns_;
  const Index outputs = columns_ * univariate_->size();
  const Autoregressive masked{context, columns_, univariate_->size(), kCircleFeatures, {}, {}};
  windings_.resize(static_cast<std::size_t>(columns_));
  for (std::size_t j = 0; j < windings_.size(); ++j) windings_[j].resize(j);
  this->given_ = blueprint.tape(inputs);
  if (front.any_follows()) zoom_ = blueprint.param("zoom", columns_, 2, Start::constant(0));
  drift_ = CircleDrift<T>(front.waves, context, blueprint);
  u_ = blueprint.tape(columns_);
  v_ = blueprint.tape(columns_);
  h_ = blueprint.tape(outputs);
  this->dgiven_ = blueprint.scratch(inputs);
  dinput_ = blueprint.scratch(inputs);
  dh_ = blueprint.scratch(outputs);
  net_ = make_conditioner<T>(inputs, outputs, net_options(), blueprint, &masked);
  bias_ = blueprint.tensors().back().offset;  // a net's last tensor, whatever its kind
}

template <class T>
bool Circular<T>::follows(Index j) const {
  const auto& windings = windings_[static_cast<std::size_t>(j)];
  return drift_.moves(j) ||
         std::any_of(windings.begin(), windings.end(), [](int turns) { return turns != 0; });
}

template <class T>
CircleZoom<T> Circular<T>::zoom(const Pass<T>& pass, Index j) const {
  const T* own = pass.theta + zoom_.offset + 2 * j;
  // A file may hold anything.
  return {own[0], std::clamp(own[1], T(-kMostLogSharpness), T(kMostLogSharpness))};
}

template <class T>
void Circular<T>::unwind(View<const T> x, Index j, Index rows, T* u) const {
  add_windings<T>(x, windings_[static_cast<std::size_t>(j)], -1, rows, x.col(j), u);
}

template <class T>
void Circular<T>::forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const {
  const View<T> in = this->given(pass), h = pass.tape_view(h_);
  const View<T> u = pass.tape_view(u_), v = pass.tape_view(v_);
  copy<T>(pass.context, in.columns(0, context_));
  drift_.show_context(pass);
  for (Index j = 0; j < columns_; ++j) {
    kernels<T>().circle_forward(x.rows, x.col(j), cosine(in, j), sine(in, j));
    drift_.show_circle(pass, j, cosine(in, j), sine(in, j));
    unwind(x, j, x.rows, u.col(j));
    if (drift_.moves(j)) drift_.add(pass, j, T(-1), u.col(j));
  }
  net_->forward(pass, in, h);
  for (Index j = 0; j < columns_; ++j) {
    if (follows(j)) {
      zoom(pass, j).forward(x.rows, u.col(j), v.col(j), log_det);
    } else {
      copy<T>(u.columns(j, 1), v.columns(j, 1));
    }
    univariate_->forward(parameters(h, j), v.col(j), z.col(j), log_det);
    kernels<T>().quantile_forward(x.rows, z.col(j), z.col(j), log_det);
  }
}

template <class T>
void Circular<T>::inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const {
  const View<T> in = this->given(pass), h = pass.tape_view(h_);
  copy<T>(pass.context, in.columns(0, context_));
  drift_.show_context(pass);
  for (Index j = 0; j < columns_; ++j) {
    net_->advance(pass, in, h, j);
    kernels<T>().quantile_inverse(x.rows, z.col(j), x.col(j), log_det);
    univariate_->inverse(parameters(h, j), x.col(j), x.col(j), log_det);
    if (follows(j)) zoom(pass, j).inverse(x.rows, x.col(j), x.col(j), log_det);
    if (drift_.moves(j)) drift_.add(pass, j, T(1), x.col(j));
    add_windings<T>(x, windings_[static_cast<std::size_t>(j)], 1, x.rows, x.col(j), x.col(j));
    kernels<T>().circle_forward(x.rows, x.col(j), cosine(in, j), sine(in, j));
    drift_.show_circle(pass, j, cosine(in, j), sine(in, j));
  }
}

template <class T>
void Circular<T>::backward(const Pass<T>& pass, View<const T> x, View<const T> z, View<const T> dz,
                           const T* dlog_det, View<T> dx) const {
  const Kernels<T>& k = kernels<T>();
  const View<T> in = this->given(pass), din = pass.scratch_view(dinput_), sum = this->dgiven(pass);
  const View<T> u = pass.tape_view(u_), v = pass.tape_view(v_);
  const View<T> h = pass.tape_view(h_), dh = pass.scratch_view(dh_);
  for (Index j = 0; j < columns_; ++j) {
    k.quantile_backward(x.rows, z.col(j), dz.col(j), dlog_det, dx.col(j));
    univariate_->backward(parameters(h, j), v.col(j), dx.col(j), dlog_det, parameters(dh, j),
                          dx.col(j));
    if (follows(j)) zoom(pass, j).backward(x.rows, u.col(j), dx.col(j), dlog_det, dx.col(j));
  }
  drift_.clear(pass);
  for (Index j = 0; j < columns_; ++j) {
    if (drift_.moves(j)) drift_.pull(pass, j, dx.col(j));
  }
  // u_j, j > i, falls with x_i. Ascending, so that the dx of later columns are their dL/du still.
  for (Index i = 0; i < columns_; ++i) {
    drift_.pull_of_circle(pass, i, dx.col(i));
    for (Index j = i + 1; j < columns_; ++j) {
      const auto turns =
          static_cast<T>(windings_[static_cast<std::size_t>(j)][static_cast<std::size_t>(i)]);
      for (Index r = 0; r < x.rows && turns != 0; ++r) dx.col(i)[r] -= turns * dx.col(j)[r];
    }
  }
  net_->backward(pass, in, dh, din);
  add<T>(din, sum);
  for (Index j = 0; j < columns_; ++j) {
    k.circle_backward(x.rows, cosine(in, j), sine(in, j), cosine(sum, j), sine(sum, j), dx.col(j));
  }
  add<T>(sum.columns(0, pass.dcontext.cols), pass.dcontext);
  drift_.pull_of_context(pass, pass.dcontext);
}

template <class T>
void Circular<T>::initialize(const Pass<T>& pass, T* theta, View<const T> x, Index live) const {
  std::vector<T> u(static_cast<std::size_t>(x.rows)), log_det(u.size());
  const View<T> in = this->given(pass);
  drift_.show_context(pass);
  for (Index j = 0; j < columns_; ++j) {
    u.resize(static_cast<std::size_t>(x.rows));
    unwind(x, j, x.rows, u.data());
    kernels<T>().circle_forward(x.rows, x.col(j), cosine(in, j), sine(in, j));
    drift_.show_circle(pass, j, cosine(in, j), sine(in, j));
    if (drift_.moves(j)) {
      drift_.fit(pass, j, u.data(), live, theta);
      drift_.add(pass, j, T(-1), u.data());
    }
    u.resize(static_cast<std::size_t>(live));
    if (follows(j)) {
      const CircleZoom<T> zoom = zoom_on<T>({u.begin(), u.end()});
      theta[zoom_.offset + 2 * j] = zoom.centre;
      theta[zoom_.offset + 2 * j + 1] = zoom.log_sharpness;
      zoom.forward(live, u.data(), u.data(), log_det.data());
    }
    const std::vector<double> turns(u.begin(), u.end());
    const CircleDensity smooth(turns);
    const Knots knots = smooth.is_coarse() ? empirical_knots(turns) : smooth_knots(smooth);
    T* raw = theta + bias_ + j * univariate_->size();
    for (std::size_t k = 0; k < kBins; ++k) {
      const double width = (k + 1 == kBins ? 0.5 : knots.at[k + 1]) - knots.at[k];
      const double mass = (k + 1 == kBins ? 1 : knots.below[k + 1]) - knots.below[k];
      raw[k] = static_cast<T>(std::log(std::max(width - kSplineMinBin, kSplineMinBin)));
      raw[kBins + k] = static_cast<T>(std::log(std::max(mass - kSplineMinBin, kSplineMinBin)));
      raw[2 * kBins + k] = static_cast<T>(
          std::log(std::expm1(std::max(knots.density[k] - kSplineMinSlope, kSplineMinSlope))) -
          kSplineSlopeShift);
    }
  }
}

template class Circular<float>;
template class Circular<double>;

}  // namespace nflow
