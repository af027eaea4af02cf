// Metrics on Eigen arrays: the core alone, no LibTorch, no Python.
//
//   find_package(leadline CONFIG REQUIRED COMPONENTS core)
//   target_link_libraries(app PRIVATE leadline::core)

#include <Eigen/Core>
#include <cmath>
#include <iostream>

#include "leadline/metrics/accuracy.hpp"
#include "leadline/metrics/f1.hpp"

// A stand-in for your model: three classes around three points of a line, so that the score of a
// class falls with the distance to its point.
static Eigen::ArrayXXf scores_of(const Eigen::ArrayXf& x) {
  Eigen::ArrayXXf scores(x.size(), 3);
  for (int c = 0; c < 3; ++c) scores.col(c) = -(x - static_cast<float>(c)).square();
  return scores;
}

int main() {
  leadline::metrics::Accuracy accuracy;
  leadline::metrics::F1 f1;

  // Batches come as they come; only counts are kept. The second half could be another process.
  for (int batch = 0; batch < 50; ++batch) {
    Eigen::ArrayXf x(64);
    Eigen::ArrayX<std::int64_t> label(64);
    for (int i = 0; i < 64; ++i) {
      label[i] = (batch + i) % 3;
      x[i] =
          static_cast<float>(label[i]) + 0.7f * std::sin(1.7f * static_cast<float>(64 * batch + i));
    }
    const Eigen::ArrayXXf scores = scores_of(x);
    accuracy.update(scores, label);
    f1.update(scores, label);
  }

  const leadline::Estimate rate = accuracy.compute();
  std::cout << "accuracy " << rate.text() << "\nf1       " << f1.compute().text() << '\n';
  // A value never comes without its interval and its n; an undefined one cannot be read.
  return rate.ok() && *rate.lower < rate.value() && rate.value() < *rate.upper && rate.n == 3200
             ? 0
             : 1;
}
