#pragma once

#include <vector>

#include "stats/distributions.h"

namespace nflow {

/// A statistic, and the probability of one at least as large where nothing is wrong.
struct TestResult {
  double statistic;
  double p;
};

/// Are these uniform on [0, 1]? The statistic is the largest distance between their distribution
/// function and the diagonal (Kolmogorov 1933); p by Stephens's correction of the limiting
/// distribution (JASA 69, 1974), right to 0.01 from 10 numbers on.
TestResult kolmogorov_smirnov(std::vector<double> uniform);
double kolmogorov_smirnov_p(double distance, double n);

/// The same question to numbers of which both tails are known. The statistic A^2 weighs the
/// distance most in the tails (Anderson and Darling 1954); p by Marsaglia and Marsaglia,
/// "Evaluating the Anderson-Darling distribution" (J. Stat. Software 9, 2004).
TestResult anderson_darling(std::vector<Tails> tails);
double anderson_darling_p(double statistic, double n);

/// Values of p made comparable with one threshold: the chance that any is below it where nothing is
/// wrong is at most the threshold (Holm 1979).
std::vector<double> holm(const std::vector<double>& p);

}  // namespace nflow
