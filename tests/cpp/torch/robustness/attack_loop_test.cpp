#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/fgsm.hpp"
#include "leadline/robustness/pgd.hpp"
#include "leadline/robustness/verify.hpp"
#include "leadline/torch/models/torch_model.hpp"
#include "torch/small_models.hpp"

using namespace leadline;
using namespace leadline::robustness;

namespace {

struct LinearCase {
  std::shared_ptr<models::TorchModel> model;
  at::Tensor x, y;
  std::vector<double> distance;  // exact distance to the nearest decision boundary
  at::Tensor nearest;            // the class behind it
};

/// K-class linear model; distance = min over j of (z_y - z_j) / |w_y - w_j|_q, q dual to the norm
/// (adversarial robustness of a linear model, exact where the box is not in the way).
LinearCase linear_case(Norm norm, std::int64_t n = 40, std::int64_t k = 5, std::int64_t d = 12) {
  const at::Tensor w = test::fixed_tensor({k, d}, 1.0);
  const at::Tensor x = 0.5 + test::fixed_tensor({n, d}, 0.2, 333);
  const at::Tensor z = x.mm(w.t());
  LinearCase c;
  c.y = z.argmax(1);
  c.nearest = at::zeros_like(c.y);
  for (std::int64_t i = 0; i < n; ++i) {
    double best = std::numeric_limits<double>::infinity();
    const auto label = c.y[i].item<std::int64_t>();
    for (std::int64_t j = 0; j < k; ++j) {
      if (j == label) continue;
      const at::Tensor dw = w[label] - w[j];
      const double size =
          norm == Norm::linf ? dw.abs().sum().item<double>() : dw.norm().item<double>();
      const double distance = (z[i][label] - z[i][j]).item<double>() / size;
      if (distance < best) c.nearest[i] = j;
      best = std::min(best, distance);
    }
    c.distance.push_back(best);
  }
  const at::Tensor w32 = w.to(at::kFloat);
  c.model = models::from_function([w32](at::Tensor in) { return in.mm(w32.t()); },
                                  {.output = OutputKind::logits, .dtype = at::kFloat});
  c.x = x.to(at::kFloat);
  return c;
}

std::vector<double> fooled_at(const PerturbedOf<at::Tensor>& p) {
  std::vector<double> out;
  for (const auto& r : p.results) out.push_back(r.fooled_at);
  return out;
}

}  // namespace

TEST_CASE("pgd on a linear model succeeds exactly beyond the distance to the boundary",
          "[torch][robustness][pgd]") {
  for (const Norm norm : {Norm::linf, Norm::l2}) {
    const LinearCase c = linear_case(norm);
    for (const double factor : {0.98, 1.02}) {
      // One budget a row, just short of its distance or just past it.
      for (std::int64_t i = 0; i < c.x.size(0); i += 4) {
        const double eps = factor * c.distance[static_cast<std::size_t>(i)];
        if (eps > 0.25) continue;  // the box would be in the way
        const Pgd pgd({.threat = {.norm = norm, .eps = {eps}, .goal = Goal::targeted},
                       .steps = 50,
                       .random_start = false,
                       .loss = AttackLoss::margin});
        const auto out =
            pgd.attack(*c.model, c.x.narrow(0, i, 1), c.y.narrow(0, i, 1),
                       {.bounds = {-1, 2}, .targets = from_aten(c.nearest.narrow(0, i, 1))});
        INFO("norm " << name_of(norm) << " row " << i << " factor " << factor);
        CHECK(std::isfinite(out.results[0].fooled_at) == (factor > 1));
      }
    }
  }
}

TEST_CASE("robust accuracy of a linear model is the exact step function of the budget",
          "[torch][robustness][pgd]") {
  const LinearCase c = linear_case(Norm::linf, 40, 2);
  const std::vector<double> budgets{0.002, 0.005, 0.01, 0.02, 0.04};
  const auto out =
      Pgd({.threat = {.eps = budgets}}).attack(*c.model, c.x, c.y, {.bounds = {-1, 2}});
  for (std::size_t i = 0; i < c.distance.size(); ++i) {
    double expected = std::numeric_limits<double>::infinity();
    bool close = false;  // within float rounding of a budget
    for (auto b = budgets.rbegin(); b != budgets.rend(); ++b) {
      if (c.distance[i] < *b) expected = *b;
      close = close || std::abs(c.distance[i] / *b - 1) < 1e-3;
    }
    if (!close) CHECK(out.results[i].fooled_at == expected);
  }
}

