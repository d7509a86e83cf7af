// How a training begins: at the parameters of a model, or at what the rows say.

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <variant>

#include "train/cell_mixture.h"
#include "train/mixture_start.h"
#include "train/run.h"

namespace nflow {
namespace {

/// Rows that ActNorm's start is taken from.
constexpr Index kInitRows = 2048;

/// Share of a time limit that fits of mixtures may take before the first step.
constexpr double kMostOfTimeToStart = 0.5;

}  // namespace

template <class T>
void Run<T>::initialize(const Model& model, const Dataset& fit, const LineMap& line) {
  pool_.interrupt_by({control_.interrupted, [this] {
                        look_at_clock();
                        return passed_ >= kMostOfTimeToStart;
                      }});
  if (options_.init) {
    take_parameters(*options_.init);
  } else {
    take_starts("cells.", cell_mixture_start(front_, fit, pool_, options_.seed));
    initialize_mixture(model, fit, line);
    initialize_from_data(fit);
  }
  optimizer_.state.average = theta_;
  keep_good();
  best_ = theta_;
  const double at_start = objective_.mean(theta_, validation_) + units_;
  if (std::isfinite(at_start)) {
    highest_ = best_validation_ = at_start;
    if (begins_fitted()) start_log_probs_ = objective_.log_probs();
  }
  pool_.interrupt_by({});
}

/// Takes the parameters of a model of the same chain.
template <class T>
void Run<T>::take_parameters(const Model& init) {
  const auto& parameters = std::get<std::vector<T>>(init.parameters);
  if (parameters.size() != theta_.size()) {
    throw std::logic_error("the model to go on from is of another chain");
  }
  std::copy(parameters.begin(), parameters.end(), theta_.begin());
  chain_.blueprint().clear_masked(theta_);  // a file may hold anything
}

/// A mixture that comes first is fitted by EM; the links behind it start from its latent space.
template <class T>
void Run<T>::initialize_mixture(const Model& model, const Dataset& fit, const LineMap& line) {
  if (options_.flow.links.empty()) return;
  const LinkSpec& first = options_.flow.links.front();
  take_starts("1." + first.name + ".", mixture_start(first, fit, model.scaler, model.context_scaler,
                                                     line.supports, pool_, options_.seed));
}

template <class T>
void Run<T>::take_starts(const std::string& room, const std::vector<TensorStart>& starts) {
  const std::vector<TensorPlace>& tensors = chain_.blueprint().tensors();
  for (const TensorStart& start : starts) {
    const std::string name = room + start.name;
    const auto place = std::find_if(tensors.begin(), tensors.end(),
                                    [&](const TensorPlace& tensor) { return tensor.name == name; });
    if (place == tensors.end()) throw std::logic_error("a fit has no tensor " + name);
    std::copy(start.values.begin(), start.values.end(), theta_.begin() + place->offset);
  }
}

template <class T>
void Run<T>::initialize_from_data(const Dataset& fit) {
  const Index rows = std::min(kInitRows, static_cast<Index>(fit.x.rows()));
  Tile<T> tile(chain_, rows, false);
  tile.resize(rows);
  batches_->draw(tile);
  chain_.initialize(tile.pass(theta_.data(), nullptr), theta_.data(), tile.x, rows);
}

template <class T>
bool Run<T>::begins_fitted() const {
  if (options_.init) return true;
  const std::vector<LinkSpec>& links = options_.flow.links;
  return links.empty() || is_fitted(links.front());
}

template void Run<float>::initialize(const Model&, const Dataset&, const LineMap&);
template void Run<double>::initialize(const Model&, const Dataset&, const LineMap&);
template bool Run<float>::begins_fitted() const;
template bool Run<double>::begins_fitted() const;

}  // namespace nflow
