#include "train/mixture_sums.h"

#include <algorithm>
#include <cmath>

#include "tile.h"

namespace nflow {
namespace {

// Rows are treated in chunks, each with sums of its own, added up in order: fewer of them where the
// sums are large, and none of less than a tile, which would be filled up with rows of no use.
constexpr Index kMostChunks = 32, kMostNumbers = Index{1} << 26;

/// Memory of one worker for tiles of rows.
struct Workspace {
  Index columns, components;
  bool products;
  Index moments;
  AlignedBlock<double> block;
  double *x, *means, *share, *turned, *log_prob;

  Workspace(Index columns_, Index components_, bool products_)
      : columns(columns_),
        components(components_),
        products(products_),
        moments(products_ ? moment_count(columns_) : 1 + columns_),
        block((moments + columns * components + components + padded(components) + 1) * kTileRows),
        x(block.data()),
        means(x + moments * kTileRows),
        share(means + columns * components * kTileRows),
        turned(share + components * kTileRows),
        log_prob(turned + padded(components) * kTileRows) {}

  /// Rows first .. first + live as columns 1, x, and x x^T where there are products; zeros in the
  /// rows that fill up.
  void load(const RowMatrix& rows, Index first, Index live) const {
    std::fill_n(x, moments * kTileRows, 0.0);
    for (Index r = 0; r < live; ++r) {
      const double* row = rows.data() + (first + r) * columns;
      double* to = x + r;
      *to = 1;
      for (Index i = 0; i < columns; ++i) *(to += kTileRows) = row[i];
      for (Index i = 0; products && i < columns; ++i) {
        for (Index j = 0; j <= i; ++j) *(to += kTileRows) = row[i] * row[j];
      }
    }
  }
};

/// The first columns of a mixture of `all` columns, as the kernels take them.
class Expectation {
 public:
  Expectation(const GaussianMixture& mixture, Index columns, Index all)
      : mixture_(mixture),
        columns_(columns),
        all_(all),
        components_(static_cast<Index>(mixture.log_weight.size())),
        scale_(mixture.log_scale.size()) {
    for (std::size_t i = 0; i < scale_.size(); ++i) scale_[i] = std::exp(mixture.log_scale[i]);
    for (Index e = 0; e < columns; ++e) reach_.insert(reach_.end(), components_, e);
  }

  Index components() const { return components_; }

  /// Log density of the rows that are loaded, and each component's share in it.
  void share(const Workspace& work) const {
    const double* x = work.x + kTileRows;
    Gemm<double> g{};
    g.rows = kTileRows;
    g.cols = columns_ * components_;
    g.depth = columns_;
    g.a = x;
    g.a_stride = kTileRows;
    g.b = mixture_.slope.data();
    g.b_depth = 1;
    g.b_col = all_;
    g.c = work.means;
    g.c_stride = kTileRows;
    g.bias = mixture_.intercept.data();
    g.depth_end = reach_.data();
    kernels_.gemm(g);
    kernels_.mixture_posterior(
        {kTileRows, components_, work.means, kTileRows, scale_.data(), mixture_.log_scale.data()},
        columns_, mixture_.log_weight.data(), x, work.share, work.log_prob);
  }

  /// moments += share^T [1, x, x x^T]: rows that fill up have moments 0.
  void add_moments(const Workspace& work, double* moments) const {
    kernels_.transpose(kTileRows, components_, work.share, kTileRows, work.turned,
                       padded(components_));
    Gemm<double> g{};
    g.rows = components_;
    g.cols = work.moments;
    g.depth = kTileRows;
    g.a = work.turned;
    g.a_stride = padded(components_);
    g.b = work.x;
    g.b_depth = 1;
    g.b_col = kTileRows;
    g.c = moments;
    g.c_stride = components_;
    g.accumulate = true;
    kernels_.gemm(g);
  }

 private:
  const Kernels<double>& kernels_ = kernels<double>();
  const GaussianMixture& mixture_;
  Index columns_, all_, components_;
  std::vector<double> scale_;
  std::vector<Index> reach_;  // of column e of each component: those before e
};

Index chunks_of(Index rows, Index numbers) {
  const Index tiles = (rows + kTileRows - 1) / kTileRows;
  return std::clamp<Index>(std::min(tiles, kMostNumbers / numbers), 1, kMostChunks);
}

/// Calls treat(tile of rows with their shares, first row, rows, chunk) for tiles in chunks.
template <class Treat>
void each_tile(const Expectation& expectation, const RowMatrix& rows, Index chunks, bool products,
               ThreadPool& pool, const Treat& treat) {
  std::vector<Workspace> workspaces;
  workspaces.reserve(static_cast<std::size_t>(pool.size()));
  for (int w = 0; w < pool.size(); ++w) {
    workspaces.emplace_back(rows.cols(), expectation.components(), products);
  }
  pool.run(chunks, [&](Index chunk, int worker) {
    const Workspace& work = workspaces[worker];
    const Index end = (chunk + 1) * rows.rows() / chunks;
    for (Index first = chunk * rows.rows() / chunks; first < end; first += kTileRows) {
      const Index live = std::min(kTileRows, end - first);
      work.load(rows, first, live);
      expectation.share(work);
      treat(work, first, live, chunk);
    }
  });
}

double log_density_of(const Workspace& work, const double* weight, Index live) {
  double sum = 0;
  for (Index r = 0; r < live; ++r) sum += (weight ? weight[r] : 1) * work.log_prob[r];
  return sum;
}

}  // namespace

MixtureSums mixture_sums(const GaussianMixture& mixture, const RowMatrix& rows,
                         const std::vector<double>& weights, ThreadPool& pool) {
  const Index columns = rows.cols();
  const Expectation expectation(mixture, columns, columns);
  const Index components = expectation.components();
  const Index chunks = chunks_of(rows.rows(), components * moment_count(columns));
  std::vector<MixtureSums> parts(chunks, MixtureSums(components, columns));
  each_tile(expectation, rows, chunks, true, pool,
            [&](const Workspace& work, Index first, Index live, Index chunk) {
              const double* weight = weights.empty() ? nullptr : weights.data() + first;
              parts[chunk].log_density += log_density_of(work, weight, live);
              for (Index c = 0; weight && c < components; ++c) {
                for (Index r = 0; r < live; ++r) work.share[c * kTileRows + r] *= weight[r];
              }
              expectation.add_moments(work, parts[chunk].moments.data());
            });
  MixtureSums total(components, columns);
  for (const MixtureSums& part : parts) {
    total.log_density += part.log_density;
    for (std::size_t i = 0; i < total.moments.size(); ++i) total.moments[i] += part.moments[i];
  }
  return total;
}

std::vector<double> mixture_log_densities(const GaussianMixture& mixture, const RowMatrix& rows,
                                          ThreadPool& pool, Index columns) {
  std::vector<double> densities(rows.rows(), 0.0);
  if (columns == 0) return densities;
  const Expectation expectation(mixture, columns, rows.cols());
  each_tile(expectation, rows, chunks_of(rows.rows(), 1), false, pool,
            [&](const Workspace& work, Index first, Index live, Index) {
              std::copy_n(work.log_prob, live, densities.begin() + first);
            });
  return densities;
}

}  // namespace nflow