TEST_CASE("with a constant gradient a row reaches the face of the ball in ceil(eps / step) steps",
          "[torch][robustness][pgd]") {
  // Class 1 wins once every one of 8 coordinates has moved by all of eps (to rounding).
  const double eps = 0.1;
  for (const auto& [step, expected] : {std::pair{0.03, 4}, std::pair{0.05, 2}, std::pair{0.1, 1}}) {
    const double face = 0.8 - 1e-5;
    const auto model = models::from_function(
        [face](at::Tensor x) {
          const at::Tensor s = x.sum(1, true) - face;
          return at::cat({at::zeros_like(s), s}, 1);
        },
        {.output = OutputKind::logits, .dtype = at::kFloat});
    const Pgd pgd(
        {.threat = {.eps = {eps}}, .steps = 10, .step_size = step, .random_start = false});
    const auto out =
        pgd.attack(*model, at::zeros({1, 8}), at::zeros({1}, at::kLong), {.bounds = {-1, 1}});
    CHECK(out.results[0].steps == expected);
    CHECK_THAT(out.x.max().item<double>(), WithinAbs(eps, 1e-7));
  }
}

TEST_CASE("fgsm is one full step, clipped to the bounds", "[torch][robustness][fgsm]") {
  const LinearCase c = linear_case(Norm::linf, 6);
  const double eps = 1e-4;  // nothing falls: the iterate itself comes back
  const at::Tensor out =
      Fgsm({.threat = {.eps = {eps}}}).perturb(*c.model, c.x, c.y, {.bounds = {0, 1}});
  const at::Tensor moved = ((out - c.x).abs() - eps).abs();
  CHECK(moved.max().item<double>() < 1e-7);
  const at::Tensor tight =
      Fgsm({.threat = {.eps = {0.5}}}).perturb(*c.model, c.x, c.y, {.bounds = {0.2, 0.8}});
  CHECK(tight.min().item<double>() >= 0.2 - 1e-7);
  CHECK(tight.max().item<double>() <= 0.8 + 1e-7);
}

TEST_CASE("the l2 projection gives the nearest point of the ball", "[torch][robustness][l2]") {
  // One step of length 3 eps along a known direction must land on x0 + eps * direction.
  const at::Tensor w = test::fixed_tensor({1, 20}, 1.0).to(at::kFloat);
  const auto model = models::from_function([w](at::Tensor x) { return x.mm(w.t()); },
                                           {.output = OutputKind::logits, .dtype = at::kFloat});
  const at::Tensor x = at::full({1, 20}, 0.5);
  const at::Tensor y = (x.mm(w.t()) > 0).to(at::kLong).squeeze(1);
  const Pgd pgd({.threat = {.norm = Norm::l2, .eps = {1e-3}},
                 .steps = 1,
                 .step_size = 3e-3,
                 .random_start = false});
  const at::Tensor out = pgd.perturb(*model, x, y, {.bounds = {0, 1}});
  const at::Tensor expected = x - (y.item<std::int64_t>() * 2 - 1) * 1e-3 * w / w.norm();
  CHECK((out - expected).abs().max().item<double>() < 1e-7);
}

TEST_CASE("every iterate returned lies in the ball and the bounds in float64",
          "[torch][robustness][verify]") {
  const auto model = test::small_cnn();
  const at::Tensor x = (0.5 + test::fixed_tensor({24, 1, 8, 8}, 0.5, 7)).to(at::kFloat);
  const at::Tensor y = model->call(x).output.argmax(1);
  for (const Norm norm : {Norm::linf, Norm::l2}) {
    for (const double eps : {1e-4, 0.02, 0.7}) {
      const Pgd pgd({.threat = {.norm = norm, .eps = {eps}}, .steps = 10});
      const auto out = pgd.attack(*model, x, y);
      std::vector<AttackRow> rows;
      for (const auto& r : out.results) rows.push_back(r.row);
      const AttackPlan plan{.norm = norm, .eps = {}};
      const std::vector<double> budgets(24, eps);
      const auto seen =
          verify_examples(*model, plan, rows, budgets, Inputs(from_aten(x)), from_aten(out.x));
      CHECK(seen.too_far == 0);
      CHECK(seen.out_of_bounds == 0);
      CHECK(seen.worst_norm <= 1 + 1e-6);
      std::int64_t standing = 0;
      for (const auto& r : out.results) standing += !std::isfinite(r.fooled_at);
      CHECK(seen.not_fooled == standing);
    }
  }
}

