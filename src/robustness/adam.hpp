// Adam (Kingma and Ba 2015), with its published constants.
#pragma once

#include <cmath>
#include <span>
#include <vector>

namespace leadline::detail {

class Adam {
 public:
  explicit Adam(std::size_t size) : first_(size, 0.0), second_(size, 0.0), steps_(size, 0) {}

  /// x <- x + step * the direction of Adam.
  void ascend(std::span<const double> gradient, double step, std::span<double> x) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += step * direction(i, gradient[i]);
  }
  /// The direction of value `i`, which counts its own steps (as in ZOO).
  double direction(std::size_t i, double gradient) {
    ++steps_[i];
    first_[i] = 0.9 * first_[i] + 0.1 * gradient;
    second_[i] = 0.999 * second_[i] + 0.001 * gradient * gradient;
    const double mean = first_[i] / (1 - std::pow(0.9, steps_[i]));
    const double square = second_[i] / (1 - std::pow(0.999, steps_[i]));
    return mean / (std::sqrt(square) + 1e-8);
  }

 private:
  std::vector<double> first_, second_;
  std::vector<int> steps_;
};

}  // namespace leadline::detail
