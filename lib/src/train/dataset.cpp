#include "nflow/dataset.h"

#include "io/digest.h"
#include "train/large_table.h"

namespace nflow {

Index Dataset::rows() const { return all ? all->rows() : x.rows(); }

Dataset rows_at(const Dataset& data, const std::vector<Index>& places) {
  Dataset some{data.x(places, Eigen::all), data.context(places, Eigen::all)};
  some.all = data.all;
  if (data.weights.empty()) return some;
  for (const Index i : places) some.weights.push_back(data.weights[static_cast<std::size_t>(i)]);
  return some;
}

std::string digest_of(const Dataset& data) {
  Digest digest;
  for (const RowMatrix* rows : {&data.x, &data.context}) {
    const Index shape[] = {rows->rows(), rows->cols()};
    digest.add(shape, sizeof shape);
    digest.add(rows->data(), static_cast<std::size_t>(rows->size()) * sizeof(double));
  }
  digest.add(data.weights.data(), data.weights.size() * sizeof(double));
  if (data.all) {
    const std::string rest = data.all->digest();
    digest.add(rest.data(), rest.size());
  }
  return digest.text();
}

std::string digest_of(const std::vector<std::string>& labels) {
  Digest digest;
  for (const std::string& label : labels) digest.add(label.c_str(), label.size() + 1);
  return digest.text();
}

}  // namespace nflow