TEST_CASE("verification catches a projection that is broken", "[torch][robustness][verify]") {
  const auto model = test::small_cnn();
  const at::Tensor x = (0.5 + test::fixed_tensor({8, 1, 8, 8}, 0.4, 7)).to(at::kFloat);
  const at::Tensor y = model->call(x).output.argmax(1);
  std::vector<AttackRow> rows;
  for (std::int64_t i = 0; i < 8; ++i) rows.push_back({i, y[i].item<std::int64_t>(), -1});
  AttackPlan plan;
  const std::vector<double> eps(8, 0.05);
  const auto verify = [&](const at::Tensor& changed) {
    return verify_examples(*model, plan, rows, eps, Inputs(from_aten(x)), from_aten(changed));
  };
  CHECK(verify(x + 0.0501).too_far == 8);
  CHECK(verify(x - 0.3).out_of_bounds > 0);
  CHECK(verify(x).not_fooled == 8);
  plan.norm = Norm::l2;
  CHECK(verify(x + 0.05).too_far == 8);
  CHECK_THROWS_AS(verify(x.narrow(0, 0, 4)), ShapeError);
}

TEST_CASE("flags depend on neither batch size, nor order, nor dropping",
          "[torch][robustness][pgd]") {
  const auto model = test::small_cnn();
  const at::Tensor x = (0.5 + test::fixed_tensor({50, 1, 8, 8}, 0.5, 7)).to(at::kFloat);
  const at::Tensor y = model->call(x).output.argmax(1);
  PgdOptions options{.threat = {.eps = {0.03, 0.08}}, .steps = 7, .restarts = 2};
  const auto base = fooled_at(Pgd(options).attack(*model, x, y, {.seed = 3}));
  CHECK(std::count_if(base.begin(), base.end(), [](double e) { return std::isfinite(e); }) > 5);
  CHECK(std::count_if(base.begin(), base.end(), [](double e) { return !std::isfinite(e); }) > 5);
  for (const std::int64_t batch : {1, 3, 16, 64})
    CHECK(fooled_at(Pgd(options).attack(*model, x, y, {.seed = 3, .batch_size = batch})) == base);
  options.drop_fooled = false;
  CHECK(fooled_at(Pgd(options).attack(*model, x, y, {.seed = 3, .batch_size = 8})) == base);
}

TEST_CASE("another order of the rows gives the same flags by id", "[torch][robustness][pgd]") {
  const auto model = test::small_cnn();
  const at::Tensor x = (0.5 + test::fixed_tensor({30, 1, 8, 8}, 0.5, 7)).to(at::kFloat);
  const at::Tensor y = model->call(x).output.argmax(1);
  const Pgd pgd({.threat = {.eps = {0.05}}, .steps = 5});
  const AttackPlan plan{.eps = {0.05}, .batch_size = 7};
  const auto run = [&](bool reversed) {
    std::vector<AttackRow> rows;
    for (std::int64_t i = 0; i < 30; ++i) {
      const auto id = reversed ? 29 - i : i;
      rows.push_back({id, y[id].item<std::int64_t>(), -1});
    }
    std::map<SampleId, double> flags;
    AttackIo io;
    io.fetch = [&](std::span<const SampleId> ids) { return Inputs(take_rows(from_aten(x), ids)); };
    io.rng = [](std::string_view stream, SampleId id, std::uint64_t extra) {
      return stats::Rng(1, stream, id, extra);
    };
    io.done = [&](const AttackResult& r, const Tensor&) { flags[r.row.id] = r.fooled_at; };
    CHECK(run_attack(*model, plan, pgd.recipe().stages[0].method, rows, io));
    return flags;
  };
  CHECK(run(false) == run(true));
}

TEST_CASE("more restarts never lose a row", "[torch][robustness][pgd]") {
  const auto model = test::small_cnn();
  const at::Tensor x = (0.5 + test::fixed_tensor({40, 1, 8, 8}, 0.5, 7)).to(at::kFloat);
  const at::Tensor y = model->call(x).output.argmax(1);
  PgdOptions options{.threat = {.eps = {0.05}}, .steps = 2};
  const auto one = fooled_at(Pgd(options).attack(*model, x, y));
  options.restarts = 4;
  const auto four = fooled_at(Pgd(options).attack(*model, x, y));
  for (std::size_t i = 0; i < one.size(); ++i) CHECK(four[i] <= one[i]);
}

