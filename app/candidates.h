#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "train_data.h"

namespace nflow::app {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// A trained model, and the history of its training as CSV.
struct Outcome {
  Model model;
  std::string history = "epoch,step,train,validation,learning_rate,seconds\n";
};

/// Trains each of the chains and keeps the one with the best validation log-likelihood. They share
/// the time evenly; what one leaves is for those after it. With a large table each has a short
/// training, and only the best of these is trained.
Outcome train_best(const std::vector<FlowSpec>& flows, const TrainData& data, TrainOptions options,
                   bool quiet);

}  // namespace nflow::app
