#include "leadline/core/features.hpp"

#include <fmt/format.h>

#include "leadline/core/error.hpp"

namespace leadline {

Eigen::MatrixXd features_of(const Tensor& activation, std::int64_t max_features,
                            std::string_view who) {
  const Tensor host = activation.host(DType::f64);
  if (host.rank() < 2)
    throw ShapeError(who, "activations [n, features, ...]", activation.describe(),
                     "choose a layer with one feature vector a sample");
  const std::int64_t n = host.size(0), d = host.size(1);
  if (d > max_features)
    throw CapabilityError(who, fmt::format("at most {} features", max_features),
                          fmt::format("{} in a layer of shape {}", d, shape_text(host.shape())),
                          "raise max_features, or choose a narrower layer");
  const std::int64_t spots = n * d == 0 ? 1 : host.n_elements() / (n * d);
  const auto* values = host.data<double>();
  Eigen::MatrixXd features(n, d);
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < d; ++j)
      features(i, j) =
          Eigen::Map<const Eigen::VectorXd>(values + (i * d + j) * spots, spots).mean();
  return features;
}

std::string layer_or_default(Session& session, std::string_view asked, std::string_view who) {
  if (!asked.empty()) return std::string(asked);
  const auto layers = session.subject().info().layers;
  if (layers.size() < 2)
    throw CapabilityError(who, "a model with at least two reachable layers",
                          std::to_string(layers.size()), "pass the module itself, or name a layer");
  return layers[layers.size() - 2];
}

std::string fit_role(Session& session, std::string_view who) {
  for (const std::string role : {"fit", "train"})
    if (session.has(role)) return role;
  throw CapabilityError(who, "data to fit on in the role 'fit' or 'train'", "neither",
                        "leadline.evaluate(model, data, also={\"fit\": labelled_data})");
}

}  // namespace leadline
