#include "attack_exhibit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "leadline/core/exhibits.hpp"

namespace leadline::detail::attack_exhibit {
namespace {

std::string class_name(const DataInfo& about, std::int64_t label) {
  if (label < 0) return "no class (the output was not finite)";
  if (label < std::ssize(about.class_names))
    return about.class_names[static_cast<std::size_t>(label)];
  return "class " + std::to_string(label);
}

/// b - a, all values.
std::vector<double> difference(const Tensor& a, const Tensor& b) {
  const Tensor from = a.host(DType::f64), to = b.host(DType::f64);
  std::vector<double> delta(static_cast<std::size_t>(from.n_elements()));
  for (std::size_t i = 0; i < delta.size(); ++i)
    delta[i] = to.data<double>()[i] - from.data<double>()[i];
  return delta;
}

void add_pictures(Exhibit& exhibit, const DataInfo& about, const Tensor& original,
                  const Tensor& changed) {
  std::vector<double> delta = difference(original, changed);
  double most = 1e-12;
  for (const double v : delta) most = std::max(most, std::abs(v));
  for (double& v : delta) v /= most;
  const auto add = [&](const Tensor& x, std::optional<std::pair<double, double>> bounds,
                       const char* label) {
    if (auto image = image_of(x, 0, bounds)) {
      exhibit.images.push_back(std::move(*image));
      exhibit.labels.emplace_back(label);
    }
  };
  add(original, about.bounds, "original");
  add(changed, about.bounds, "changed");
  add(Tensor::own(std::move(delta), original.shape()), std::pair{-1.0, 1.0},
      "difference, grey where there is none");
}

void add_fields(Exhibit& exhibit, const DataInfo& about, const Tensor& original,
                const Tensor& changed) {
  const std::vector<double> delta = difference(original, changed);
  const Tensor before = original.host(DType::f64), after = changed.host(DType::f64);
  std::vector<std::int64_t> fields(delta.size());
  std::iota(fields.begin(), fields.end(), 0);
  std::stable_sort(fields.begin(), fields.end(), [&](auto i, auto j) {
    return std::abs(delta[static_cast<std::size_t>(i)]) >
           std::abs(delta[static_cast<std::size_t>(j)]);
  });
  fields.resize(std::min<std::size_t>(fields.size(), 24));
  for (const auto i : fields) {
    exhibit.labels.push_back(i < std::ssize(about.feature_names)
                                 ? about.feature_names[static_cast<std::size_t>(i)]
                                 : "x" + std::to_string(i));
    exhibit.values.push_back(digits(before.data<double>()[i], 4) + " -> " +
                             digits(after.data<double>()[i], 4));
    exhibit.overlay.push_back(delta[static_cast<std::size_t>(i)]);
  }
}

}  // namespace

std::string digits(double value, int n) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*g", n, value);
  return text.data();
}

std::string brightness(double change, std::pair<double, double> bounds) {
  return digits(255 * change / (bounds.second - bounds.first)) + " of 255 brightness steps";
}

Exhibit make(const Dataset& data, const robustness::AttackResult& result, const Tensor& adversarial,
             double severity) {
  const DataInfo about = data.info();
  Exhibit exhibit;
  exhibit.id = result.row.id;
  exhibit.severity = severity;
  exhibit.title =
      class_name(about, result.row.label) + " read as " + class_name(about, result.decision);
  exhibit.caption = "changed by " + digits(result.distance) + " (at most " +
                    digits(result.fooled_at) + ") after " + std::to_string(result.forwards) +
                    (result.forwards == 1 ? " query" : " queries");
  if (result.confidence > 0)
    exhibit.caption += "; confidence in the wrong answer " + digits(result.confidence);
  const Batch batch = data.batch({&result.row.id, 1});
  const Tensor original = batch.inputs.primary.host();
  if (about.modality == Modality::image) add_pictures(exhibit, about, original, adversarial);
  if (exhibit.images.empty()) {
    exhibit.kind = Exhibit::row;
    exhibit.labels.clear();
    add_fields(exhibit, about, original, adversarial);
  }
  return exhibit;
}

}  // namespace leadline::detail::attack_exhibit
