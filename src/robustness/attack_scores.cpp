#include "attack_scores.hpp"

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"

namespace leadline::detail::attack_scores {
namespace {

/// Below it a probability counts as this: its logarithm and its slope stay finite in float32.
constexpr double least_probability = 1e-30;

double log_of(double p) { return std::log(std::max(p, least_probability)); }

Scores labels_of(const Tensor& output, std::int64_t n) {
  Scores scores;
  if (output.rank() != 1 || output.size(0) != n)
    throw ShapeError("attack", "labels [" + std::to_string(n) + "]", shape_text(output.shape()),
                     "return one class number a row");
  const Tensor host = output.host(is_floating(output.dtype()) ? DType::f64 : DType::i64);
  for (std::int64_t i = 0; i < n; ++i)
    scores.label.push_back(is_floating(host.dtype())
                               ? static_cast<std::int64_t>(host.data<double>()[i])
                               : host.data<std::int64_t>()[i]);
  return scores;
}

}  // namespace

Scores read(const Tensor& output, OutputKind kind, std::int64_t n) {
  if (kind == OutputKind::labels) return labels_of(output, n);
  if (!is_floating(output.dtype()))
    throw TypeError(
        "attack", "floating scores a class", output.describe(),
        "of a model that gives class numbers, declare output='labels' and attack it with "
        "Square or HopSkipJump");
  if (output.rank() < 1 || output.rank() > 2 || output.size(0) != n || output.n_elements() == 0)
    throw ShapeError("attack",
                     "scores [" + std::to_string(n) + ", n_classes] or [" + std::to_string(n) +
                         "] of a binary model",
                     shape_text(output.shape()), "attack a classifier that scores each row");
  Scores scores;
  scores.columns = output.rank() == 1 ? 1 : output.size(1);
  scores.k = std::max<std::int64_t>(scores.columns, 2);
  const Tensor host = output.host(DType::f64);
  const double* z = host.data<double>();
  const bool probabilities = kind == OutputKind::probabilities;
  if (probabilities) scores.raw.assign(z, z + n * scores.columns);
  scores.logits.resize(static_cast<std::size_t>(n * scores.k));
  for (std::int64_t i = 0; i < n; ++i) {
    const double* row = z + i * scores.columns;
    double* out = scores.logits.data() + i * scores.k;
    if (scores.columns == 1) {
      out[0] = probabilities ? log_of(1 - *row) : 0.0;
      out[1] = probabilities ? log_of(*row) : *row;
    } else {
      for (std::int64_t c = 0; c < scores.k; ++c) out[c] = probabilities ? log_of(row[c]) : row[c];
    }
    const bool finite =
        std::all_of(row, row + scores.columns, [](double v) { return std::isfinite(v); });
    scores.label.push_back(finite ? std::max_element(out, out + scores.k) - out : -1);
  }
  return scores;
}

bool like_probabilities(std::span<const double> row) {
  double sum = 0;
  for (const double v : row) {
    if (!(v >= -1e-6 && v <= 1 + 1e-6)) return false;
    sum += v;
  }
  return !row.empty() && std::abs(sum - 1) <= 1e-3;
}

Tensor slope_of(const Scores& scores, OutputKind kind, std::span<const double> dz,
                const Tensor& output) {
  const bool probabilities = kind == OutputKind::probabilities;
  const std::int64_t n = std::ssize(scores.label);
  std::vector<double> slope(static_cast<std::size_t>(n * scores.columns));
  const auto p = [&](std::int64_t i, std::int64_t c) {
    return std::max(scores.raw[static_cast<std::size_t>(i * scores.columns + c)],
                    least_probability);
  };
  for (std::int64_t i = 0; i < n; ++i) {
    const double* row = dz.data() + i * scores.k;
    double* out = slope.data() + i * scores.columns;
    if (scores.columns == 1) {
      const double back = probabilities
                              ? row[1] / p(i, 0) - row[0] / std::max(1 - p(i, 0), least_probability)
                              : row[1];
      *out = back;
    } else {
      for (std::int64_t c = 0; c < scores.k; ++c)
        out[c] = probabilities ? row[c] / p(i, c) : row[c];
    }
  }
  if (output.dtype() == DType::f64) return Tensor::own(std::move(slope), output.shape());
  return Tensor::own(std::vector<float>(slope.begin(), slope.end()), output.shape());
}

}  // namespace leadline::detail::attack_scores
