#pragma once

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "kernels/kernels.h"

namespace nflow::testing {

template <class T>
std::vector<T> random_numbers(std::size_t n, double deviation, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, deviation);
  std::vector<T> numbers(n);
  for (T& x : numbers) x = static_cast<T>(normal(random));
  return numbers;
}

template <class T, class Body>
void each_target(const Body& body) {
  for (int i = 0; kernels_compiled<T>(i); ++i) {
    CAPTURE(kernels_compiled<T>(i)->target);
    body(*kernels_compiled<T>(i));
  }
}

}  // namespace nflow::testing