TEST_CASE("a targeted attack ends in the target class", "[torch][robustness][pgd]") {
  const auto model = test::small_cnn();
  const at::Tensor x = (0.5 + test::fixed_tensor({20, 1, 8, 8}, 0.5, 7)).to(at::kFloat);
  const at::Tensor y = model->call(x).output.argmax(1);
  for (const auto rule : {TargetRule::next_class, TargetRule::least_likely}) {
    for (const auto loss : {AttackLoss::cross_entropy, AttackLoss::margin}) {
      const Pgd pgd(
          {.threat = {.eps = {0.4}, .goal = Goal::targeted, .target = rule}, .loss = loss});
      const auto out = pgd.attack(*model, x, y);
      const at::Tensor decided = model->call(out.x).output.argmax(1);
      std::int64_t reached = 0;
      for (std::int64_t i = 0; i < 20; ++i) {
        const auto& r = out.results[static_cast<std::size_t>(i)];
        CHECK(r.row.target != r.row.label);
        if (rule == TargetRule::next_class) CHECK(r.row.target == (r.row.label + 1) % 3);
        if (!std::isfinite(r.fooled_at)) continue;
        ++reached;
        CHECK(decided[i].item<std::int64_t>() == r.row.target);
      }
      CHECK(reached > 5);
    }
  }
}

TEST_CASE("targets may be given row by row", "[torch][robustness][pgd]") {
  const auto model = test::small_cnn();
  const at::Tensor x = (0.5 + test::fixed_tensor({6, 1, 8, 8}, 0.5, 7)).to(at::kFloat);
  const at::Tensor y = model->call(x).output.argmax(1);
  const at::Tensor targets = (y + 2) % 3;
  const auto out = Pgd({.threat = {.eps = {0.5}, .goal = Goal::targeted}})
                       .attack(*model, x, y, {.targets = from_aten(targets)});
  for (std::size_t i = 0; i < 6; ++i)
    CHECK(out.results[i].row.target == targets[static_cast<std::int64_t>(i)].item<std::int64_t>());
}

TEST_CASE("a binary model with one logit is attacked on both sides", "[torch][robustness][pgd]") {
  const at::Tensor w = test::fixed_tensor({1, 10}, 1.0).to(at::kFloat);
  for (const bool flat : {false, true}) {
    for (const bool probabilities : {false, true}) {
      const auto model = models::from_function(
          [=](at::Tensor x) {
            at::Tensor z = (x - 0.5).mm(w.t());
            if (probabilities) z = at::sigmoid(z);
            return flat ? z.squeeze(1) : z;
          },
          {.output = probabilities ? OutputKind::probabilities : OutputKind::logits,
           .dtype = at::kFloat});
      const at::Tensor x = (0.5 + test::fixed_tensor({16, 10}, 0.3, 5)).to(at::kFloat);
      const at::Tensor z = (x - 0.5).mm(w.t()).squeeze(1);
      const at::Tensor y = (z > 0).to(at::kLong);
      const double l1 = w.abs().sum().item<double>();
      const double eps = z.abs().median().item<double>() / l1 * 1.001;
      const auto out = Pgd({.threat = {.eps = {eps}}}).attack(*model, x, y, {.bounds = {-1, 2}});
      for (std::int64_t i = 0; i < 16; ++i)
        CHECK(std::isfinite(out.results[static_cast<std::size_t>(i)].fooled_at) ==
              (z[i].abs().item<double>() < eps * l1));
    }
  }
}

TEST_CASE("a margin of a thousand logits does not stop the attack", "[torch][robustness][pgd]") {
  // The float32 cross-entropy of these rows has no gradient at all: p(label) rounds to 1.
  LinearCase c = linear_case(Norm::linf);
  const auto sharp = models::from_function(
      [model = c.model](at::Tensor x) { return model->call(x, {.graph = true}).output * 1e4; },
      {.output = OutputKind::logits, .dtype = at::kFloat});
  const Pgd pgd({.threat = {.eps = {0.02}}});
  const auto plain = pgd.attack(*c.model, c.x, c.y, {.bounds = {-1, 2}});
  const auto scaled = pgd.attack(*sharp, c.x, c.y, {.bounds = {-1, 2}});
  CHECK(fooled_at(plain) == fooled_at(scaled));
  std::int64_t saturated = 0;
  for (const auto& r : scaled.results) saturated += r.saturated;
  CHECK(saturated > 20);
}

TEST_CASE("double and half inputs are attacked in their own dtype", "[torch][robustness][dtype]") {
  for (const auto dtype : {at::kDouble, at::kBFloat16, at::kHalf}) {
    const auto model = test::small_cnn(dtype);
    const at::Tensor x = (0.5 + test::fixed_tensor({12, 1, 8, 8}, 0.5, 7)).to(dtype);
    const at::Tensor y = model->call(x).output.argmax(1);
    for (const Norm norm : {Norm::linf, Norm::l2}) {
      const double eps = norm == Norm::linf ? 0.1 : 0.8;
      const auto out =
          Pgd({.threat = {.norm = norm, .eps = {eps}}, .steps = 10}).attack(*model, x, y);
      CHECK(out.x.scalar_type() == dtype);
      const at::Tensor delta = (out.x.to(at::kDouble) - x.to(at::kDouble)).flatten(1);
      const at::Tensor size = norm == Norm::linf ? delta.abs().amax(1) : delta.norm(2, {1});
      CHECK(size.max().item<double>() <= eps * (1 + 1e-6));
      std::int64_t fooled = 0;
      for (const auto& r : out.results) fooled += std::isfinite(r.fooled_at);
      CHECK(fooled > 0);
    }
  }
}

