#include "nflow/evaluator.h"

#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

#include "chain.h"
#include "math/cell_quadrature.h"
#include "math/random.h"
#include "packed_weights.h"
#include "scaler.h"
#include "support_map.h"
#include "thread_pool.h"
#include "tile.h"

namespace nflow {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Latent rows of sample(): standard normal times the temperature.
struct LatentDraws {
  std::uint64_t seed;
  std::uint64_t first;
  double temperature;
};

/// The same verbs for one precision. Columns are in the chain's order.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual void log_prob(const RowMatrix& x, const RowMatrix& context, double* out) = 0;
  virtual void to_latent(const RowMatrix& x, const RowMatrix& context, RowMatrix& z) = 0;
  virtual void from_latent(const RowMatrix& z, const RowMatrix& context, RowMatrix& x) = 0;
  virtual void sample(const LatentDraws& draws, const RowMatrix& context, RowMatrix& x) = 0;
};

template <class T>
class EngineOf final : public Engine {
 public:
  EngineOf(const Model& model, int threads)
      : columns_scaler_(scaler_in_chain_order(model)),
        context_scaler_(model.context_scaler),
        theta_(std::get<std::vector<T>>(model.parameters)),
        chain_(model.flow, static_cast<Index>(model.columns.size()), model.context_features(), 0,
               &model.permutations, model.front()),
        pool_(threads),
        packed_(chain_.blueprint(), false) {
    if (static_cast<Index>(theta_.size()) != chain_.blueprint().parameter_count()) {
      throw std::logic_error("a model's parameters are those of another chain");
    }
    chain_.blueprint().clear_masked(theta_);  // a file may hold anything
    packed_.pack(pool_, theta_.data());
    tiles_.resize(static_cast<std::size_t>(pool_.size()));
  }

  void log_prob(const RowMatrix& x, const RowMatrix& context, double* out) override {
    const double units = columns_scaler_.log_det();
    each_tile(x.rows(), context, [&](Tile<T>& tile, Index first) {
      gather(
          x, columns_scaler_, tile.live(), [=](Index r) { return first + r; }, tile.x);
      tile.forward(tile.pass(theta_.data(), &packed_));
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
      tile.forward(tile.pass(theta_.data(), &packed_));
      for (Index j = 0; j < z.cols(); ++j) {
        for (Index r = 0; r < tile.live(); ++r) {
          // A link whose precision ran out may give any z, but no finite log-determinant.
          const bool known = std::isfinite(tile.log_det[r]);
          z(first + r, j) = known ? finite_or_nan(tile.z.col(j)[r]) : kNaN;
        }
      }
    });
  }

  void from_latent(const RowMatrix& z, const RowMatrix& context, RowMatrix& x) override {
    invert_tiles(context, x, [&](Tile<T>& tile, Index first) {
      for (Index j = 0; j < z.cols(); ++j) {
        for (Index r = 0; r < tile.live(); ++r) {
          tile.z.col(j)[r] = static_cast<T>(z(first + r, j));
        }
      }
    });
  }

  void sample(const LatentDraws& draws, const RowMatrix& context, RowMatrix& x) override {
    const NormalArgs common{draws.seed, static_cast<std::uint32_t>(Purpose::sample), 0, 0,
                            draws.temperature};
    invert_tiles(context, x, [&](Tile<T>& tile, Index first) {
      NormalArgs args = common;
      args.first_row = draws.first + static_cast<std::uint64_t>(first);
      for (Index j = 0; j < tile.z.cols; j += 2, ++args.pair) {
        T* odd = j + 1 < tile.z.cols ? tile.z.col(j + 1) : nullptr;
        kernels<T>().normals(args, tile.rows(), tile.z.col(j), odd);
      }
    });
  }

 private:
  static double finite_or_nan(double value) { return std::isfinite(value) ? value : kNaN; }

  /// x of the latent rows that fill(tile, first row) writes.
  template <class Fill>
  void invert_tiles(const RowMatrix& context, RowMatrix& x, const Fill& fill) {
    each_tile(x.rows(), context, [&](Tile<T>& tile, Index first) {
      for (Index j = 0; j < tile.z.cols; ++j) {
        std::fill(tile.z.col(j) + tile.live(), tile.z.col(j) + tile.rows(), T(0));
      }
      fill(tile, first);
      tile.inverse(tile.pass(theta_.data(), &packed_));
      for (Index j = 0; j < x.cols(); ++j) {
        const double mean = columns_scaler_.mean[j], deviation = columns_scaler_.deviation[j];
        for (Index r = 0; r < tile.live(); ++r) {
          x(first + r, j) = finite_or_nan(static_cast<double>(tile.x.col(j)[r]) * deviation + mean);
        }
      }
    });
  }

