#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nflow/dataset.h"
#include "nflow/model.h"
#include "plot/script.h"

namespace nflow::app {

struct PictureOptions {
  PictureFormat format = PictureFormat::png;
  std::uint64_t seed = 0;
  int threads = 1;
};

// The gnuplot script of each kind of picture; a file each. `data` are rows of the model's columns
// and its context.

/// Rows and samples, each column and each pair of columns. Where `columns` are not all, of these.
Script corner_script(const Model& model, const Dataset& data, const std::vector<Index>& columns,
                     const PictureOptions& options);
/// The density of two columns, with contours of highest density, over the rows.
Script contours_script(const Model& model, const Dataset& data, const PictureOptions& options);
/// Rows behind each link of the chain, down to the unit Gaussian.
Script links_script(const Model& model, const Dataset& data, const PictureOptions& options);
/// How even the places of rows in the model's distributions are.
Script calibration_script(const Model& model, const Dataset& data,
                          const std::vector<Index>& columns, const PictureOptions& options);
/// log p over the epochs of a training: rows "epoch, train, validation", NaN for what is missing.
Script history_script(const RowMatrix& epochs, const PictureOptions& options);

/// Where most of the numbers of a column lie, with some room to either side.
struct Span {
  double low, high;
};
Span span_of(std::vector<double> numbers, double share);

}  // namespace nflow::app