TEST_CASE("the model is left as found", "[torch][robustness][pgd]") {
  const at::Tensor w = test::linear_weight().requires_grad_(true);
  const auto model = models::from_function([w](at::Tensor x) { return x.mm(w.t()); },
                                           {.output = OutputKind::logits, .dtype = at::kFloat});
  const at::Tensor x = at::full({4, 3}, 0.5), y = at::zeros({4}, at::kLong);
  const at::Tensor before = w.detach().clone(), x_before = x.clone();
  (void)Pgd({.threat = {.eps = {0.1}}}).perturb(*model, x, y);
  CHECK_FALSE(w.grad().defined());
  CHECK(w.requires_grad());
  CHECK(at::equal(w.detach(), before));
  CHECK(at::equal(x, x_before));
  CHECK_FALSE(x.requires_grad());
}

TEST_CASE("an in-place first layer is attacked like any other", "[torch][robustness][pgd]") {
  const auto model = test::in_place_model();
  const auto same = test::linear_model();
  const at::Tensor x = (0.5 + test::fixed_tensor({10, 3}, 0.25)).to(at::kFloat);
  const at::Tensor y = same->call(x).output.argmax(1);
  const Pgd pgd({.threat = {.eps = {0.2}}, .steps = 5});
  CHECK(fooled_at(pgd.attack(*model, x, y)) == fooled_at(pgd.attack(*same, x, y)));
}

TEST_CASE("an attack refuses what it cannot attack", "[torch][robustness][errors]") {
  const auto model = test::linear_model();
  const at::Tensor x = at::full({4, 3}, 0.5), y = at::zeros({4}, at::kLong);
  const Pgd pgd;
  CHECK_THROWS_WITH(pgd.perturb(*model, x * 255, y),
                    ContainsSubstring("inside the bounds") && ContainsSubstring("127.5"));
  CHECK_THROWS_AS(pgd.perturb(*model, x.to(at::kByte), y), CapabilityError);
  CHECK_THROWS_AS(pgd.perturb(*model, x, y.narrow(0, 0, 3)), ShapeError);
  CHECK_THROWS_AS(pgd.perturb(*model, x, y.to(at::kFloat)), ShapeError);
  CHECK_THROWS_WITH(pgd.perturb(*model, x, y + 7), ContainsSubstring("number of classes, 2"));
  CHECK_THROWS_AS(pgd.perturb(*model, x, y, {.bounds = {1, 0}}), ValueError);
  CHECK_THROWS_AS(Pgd({.threat = {.eps = {}}}), ValueError);
  CHECK_THROWS_AS(Pgd({.threat = {.eps = {0.1, 0.1}}}), ValueError);
  CHECK_THROWS_AS(Pgd({.threat = {.eps = {-0.1}}}), ValueError);
  CHECK_THROWS_AS(Pgd({.steps = 0}), ValueError);
  CHECK_THROWS_WITH(Pgd({.restarts = 3, .random_start = false}), ContainsSubstring("random_start"));
}

TEST_CASE("an output that is not finite counts as misled", "[torch][robustness][pgd]") {
  const auto model = test::nan_model();
  const at::Tensor x = at::full({1, 3}, 0.05).to(at::kFloat);
  const at::Tensor y = model->call(x).output.argmax(1);
  const auto out =
      Pgd({.threat = {.eps = {0.3}}, .restarts = 5}).attack(*model, x, y, {.bounds = {-1, 1}});
  CHECK(std::isfinite(out.results[0].fooled_at));
}

TEST_CASE("budgets are named by three digits, more where they would read the same",
          "[robustness][threat]") {
  CHECK(budget_keys(Norm::linf, {8.0 / 255}) == std::vector<std::string>{"{norm=linf,eps=0.0314}"});
  CHECK(budget_keys(Norm::l2, {0.5, 1}) ==
        std::vector<std::string>{"{norm=l2,eps=0.5}", "{norm=l2,eps=1}"});
  CHECK(budget_keys(Norm::linf, {0.10001, 0.10002}) ==
        std::vector<std::string>{"{norm=linf,eps=0.10001}", "{norm=linf,eps=0.10002}"});
}
