#include "stats/factor_analysis.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <cmath>

namespace nflow {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kAxisSteps = 12, kIterations = 60;

/// No column is explained but for less than this share of its variance: beyond it likelihood has no
/// bound (Heywood cases).
constexpr double kLeastUnique = 1e-3;

/// Loadings along the principal axes of a correlation matrix, by subspace iteration.
MatrixXd principal_loadings(const MatrixXd& correlation, Index factors) {
  const Index columns = correlation.rows();
  // Any start that is not orthogonal to an axis does: cosines of different frequencies.
  MatrixXd axes(columns, factors);
  for (Index j = 0; j < factors; ++j) {
    for (Index i = 0; i < columns; ++i) axes(i, j) = std::cos(double((i + 1) * (2 * j + 1)));
  }
  for (int step = 0; step < kAxisSteps; ++step) {
    const Eigen::HouseholderQR<MatrixXd> qr(correlation * axes);
    axes = qr.householderQ() * MatrixXd::Identity(columns, factors);
  }
  const VectorXd variances = (axes.transpose() * correlation * axes).diagonal();
  const double others = (double(columns) - variances.sum()) / double(columns - factors);
  return axes * (variances.array() - others).max(0.01).sqrt().matrix().asDiagonal();
}

}  // namespace

// With S the correlations, beta = L^T (L L^T + U)^-1:
//   L <- S beta^T (I - beta L + beta S beta^T)^-1,  U <- diag(S - L beta S)
MatrixXd factor_analytic(const MatrixXd& covariance, Index factors) {
  const VectorXd deviation = covariance.diagonal().array().sqrt();
  const MatrixXd correlation =
      deviation.cwiseInverse().asDiagonal() * covariance * deviation.cwiseInverse().asDiagonal();
  MatrixXd loadings = principal_loadings(correlation, factors);
  const auto unique_of = [](const VectorXd& explained) -> VectorXd {
    return (1 - explained.array()).max(kLeastUnique);
  };
  VectorXd unique = unique_of(loadings.rowwise().squaredNorm());
  const MatrixXd identity = MatrixXd::Identity(factors, factors);
  for (int i = 0; i < kIterations; ++i) {
    const MatrixXd scaled = unique.cwiseInverse().asDiagonal() * loadings;
    const Eigen::LLT<MatrixXd> inner(identity + loadings.transpose() * scaled);
    const MatrixXd beta = inner.solve(scaled.transpose());
    const MatrixXd cross = correlation * beta.transpose();
    const MatrixXd second = identity - beta * loadings + beta * cross;
    loadings = second.llt().solve(cross.transpose()).transpose();
    unique = unique_of(loadings.cwiseProduct(cross).rowwise().sum());
  }
  const VectorXd explained = loadings.rowwise().squaredNorm();
  MatrixXd fitted = loadings * loadings.transpose();
  fitted.diagonal() = explained + unique_of(explained);
  return deviation.asDiagonal() * fitted * deviation.asDiagonal();
}

}  // namespace nflow