  /// Calls body(tile, first row) for each tile of rows, with the context gathered.
  template <class Body>
  void each_tile(Index rows, const RowMatrix& context, const Body& body) {
    pool_.run((rows + kTileRows - 1) / kTileRows, [&](Index number, int worker) {
      std::optional<Tile<T>>& own = tiles_[worker];
      if (!own) own.emplace(chain_, kTileRows, false);  // not every worker may have work
      Tile<T>& tile = *own;
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
  PackedWeights<T> packed_;
  std::vector<std::optional<Tile<T>>> tiles_;  // one a worker
};

}  // namespace

/// Rows on the line that the integral over cells puts before the engine at once.
constexpr Index kMostNodes = 16384;

struct Evaluator::Impl {
  /// log p of rows on the line, each integrated over the cell of its integers.
  void log_mass(const RowMatrix& line, const RowMatrix& context, double* out) {
    const Index nodes = cell.nodes.rows(), most = std::max<Index>(1, kMostNodes / nodes);
    std::vector<double> at_nodes;
    for (Index first = 0; first < line.rows(); first += most) {
      const Index rows = std::min(most, line.rows() - first);
      RowMatrix spread(rows * nodes, line.cols()), given(rows * nodes, context.cols());
      for (Index r = 0; r < rows; ++r) {
        spread.middleRows(r * nodes, nodes).rowwise() = line.row(first + r);
        given.middleRows(r * nodes, nodes).rowwise() = context.row(first + r);
        for (std::size_t i = 0; i < supports.integers().size(); ++i) {
          spread.col(supports.integers()[i]).segment(r * nodes, nodes) += cell.nodes.col(i);
        }
      }
      at_nodes.resize(static_cast<std::size_t>(rows * nodes));
      engine->log_prob(spread, given, at_nodes.data());
      for (Index r = 0; r < rows; ++r) out[first + r] = log_sum(at_nodes.data() + r * nodes);
    }
  }

  /// log sum_q exp(log_weight_q + value_q)
  double log_sum(const double* value) const {
    const double top = *std::max_element(value, value + cell.nodes.rows());
    if (!std::isfinite(top)) return top;
    double sum = 0;
    for (const double weight : cell.log_weight) sum += std::exp(weight + *value++ - top);
    return top + std::log(sum);
  }

  /// The part of its cell where a value of that row is put: integers to the middle.
  double place(std::uint64_t row, Index column) const {
    return column < front ? in_cells.uniform(row, static_cast<std::uint32_t>(column)) : 0.5;
  }

  std::unique_ptr<Engine> engine;
  SupportMap supports;
  CellQuadrature cell;  // over the integer columns
  Index columns;
  Random in_cells;
  Index front;  // columns before the chain, none of which is INTEGER
};

Evaluator::Evaluator(const Model& model, int threads)
    : impl_(new Impl{nullptr,
                     SupportMap(model.supports),
                     {},
                     0,
                     Random(model.training.seed, Purpose::latent),
                     static_cast<Index>(front_columns(model.supports))}) {
  const auto integers = static_cast<Index>(impl_->supports.integers().size());
  if (integers > 0) impl_->cell = cell_quadrature(integers);
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
  if (impl_->supports.identity()) {
    impl_->engine->log_prob(x, context, out.data());
    return;
  }
  RowMatrix line = x;
  const std::vector<double> log_slope = impl_->supports.to_line(line);
  if (impl_->supports.integers().empty()) {
    impl_->engine->log_prob(line, context, out.data());
  } else {
    impl_->log_mass(line, context, out.data());
  }
  for (std::size_t r = 0; r < out.size(); ++r) out[r] += log_slope[r];
}

void Evaluator::to_latent(const RowMatrix& x, const RowMatrix& context, RowMatrix& z,
                          std::uint64_t first) {
  z.resize(x.rows(), impl_->columns);
  if (impl_->supports.identity()) {
    impl_->engine->to_latent(x, context, z);
    return;
  }
  RowMatrix line = x;
  const std::vector<double> log_slope =
      impl_->supports.to_line(line, [&](Index r, Index j) { return impl_->place(first + r, j); });
  impl_->engine->to_latent(line, context, z);
  for (Index r = 0; r < z.rows(); ++r) {
    if (std::isinf(log_slope[r])) z.row(r).setConstant(kNaN);
  }
}

void Evaluator::from_latent(const RowMatrix& z, const RowMatrix& context, RowMatrix& x) {
  x.resize(z.rows(), impl_->columns);
  impl_->engine->from_latent(z, context, x);
  if (!impl_->supports.identity()) impl_->supports.from_line(x);
}

void Evaluator::sample(std::uint64_t seed, std::uint64_t first, Index n, const RowMatrix& context,
                       double temperature, RowMatrix& x) {
  x.resize(n, impl_->columns);
  impl_->engine->sample({seed, first, temperature}, context, x);
  if (!impl_->supports.identity()) impl_->supports.from_line(x);
}

}  // namespace nflow
