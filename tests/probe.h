#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "chain.h"
#include "nflow/front.h"
#include "tile.h"

namespace nflow::testing {

/// A chain over random parameters and rows, to be probed from outside.
template <class T>
class Probe {
 public:
  Probe(const FlowSpec& spec, Index columns, Index context, Index rows, unsigned seed,
        double spread = 0.5, Index circular = 0)
      : Probe(spec, columns, context, rows, seed, spread, Front{{}, circular, {}}) {}

  Probe(const FlowSpec& spec, Index columns, Index context, Index rows, unsigned seed,
        double spread, const Front& front)
      : chain(spec, columns, context, seed, nullptr, front),
        tile(chain, rows, true),
        random_(seed) {
    tile.resize(rows);
    for (double start : chain.blueprint().initial_parameters(seed)) {
      theta.push_back(static_cast<T>(start + spread * normal()));
    }
    chain.blueprint().clear_masked(theta);
    live_.assign(theta.size(), T(1));
    chain.blueprint().clear_masked(live_);
    grad.assign(theta.size(), T(0));
    fill(tile.x, 1.5);
    // A bin, and a place in its middle part, away from its ends.
    for (Index j = front.circular; j < front.columns(); ++j) {
      const auto place = static_cast<std::size_t>(j - front.circular);
      const double bins = static_cast<double>(front.cells[place]->bins());
      for (Index r = 0; r < rows; ++r) {
        T& x = tile.x.col(j)[r];
        const double at = bins * (0.5 + 0.49 * std::tanh(static_cast<double>(x)));
        x = static_cast<T>(std::floor(at) + 0.1 + 0.8 * (at - std::floor(at)));
      }
    }
    // Turns, with some beside the seam.
    for (Index j = 0; j < front.circular; ++j) {
      for (Index r = 0; r < rows; ++r) {
        T& x = tile.x.col(j)[r];
        x = static_cast<T>(0.49 * std::tanh(static_cast<double>(x)));
      }
    }
    fill(tile.context, 1);
  }

  double normal() { return normal_(random_); }
  void fill(View<T> view, double deviation) {
    for (Index j = 0; j < view.cols; ++j) {
      for (Index r = 0; r < view.rows; ++r) {
        view.col(j)[r] = r < tile.live() ? static_cast<T>(deviation * normal()) : T(0);
      }
    }
  }

  Pass<T> pass() {
    Pass<T> p = tile.pass(theta.data(), nullptr);
    p.grad = grad.data();
    return p;
  }
  /// Is theta[i] no masked weight?
  bool live(std::size_t i) const { return live_[i] != T(0); }
  void forward() { tile.forward(pass()); }
  void inverse() { tile.inverse(pass()); }

  Chain<T> chain;
  Tile<T> tile;
  std::vector<T> theta, grad;

 private:
  std::vector<T> live_;
  std::mt19937 random_;
  std::normal_distribution<double> normal_;
};

inline bool near(double a, double b, double tolerance) {
  return std::fabs(a - b) <= tolerance * (1 + std::fabs(a) + std::fabs(b));
}

/// How far rows that went there and back are from where they were, and a tenth of how far the two
/// log-determinants are from each other's opposite.
template <class T>
double worst_round_trip(Probe<T>& probe) {
  const Tile<T>& tile = probe.tile;
  const std::vector<T> x(tile.x.data, tile.x.data + tile.x.size());
  Pass<T> pass = probe.pass();
  pass.training = false;  // in training columns of cells have no latent numbers
  probe.tile.forward(pass);
  const std::vector<T> log_det(tile.log_det, tile.log_det + tile.rows());
  probe.tile.inverse(pass);
  double worst = 0;
  for (Index r = 0; r < tile.live(); ++r) {
    for (Index j = 0; j < tile.x.cols; ++j) {
      worst = std::max(worst, double(std::fabs(tile.x.col(j)[r] - x[j * tile.rows() + r])));
    }
    worst = std::max(worst, 0.1 * double(std::fabs(tile.log_det[r] + log_det[r])));
  }
  return worst;
}

/// A loss that mixes z and log_det with fixed random coefficients, sum_r (a_r . z_r + b_r ld_r),
/// and its gradients by backward(). The a_r are of size `of_latent`: 0 for columns of cells, whose
/// density depends on the bin alone.
class Loss {
 public:
  explicit Loss(Probe<double>& probe, double of_latent = 1) : probe_(probe) {
    Tile<double>& tile = probe.tile;
    a_.resize(tile.rows(), tile.x.cols);
    b_.resize(tile.rows());
    for (Index r = 0; r < tile.rows(); ++r) {
      const bool live = r < tile.live();
      b_(r) = live ? probe.normal() : 0;
      for (Index j = 0; j < tile.x.cols; ++j) a_(r, j) = live ? of_latent * probe.normal() : 0;
    }
  }

  double value() {
    probe_.forward();
    const Tile<double>& tile = probe_.tile;
    double sum = 0;
    for (Index r = 0; r < tile.live(); ++r) {
      for (Index j = 0; j < tile.z.cols; ++j) sum += a_(r, j) * tile.z.col(j)[r];
      sum += b_(r) * tile.log_det[r];
    }
    return sum;
  }

  /// Leaves dL/dx in tile.dx, dL/dtheta in probe.grad and dL/dcontext in dcontext().
  void backward() {
    Tile<double>& tile = probe_.tile;
    probe_.forward();
    for (Index r = 0; r < tile.rows(); ++r) {
      for (Index j = 0; j < tile.dz.cols; ++j) tile.dz.col(j)[r] = a_(r, j);
      tile.dlog_det[r] = b_(r);
    }
    dcontext_.assign(tile.context.size(), 0);
    std::fill(probe_.grad.begin(), probe_.grad.end(), 0);
    Pass<double> pass = probe_.pass();
    pass.dcontext = {dcontext_.data(), tile.rows(), tile.context.cols};
    probe_.chain.backward(pass, tile.x, tile.z, tile.dz, tile.dlog_det, tile.dx);
  }
  const std::vector<double>& dcontext() const { return dcontext_; }

  /// Central difference of the loss by one number.
  double slope(double& number, double step = 1e-5) {
    const double kept = number;
    number = kept + step;
    const double above = value();
    number = kept - step;
    const double below = value();
    number = kept;
    return (above - below) / (2 * step);
  }

 private:
  Probe<double>& probe_;
  Eigen::MatrixXd a_;
  Eigen::VectorXd b_;
  std::vector<double> dcontext_;
};

/// d z / d x of one row, D x D, by central differences.
inline Eigen::MatrixXd jacobian(Probe<double>& probe, Index row) {
  const Index columns = probe.tile.x.cols;
  Eigen::MatrixXd jac(columns, columns);
  const double step = 1e-5;
  for (Index i = 0; i < columns; ++i) {
    double& x = probe.tile.x.col(i)[row];
    const double kept = x;
    Eigen::VectorXd above(columns), below(columns);
    x = kept + step;
    probe.forward();
    for (Index j = 0; j < columns; ++j) above(j) = probe.tile.z.col(j)[row];
    x = kept - step;
    probe.forward();
    for (Index j = 0; j < columns; ++j) below(j) = probe.tile.z.col(j)[row];
    x = kept;
    jac.col(i) = (above - below) / (2 * step);
  }
  return jac;
}

}  // namespace nflow::testing
