#include "leadline/torch/robustness/verify.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "attack_loss.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::verify {
namespace {

/// Whether the row stays fooled, or is nearer to a tie than batch sizes move scores.
bool still_fooled(const double* z, std::int64_t k, const robustness::AttackRow& row,
                  const robustness::AttackPlan& plan, std::vector<double>& scratch) {
  scratch.resize(static_cast<std::size_t>(k));
  auto margin = plan;
  margin.loss = robustness::AttackLoss::margin;
  const auto judged = attack_loss::judge(z, k, row, margin, scratch.data());
  if (judged.label < 0) return !plan.targeted;
  const bool fooled = plan.targeted ? judged.label == row.target : judged.label != row.label;
  double size = 1;
  for (std::int64_t i = 0; i < k; ++i) size = std::max(size, std::abs(z[i]));
  return fooled || std::abs(judged.objective) <= 1e-5 * size;
}

}  // namespace
}  // namespace leadline::detail::verify

namespace leadline::robustness {

Verified verify_examples(models::TorchModel& model, const AttackPlan& plan,
                         std::span<const AttackRow> rows, std::span<const double> eps,
                         const AttackInputs& original, const at::Tensor& adversarial) {
  const auto n = std::ssize(rows);
  if (original.x.sizes() != adversarial.sizes() || adversarial.size(0) != n || std::ssize(eps) != n)
    throw ShapeError("verify_examples", "originals like the adversarials, one row and eps each",
                     c10::str(original.x.sizes()) + " and " + c10::str(adversarial.sizes()),
                     "pass matching batches");
  Verified seen{.n = n};
  if (n == 0) return seen;

  const at::Tensor clean = original.x.to(at::kCPU, at::kDouble).flatten(1).contiguous();
  const at::Tensor moved = adversarial.to(at::kCPU, at::kDouble).flatten(1).contiguous();
  const std::int64_t d = clean.size(1);
  const double slack = 1e-6 * (plan.bounds.second - plan.bounds.first);
  for (std::int64_t i = 0; i < n; ++i) {
    const double* a = clean.const_data_ptr<double>() + i * d;
    const double* b = moved.const_data_ptr<double>() + i * d;
    double norm = 0;
    bool inside = true;
    for (std::int64_t j = 0; j < d; ++j) {
      const double delta = std::abs(b[j] - a[j]);
      norm = plan.norm == Norm::linf ? std::max(norm, delta) : norm + delta * delta;
      inside = inside && b[j] >= plan.bounds.first - slack && b[j] <= plan.bounds.second + slack;
    }
    if (plan.norm == Norm::l2) norm = std::sqrt(norm);
    const double budget = eps[static_cast<std::size_t>(i)];
    seen.too_far += !(norm <= budget * (1 + 1e-6));
    seen.out_of_bounds += !inside;
    if (budget > 0) seen.worst_norm = std::max(seen.worst_norm, norm / budget);
  }

  models::TorchModel::Call how;
  how.extras = original.extras.empty() ? nullptr : &original.extras;
  const at::Tensor output = model.call(adversarial.clone(), how).output;
  const at::Tensor scores = output.detach().to(at::kCPU, at::kDouble).contiguous();
  const std::int64_t k = scores.numel() / n;
  std::vector<double> scratch;
  for (std::int64_t i = 0; i < n; ++i)
    seen.not_fooled +=
        !detail::verify::still_fooled(scores.const_data_ptr<double>() + i * k, k,
                                      rows[static_cast<std::size_t>(i)], plan, scratch);
  return seen;
}

}  // namespace leadline::robustness
