#include "leadline/robustness/transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "attack_methods.hpp"
#include "attack_scores.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/attack_loss.hpp"
#include "surrogate.hpp"

namespace leadline::detail::transfer {

using namespace robustness;

namespace {

/// Points [m, size] as the surrogate takes them.
Inputs inputs_of(const Row& row, std::span<const double> points) {
  std::vector<std::int64_t> shape = row.space().shape;
  shape.insert(shape.begin(), static_cast<std::int64_t>(points.size() / row.size()));
  return Inputs(Tensor::own(std::vector<float>(points.begin(), points.end()), shape));
}

/// slopes [m, size] <- the gradients of the objective at the points. False where the surrogate
/// does not know the classes of the row.
bool climb_surrogate(Model& surrogate, const Row& row, const Objective& objective,
                     std::span<const double> points, std::vector<double>& slopes) {
  const auto m = static_cast<std::int64_t>(points.size() / row.size());
  const OutputKind said = surrogate.info().output;
  const OutputKind kind = said == OutputKind::unknown ? OutputKind::logits : said;
  const Pullback pull = surrogate.pullback(inputs_of(row, points));
  const auto scores = attack_scores::read(pull.outputs.output, kind, m);
  if (std::max(row.label(), row.target()) >= scores.k) return false;
  std::vector<double> dz(scores.logits.size(), 0.0);
  const auto k = static_cast<std::size_t>(scores.k);
  for (std::size_t i = 0; i < scores.label.size(); ++i)
    if (scores.label[i] >= 0)
      objective(std::span(scores.logits).subspan(i * k, k), std::span(dz).subspan(i * k, k));
  const Tensor gradient =
      pull.vjp(attack_scores::slope_of(scores, kind, dz, pull.outputs.output)).host(DType::f64);
  slopes.assign(gradient.data<double>(), gradient.data<double>() + gradient.n_elements());
  for (double& v : slopes)
    if (!std::isfinite(v)) v = 0;
  return true;
}

/// sum <- decay * sum + gradient / its mean size.
void gather(std::span<const double> gradient, double decay, std::span<double> sum) {
  double size = 0;
  for (const double v : gradient) size += std::abs(v);
  size /= static_cast<double>(gradient.size());
  for (std::size_t i = 0; i < gradient.size(); ++i)
    sum[i] = decay * sum[i] + (size > 0 ? gradient[i] / size : 0.0);
}

Task<> transfer_task(Row& row, double eps, TransferOptions options,
                     std::shared_ptr<Model> surrogate) {
  const Objective objective = objective_of(row, AttackLoss::cross_entropy);
  const std::size_t d = row.size(), m = static_cast<std::size_t>(options.restarts);
  std::vector<double> points(m * d), sums(m * d, 0.0), slopes, asked;
  for (std::size_t k = 0; k < m; ++k) {
    const std::span<double> x = std::span(points).subspan(k * d, d);
    std::copy(row.clean().begin(), row.clean().end(), x.begin());
    stats::Rng rng = row.rng("start", k);
    if (k > 0) attack_geometry::draw_in_ball(row, eps, rng, x);
  }
  for (int step = 1; step <= options.steps; ++step) {
    if (!climb_surrogate(*surrogate, row, objective, points, slopes)) co_return;
    for (std::size_t k = 0; k < m; ++k) {
      const std::span<double> sum = std::span(sums).subspan(k * d, d);
      gather(std::span(slopes).subspan(k * d, d), options.momentum, sum);
      attack_geometry::ascend(row, sum, 2.5 * eps / options.steps, eps,
                              std::span(points).subspan(k * d, d));
    }
    if (step % options.look_every != 0 && step != options.steps) continue;
    asked = points;
    co_await row.look_all(asked);
  }
}

AttackMethod method_of(const TransferOptions& options, std::shared_ptr<Model> surrogate) {
  return each_budget([options, surrogate = std::move(surrogate)](Row& row, double eps) {
    return transfer_task(row, eps, options, surrogate);
  });
}

/// The recipe but for its method.
Attack::Recipe bare(const TransferOptions& options) {
  Attack::Recipe recipe = recipe_from("Transfer", "transfer", options);
  if (!options.threat.frozen.empty() || !options.threat.feature_eps.empty())
    throw ValueError("Transfer", "a threat without 'frozen' and 'feature_eps'", "one with them",
                     "use Square, or HopSkipJump on labels");
  recipe.relative_cost = 1.0 + 2.0 * options.steps / options.look_every * options.restarts *
                                   static_cast<double>(options.threat.eps.size());
  return recipe;
}

}  // namespace

Attack::Recipe recipe_of(const TransferOptions& options, std::shared_ptr<Model> surrogate) {
  Attack::Recipe recipe = bare(options);
  if (surrogate == nullptr)
    throw TypeError("Transfer", "a surrogate", "none",
                    "leave it out, and one is learned from the model");
  if (!offers(surrogate->info().access, Access::gradients))
    throw CapabilityError(
        "Transfer", "a surrogate that gives gradients",
        "'" + surrogate->info().name + "', which offers " + text_of(surrogate->info().access),
        "leave it out, and one is learned from the model");
  recipe.stages.push_back(
      {"transfer", method_of(options, std::move(surrogate)), Knowledge::labels});
  return recipe;
}

Attack::Recipe recipe_of(const TransferOptions& options) {
  Attack::Recipe recipe = bare(options);
  AttackStage stage{.name = "transfer", .method = {}, .needs = Knowledge::labels};
  stage.learn_samples = options.learn_samples;
  stage.learn = [options](Model& model, const Tensor& inputs, OutputKind kind,
                          std::uint64_t seed) -> LearnedMethod {
    const auto surrogate = Surrogate::fit(
        model, inputs, kind, seed, {.hidden = options.hidden, .copies = options.learn_copies});
    return {
        method_of(options, surrogate.model()),
        fmt::format("the surrogate, learned from {} answers, decides like the model on {:.1f} % "
                    "of {} samples kept back",
                    surrogate.queries(), 100 * surrogate.agreement(), surrogate.n_kept_back()),
        surrogate.queries()};
  };
  recipe.stages.push_back(std::move(stage));
  return recipe;
}

}  // namespace leadline::detail::transfer

namespace leadline::detail::attack_methods {

robustness::AttackMethod transfer(const robustness::TransferOptions& options,
                                  std::shared_ptr<Model> surrogate) {
  return leadline::detail::transfer::method_of(options, std::move(surrogate));
}

}  // namespace leadline::detail::attack_methods

namespace leadline::robustness {

Transfer::Transfer(const Options& options)
    : Attack(leadline::detail::transfer::recipe_of(options)) {}
Transfer::Transfer(const Options& options, std::shared_ptr<Model> surrogate)
    : Attack(leadline::detail::transfer::recipe_of(options, std::move(surrogate))) {}

}  // namespace leadline::robustness
