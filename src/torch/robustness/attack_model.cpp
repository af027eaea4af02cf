#include "attack_model.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <string>

#include "leadline/core/error.hpp"

namespace leadline::detail::attack_model {

using robustness::AttackPlan;
using robustness::AttackRow;

void check_plan(const AttackPlan& plan) {
  const auto fail = [](const char* expected, const std::string& got, const char* remedy) {
    throw ValueError("attack", expected, got, remedy);
  };
  if (plan.eps.empty() || plan.step_size.size() != plan.eps.size())
    fail("one step size a budget", std::to_string(plan.step_size.size()), "fill plan.step_size");
  if (!std::is_sorted(plan.eps.begin(), plan.eps.end()) || plan.eps.front() < 0)
    fail("rising budgets of at least 0", "another order", "sort plan.eps");
  if (plan.steps < 1 || plan.restarts < 1 || plan.batch_size < 1)
    fail("steps, restarts and batch_size of at least 1", "less", "raise them");
  if (!(plan.bounds.first < plan.bounds.second))
    fail("bounds (low, high) with low < high", std::to_string(plan.bounds.first),
         "pass bounds=(0.0, 1.0) for images scaled to [0, 1]");
}

void check_rows(const at::Tensor& x, std::int64_t n, const AttackPlan& plan) {
  if (!at::isFloatingType(x.scalar_type()))
    throw CapabilityError("attack", "floating-point inputs, which have gradients",
                          std::string(c10::toString(x.scalar_type())),
                          "give the data as float32 in the units of the bounds");
  if (x.size(0) != n)
    throw ShapeError("attack", std::to_string(n) + " rows from the data set",
                     std::to_string(x.size(0)), "return one row an id");
  const auto [low, high] = plan.bounds;
  const double slack = 1e-6 * std::max(1.0, high - low);
  const double least = x.min().item<double>(), most = x.max().item<double>();
  if (!(least >= low - slack && most <= high + slack))
    throw ValueError(
        "attack",
        "inputs inside the bounds [" + std::to_string(low) + ", " + std::to_string(high) + "]",
        "values from " + std::to_string(least) + " to " + std::to_string(most),
        "declare the true bounds; put normalisation into the model, so that inputs "
        "stay in the units an adversary can change");
}

void check_class(const AttackRow& row, const AttackPlan& plan, std::int64_t n_scores) {
  const std::int64_t classes = n_scores == 1 ? 2 : n_scores;
  const bool ok = row.label >= 0 && row.label < classes &&
                  (!plan.targeted || (row.target >= 0 && row.target < classes));
  if (ok) return;
  throw ValueError("attack",
                   std::string("labels") + (plan.targeted ? " and targets" : "") +
                       " below the number of classes, " + std::to_string(classes),
                   "label " + std::to_string(row.label) + ", target " + std::to_string(row.target) +
                       " at sample " + std::to_string(row.id),
                   "count classes from 0; check that the labels belong to this model");
}

at::Tensor host_scores(const at::Tensor& output, std::int64_t n) {
  const bool column = output.dim() == 1;
  if (output.dim() < 1 || output.dim() > 2 || output.size(0) != n || output.numel() == 0)
    throw ShapeError("attack",
                     "scores [" + std::to_string(n) + ", n_classes] or [" + std::to_string(n) +
                         "] of a binary model",
                     c10::str(output.sizes()), "attack a classifier that scores each row");
  at::Tensor scores = output.detach().to(at::kCPU, at::kDouble).contiguous();
  return column ? scores.unsqueeze(1) : scores;
}

at::Tensor Scorer::forward_graph(at::Tensor& leaf, const models::NamedTensors& extras) {
  leaf.requires_grad_(true);
  return call(leaf, extras, true);
}

at::Tensor Scorer::call(const at::Tensor& x, const models::NamedTensors& extras, bool graph) {
  models::NamedTensors named;
  for (const auto& [name, value] : extras) named[name] = value.narrow(0, 0, x.size(0));
  models::TorchModel::Call how;
  how.extras = named.empty() ? nullptr : &named;
  how.graph = graph;
  at::Tensor output = model_.call(x, how).output;
  if (io_.count) io_.count(x.size(0), 0);
  return output;
}

at::Tensor Scorer::input_gradient(at::Tensor& leaf, const at::Tensor& output,
                                  const at::Tensor& slope) {
  if (!output.requires_grad()) return at::zeros_like(leaf);
  const at::Tensor back = slope.to(output.device(), output.scalar_type()).view(output.sizes());
  if (io_.count) io_.count(0, leaf.size(0));
  auto gradients = ::torch::autograd::grad({output}, {leaf}, {back}, /*retain_graph=*/false,
                                           /*create_graph=*/false, /*allow_unused=*/true);
  return gradients[0].defined() ? gradients[0] : at::zeros_like(leaf);
}

}  // namespace leadline::detail::attack_model
