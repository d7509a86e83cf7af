#include "nflow/evaluator.h"

#include <cmath>
#include <limits>

#include "chain.h"
#include "math/random.h"
#include "scaler.h"
#include "thread_pool.h"
#include "tile.h"

namespace nflow {
namespace {

/// The same verbs for one precision.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual void log_prob(const RowMatrix& x, const RowMatrix& context, double* out) = 0;
  virtual void to_latent(const RowMatrix& x, const RowMatrix& context, RowMatrix& z) = 0;
  virtual void from_latent(const RowMatrix& z, const RowMatrix& context, RowMatrix& x) = 0;
};

template <class T>
class EngineOf final : public Engine {
 public:
  EngineOf(const Model& model, int threads)
      : columns_scaler_(model.scaler),
        context_scaler_(model.context_scaler),
        theta_(std::get<std::vector<T>>(model.parameters)),
        chain_(model.flow, static_cast<Index>(model.columns.size()),
               static_cast<Index>(model.context.size()), 0, &model.permutations),
        pool_(threads) {
    for (int i = 0; i < pool_.size(); ++i) tiles_.emplace_back(chain_, kTileRows, false);
  }

  void log_prob(const RowMatrix& x, const RowMatrix& context, double* out) override {
    const double units = columns_scaler_.log_det();
    each_tile(x.rows(), context, [&](Tile<T>& tile, Index first) {
      gather(
          x, columns_scaler_, tile.live(), [=](Index r) { return first + r; }, tile.x);
      tile.forward(tile.pass(theta_.data()));
      for (Index r = 0; r < tile.live(); ++r) {
        const double value = tile.log_prob(r) + units;
        // Where the precision ran out (infinite coordinates) the density is below every number.
        out[first + r] = std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
      }
    });
  }

  void to_latent(const RowMatrix& x, const RowMatrix& context, RowMatrix& z) override {
    each_tile(x.rows(), context, [&](Tile<T>& tile, Index first) {
      gather(
          x, columns_scaler_, tile.live(), [=](Index r) { return first + r; }, tile.x);
      tile.forward(tile.pass(theta_.data()));
      for (Index j = 0; j < z.cols(); ++j) {
        for (Index r = 0; r < tile.live(); ++r) z(first + r, j) = finite_or_nan(tile.z.col(j)[r]);
      }
    });
  }

  void from_latent(const RowMatrix& z, const RowMatrix& context, RowMatrix& x) override {
    each_tile(z.rows(), context, [&](Tile<T>& tile, Index first) {
      for (Index j = 0; j < z.cols(); ++j) {
        for (Index r = 0; r < tile.rows(); ++r) {
          tile.z.col(j)[r] = r < tile.live() ? static_cast<T>(z(first + r, j)) : T(0);
        }
      }
      tile.inverse(tile.pass(theta_.data()));
      for (Index j = 0; j < x.cols(); ++j) {
        const double mean = columns_scaler_.mean[j], deviation = columns_scaler_.deviation[j];
        for (Index r = 0; r < tile.live(); ++r) {
          x(first + r, j) = finite_or_nan(static_cast<double>(tile.x.col(j)[r]) * deviation + mean);
        }
      }
    });
  }

 private:
  static double finite_or_nan(double value) {
    return std::isfinite(value) ? value : std::numeric_limits<double>::quiet_NaN();
  }

  /// Calls body(tile, first row) for each tile of rows, with the context gathered.
  template <class Body>
  void each_tile(Index rows, const RowMatrix& context, const Body& body) {
    pool_.run((rows + kTileRows - 1) / kTileRows, [&](Index number, int worker) {
      Tile<T>& tile = tiles_[worker];
      const Index first = number * kTileRows;
      tile.resize(std::min(kTileRows, rows - first));
      gather(
          context, context_scaler_, tile.live(), [=](Index r) { return first + r; }, tile.context);
      body(tile, first);
    });
  }

  Scaler columns_scaler_, context_scaler_;
  std::vector<T> theta_;
  Chain<T> chain_;
  ThreadPool pool_;
  std::vector<Tile<T>> tiles_;
};

}  // namespace

struct Evaluator::Impl {
  std::unique_ptr<Engine> engine;
  Index columns;
  RowMatrix latent;  // of sample()
};

Evaluator::Evaluator(const Model& model, int threads) : impl_(std::make_unique<Impl>()) {
  impl_->columns = static_cast<Index>(model.columns.size());
  if (model.precision() == Precision::float32) {
    impl_->engine = std::make_unique<EngineOf<float>>(model, threads);
  } else {
    impl_->engine = std::make_unique<EngineOf<double>>(model, threads);
  }
}
Evaluator::~Evaluator() = default;

void Evaluator::log_prob(const RowMatrix& x, const RowMatrix& context, std::vector<double>& out) {
  out.resize(x.rows());
  impl_->engine->log_prob(x, context, out.data());
}

void Evaluator::to_latent(const RowMatrix& x, const RowMatrix& context, RowMatrix& z) {
  z.resize(x.rows(), impl_->columns);
  impl_->engine->to_latent(x, context, z);
}

void Evaluator::from_latent(const RowMatrix& z, const RowMatrix& context, RowMatrix& x) {
  x.resize(z.rows(), impl_->columns);
  impl_->engine->from_latent(z, context, x);
}

void Evaluator::sample(std::uint64_t seed, std::uint64_t first, Index n, const RowMatrix& context,
                       double temperature, RowMatrix& x) {
  const Random random(seed, Purpose::sample);
  RowMatrix& z = impl_->latent;
  z.resize(n, impl_->columns);
  for (Index r = 0; r < n; ++r) {
    for (Index j = 0; j < z.cols(); j += 2) {
      const auto pair = random.normal_pair(first + r, static_cast<std::uint32_t>(j / 2));
      z(r, j) = temperature * pair[0];
      if (j + 1 < z.cols()) z(r, j + 1) = temperature * pair[1];
    }
  }
  from_latent(z, context, x);
}

}  // namespace nflow
