#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/fingerprint.hpp"
#include "testing/laws.hpp"

namespace leadline::testing {
namespace detail::check_model {

std::string digest(const Inputs& inputs) {
  Fingerprint all;
  all.add(inputs.primary);
  for (const auto& [name, extra] : inputs.extras) all.add(name).add(extra);
  return all.text();
}

Inputs first_row(const Inputs& inputs) {
  Inputs out(inputs.primary.host().rows(0, 1));
  for (const auto& [name, extra] : inputs.extras) out.extras[name] = extra.host().rows(0, 1);
  return out;
}

double sum_of(const Tensor& output) {
  const Tensor host = output.host(DType::f64);
  double sum = 0;
  for (std::int64_t i = 0; i < host.n_elements(); ++i) sum += host.data<double>()[i];
  return sum;
}

void outputs(Model& model, const Inputs& example, Laws& laws) {
  const auto n = example.primary.size(0);
  const std::string before = digest(example);
  laws.try_that("it_gives_one_row_a_sample", [&] {
    const Tensor output = model.forward(example).output;
    if (!output.defined() || output.size(0) != n) return output.describe();
    return model.forward(first_row(example)).output.size(0) == 1 ? std::string()
                                                                 : "another number for one sample";
  });
  laws.try_that("its_outputs_are_of_the_declared_kind", [&] {
    const OutputKind kind = model.info().output;
    if (kind == OutputKind::unknown || kind == OutputKind::values) return std::string();
    (void)predictions_of(model.forward(example).output, kind, {}, {});
    return std::string();
  });
  laws.try_that("the_same_inputs_give_the_same_outputs", [&] {
    const Tensor a = model.forward(example).output.host(), b = model.forward(example).output.host();
    return Fingerprint().add(a).text() == Fingerprint().add(b).text() ? std::string()
                                                                      : "they differ";
  });
  laws.that("its_inputs_are_left_alone", digest(example) == before, "forward changed them");
}

void layers(Model& model, const Inputs& example, Laws& laws) {
  const SubjectInfo about = model.info();
  laws.try_that("an_unknown_layer_is_refused", [&] {
    const std::string taps[] = {"no such layer"};
    try {
      (void)model.forward(example, taps);
    } catch (const CapabilityError&) {
      return std::string();
    }
    return std::string("it was accepted");
  });
  if (!offers(about.access, Access::activations)) return;
  laws.that("it_names_its_layers", !about.layers.empty(), "it offers activations, but no names");
  laws.try_that("each_layer_gives_one_row_a_sample", [&] {
    for (const auto& layer : about.layers) {
      const std::string taps[] = {layer};
      const Outputs out = model.forward(example, taps);
      const auto found = out.activations.find(layer);
      if (found == out.activations.end()) return "'" + layer + "' is missing";
      if (found->second.size(0) != example.primary.size(0))
        return "'" + layer + "' gives " + found->second.describe();
    }
    return std::string();
  });
}

/// Along the gradient g of the sum of the outputs, the sum grows by h |g|^2.
void gradients(Model& model, const Inputs& example, Laws& laws) {
  if (!offers(model.info().access, Access::gradients)) return;
  laws.try_that("its_gradient_agrees_with_differences", [&] {
    const Pullback back = model.pullback(example);
    const auto n = back.outputs.output.n_elements();
    const auto shape = back.outputs.output.shape();
    const Tensor ones = back.outputs.output.dtype() == DType::f64
                            ? Tensor::own(std::vector<double>(n, 1), shape)
                            : Tensor::own(std::vector<float>(n, 1), shape);
    const Tensor gradient = back.vjp(ones).host();
    if (!std::ranges::equal(gradient.shape(), example.primary.shape()))
      return "a gradient " + gradient.describe();
    const Tensor wide = gradient.host(DType::f64);
    const double* g = wide.data<double>();
    double square = 0, scale = 0;
    const Tensor at = example.primary.host(DType::f64);
    for (std::int64_t i = 0; i < wide.n_elements(); ++i) {
      square += g[i] * g[i];
      scale = std::max(scale, std::abs(at.data<double>()[i]));
    }
    if (!(square > 0) || !std::isfinite(square))
      return std::isfinite(square) ? std::string() : "it is not finite";
    const bool is_double = example.primary.dtype() == DType::f64;
    const double h = (is_double ? 1e-5 : 1e-2) * std::max(1.0, scale) / std::sqrt(square);
    const auto moved = [&](double step) {
      Inputs inputs = example;
      std::vector<double> values(at.n_elements());
      for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = at.data<double>()[i] + step * g[i];
      inputs.primary = is_double ? Tensor::own(std::move(values), example.primary.shape())
                                 : Tensor::own(std::vector<float>(values.begin(), values.end()),
                                               example.primary.shape());
      return sum_of(model.forward(inputs).output);
    };
    const double slope = (moved(h) - moved(-h)) / (2 * h);
    return std::abs(slope - square) <= 0.05 * square
               ? std::string()
               : fmt::format("a slope of {:.6g}, differences give {:.6g}", square, slope);
  });
}

}  // namespace detail::check_model

Contract check_model(Model& model, const Inputs& example) {
  namespace impl = detail::check_model;
  const SubjectInfo about = model.info();
  detail::Laws laws("model '" + about.name + "'");
  if (!example.primary.defined() || example.primary.size(0) < 1)
    throw ValueError("check_model", "an example of at least one sample", example.primary.describe(),
                     "pass a small batch");
  laws.that("it_has_a_name", !about.name.empty(), "info().name is empty");
  laws.that("it_offers_something", about.access != Access::none, "info().access is none");
  const auto hold = model.hold();
  impl::outputs(model, example, laws);
  impl::layers(model, example, laws);
  impl::gradients(model, example, laws);
  laws.that("its_digest_is_stable", model.info().digest == about.digest, "it changed");
  return laws.contract;
}

}  // namespace leadline::testing
