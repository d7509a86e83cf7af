#include "train/objective.h"

#include <algorithm>

#include "math/random.h"

namespace nflow {

template <class T>
Objective<T>::Objective(const Chain<T>& chain, const Shards& shards, ThreadPool& pool, Ranks* ranks)
    : chain_(chain),
      pool_(pool),
      ranks_(ranks),
      shards_(shards),
      packed_(chain.blueprint(), true),
      sums_(shards.count),
      tile_weights_(kTileRows * pool.size()) {
  const Index parameters = chain.blueprint().parameter_count();
  for (std::size_t t = 0; t < chain.blueprint().tensors().size(); ++t) {
    const TensorPlace& place = chain.blueprint().tensors()[t];
    if (!chain.blueprint().starts()[t].overwritten) to_clear_.push_back(place);
  }
  for (Index own = 0; own < own_part(ranks_, shards_.count).size(); ++own) {
    grads_.emplace_back(parameters);
    grad_pointers_.push_back(grads_.back().data());
  }
  const Index most = std::min(kTileRows, shards_.batch_size / shards_.count + 1);
  for (int worker = 0; worker < pool.size(); ++worker) {
    train_tiles_.emplace_back(chain, most, true);
    eval_tiles_.emplace_back(chain, kTileRows, false);
  }
}

template <class T>
double Objective<T>::batch(const std::vector<T>& theta, const Batches<T>& batches,
                           const Dropout& dropout, double noise) {
  const Part own_shards = own_part(ranks_, shards_.count);
  packed_.pack(pool_, theta.data());
  pool_.run(own_shards.size(), [&](Index own, int worker) {
    const Index s = own_shards.first + own;
    sums_[s] = shard(theta, batches, s, worker, dropout, noise);
  });
  gather(ranks_, sums_);
  double sum = 0;
  for (double s : sums_) sum += s;
  return sum;
}

template <class T>
double Objective<T>::shard(const std::vector<T>& theta, const Batches<T>& batches, Index shard,
                           int worker, Dropout dropout, double noise) {
  Tile<T>& tile = train_tiles_[worker];
  double* weights = tile_weights_.data() + kTileRows * worker;
  T* grad = grad_pointers_[shard - own_part(ranks_, shards_.count).first];
  for (const TensorPlace& place : to_clear_) {
    std::fill_n(grad + place.offset, place.rows * place.cols, T(0));
  }
  const Index begin = shards_.first(shard), end = shards_.first(shard + 1);
  const std::uint64_t batch_row = dropout.first_row;
  const T weight = T(1) / static_cast<T>(shards_.batch_size);
  double sum = 0;
  for (Index first = begin; first < end; first += kTileRows) {
    tile.resize(std::min(kTileRows, end - first));
    batches.fill(first, tile, weights);
    Pass<T> pass = tile.pass(theta.data(), &packed_);
    pass.grad = grad;
    pass.begins = first == begin;
    dropout.first_row = batch_row + static_cast<std::uint64_t>(first);
    pass.dropout = &dropout;
    add_noise(tile, dropout, noise);
    pass.density_alone = true;
    tile.forward(pass);
    // loss = -mean w log p:  dL/dz = w z / N,  dL/dlog_det = -w / N.
    for (Index r = 0; r < tile.rows(); ++r) {
      tile.dlog_det[r] = r < tile.live() ? -weight * static_cast<T>(weights[r]) : T(0);
    }
    for (Index j = 0; j < tile.z.cols; ++j) {
      for (Index r = 0; r < tile.rows(); ++r) {
        tile.dz.col(j)[r] = r < tile.live() ? -tile.dlog_det[r] * tile.z.col(j)[r] : T(0);
      }
    }
    for (Index r = 0; r < tile.live(); ++r) sum += weights[r] * tile.log_prob(r);
    chain_.backward(pass, tile.x, tile.z, tile.dz, tile.dlog_det, tile.dx);
  }
  return sum;
}

/// To the columns of numbers and to the context; what stands on circles or in cells stays.
template <class T>
void Objective<T>::add_noise(Tile<T>& tile, const Dropout& dropout, double noise) const {
  if (noise == 0) return;
  NormalArgs args{dropout.seed, static_cast<std::uint32_t>(Purpose::noise), dropout.first_row, 0,
                  noise};
  T *even = tile.dx.col(0), *odd = tile.dz.col(0);  // not in use yet
  const auto add_to = [&](View<T> rows) {
    for (Index j = 0; j < rows.cols; j += 2, ++args.pair) {
      kernels<T>().normals(args, rows.rows, even, odd);
      kernels<T>().add(rows.rows, even, rows.col(j));
      if (j + 1 < rows.cols) kernels<T>().add(rows.rows, odd, rows.col(j + 1));
    }
  };
  const Index front = chain_.columns() - chain_.blueprint().columns();
  add_to(tile.x.columns(front, chain_.blueprint().columns()));
  add_to(tile.context);
}

template <class T>
double Objective<T>::mean(const std::vector<T>& theta, const ScaledData<T>& data) {
  const Index rows = data.rows();
  tile_sums_.resize((rows + kTileRows - 1) / kTileRows);
  const Part own_tiles = own_part(ranks_, static_cast<Index>(tile_sums_.size()));
  const Index first_row = own_tiles.first * kTileRows;
  own_log_probs_.resize(std::min(rows, own_tiles.last * kTileRows) - first_row);
  packed_.pack(pool_, theta.data());
  pool_.run(own_tiles.size(), [&](Index own, int worker) {
    Tile<T>& tile = eval_tiles_[worker];
    const Index number = own_tiles.first + own, first = number * kTileRows;
    tile.resize(std::min(kTileRows, rows - first));
    data.gather([=](Index r) { return first + r; }, tile);
    Pass<T> pass = tile.pass(theta.data(), &packed_);
    pass.density_alone = true;
    tile.forward(pass);
    double sum = 0;
    for (Index r = 0; r < tile.live(); ++r) {
      const double log_prob = tile.log_prob(r);
      own_log_probs_[first - first_row + r] = log_prob;
      sum += data.weight(first + r) * log_prob;
    }
    tile_sums_[number] = sum;
  });
  gather(ranks_, tile_sums_);
  double sum = 0;
  for (double s : tile_sums_) sum += s;
  return sum / static_cast<double>(rows);  // the mean weight is 1
}

template class Objective<float>;
template class Objective<double>;

}  // namespace nflow
