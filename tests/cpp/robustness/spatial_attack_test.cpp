// Pictures that turn, shift and are covered: motions by hand, patches against the exact best one.
#include <array>
#include <cstring>
#include <memory>
#include <numbers>

#include "blackbox_toys.hpp"
#include "leadline/core/dataset.hpp"
#include "leadline/engine/evaluate.hpp"
#include "leadline/robustness/boundary_attack.hpp"
#include "leadline/robustness/fgsm.hpp"
#include "leadline/robustness/patch_attack.hpp"
#include "leadline/robustness/pgd.hpp"
#include "leadline/robustness/spatial_attack.hpp"
#include "leadline/robustness/verify.hpp"
#include "src/robustness/motion.hpp"
#include "src/robustness/patch_place.hpp"

using namespace blackbox_toys;

namespace spatial_test {

using leadline::detail::motion::moved;
namespace places = leadline::detail::patch_place;

constexpr std::int64_t grey[] = {1, 8, 8};

/// a + b * row + c * column: bilinear values of it are exact between pixels.
std::vector<double> ramp(double a, double b, double c) {
  std::vector<double> out;
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 8; ++x) out.push_back(a + b * y + c * x);
  return out;
}

/// Class 0 where a bright column has come to column 6 or beyond, else class 1; labels only.
class StripeReader : public Model {
 public:
  [[nodiscard]] SubjectInfo info() const override {
    return {
        .name = "stripe", .backend = "toy", .access = Access::labels, .output = OutputKind::labels};
  }
  Outputs forward(const Inputs& inputs, std::span<const std::string> = {}) override {
    const Tensor x = inputs.primary.host(DType::f64);
    std::vector<std::int64_t> labels;
    for (std::int64_t i = 0; i < x.size(0); ++i) {
      double right = 0;
      for (int y = 0; y < 8; ++y)
        for (int c = 6; c < 8; ++c) right += x.data<double>()[i * 64 + y * 8 + c];
      labels.push_back(right > 4 ? 0 : 1);
    }
    const auto n = std::ssize(labels);
    return {Tensor::own(std::move(labels), {n}), {}, {}};
  }
};

/// n pictures with a bright column at column 4.
Tensor stripes(std::int64_t n) {
  std::vector<float> values(static_cast<std::size_t>(n * 64), 0.0F);
  for (std::int64_t i = 0; i < n; ++i)
    for (int y = 0; y < 8; ++y) values[static_cast<std::size_t>(i * 64 + y * 8 + 4)] = 1.0F;
  return Tensor::own(std::move(values), {n, 1, 8, 8});
}

/// Reads the middle 4 x 4 pixels of a ramp: shifts of up to two pixels change the score exactly by
/// the slope of the ramp, 16 * 0.01 a pixel down and 16 * 0.02 to the right. Class 1 by 0.4.
Plane middle_of_ramp() {
  std::vector<double> w(64, 0.0);
  double z = 0;
  const auto picture = ramp(0.2, 0.01, 0.02);
  for (std::size_t y = 2; y < 6; ++y)
    for (std::size_t x = 2; x < 6; ++x) {
      w[y * 8 + x] = 1;
      z += picture[y * 8 + x];
    }
  Plane model(w);
  model.b = 0.4 - z;
  return model;
}
Tensor ramps(std::int64_t n) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < n; ++i)
    for (const double v : ramp(0.2, 0.01, 0.02)) values.push_back(static_cast<float>(v));
  return Tensor::own(std::move(values), {n, 1, 8, 8});
}

Threat motion_threat(Budgets eps) {
  return {.norm = Norm::spatial, .eps = std::move(eps), .max_rotation = 0, .max_translation = 0.25};
}

/// The exact best patch on a plane model: what the score of class 1 can lose.
double best_patch(const Plane& model, const float* x, std::int64_t side) {
  double best = 0;
  for (std::int64_t top = 0; top + side <= 8; ++top)
    for (std::int64_t left = 0; left + side <= 8; ++left) {
      double gain = 0;
      for (std::int64_t h = top; h < top + side; ++h)
        for (std::int64_t w = left; w < left + side; ++w) {
          const auto i = static_cast<std::size_t>(h * 8 + w);
          gain += model.w[i] > 0 ? model.w[i] * x[i] : model.w[i] * (x[i] - 1.0);
        }
      best = std::max(best, gain);
    }
  return best;
}

std::string failed_in(const Finding& finding) {
  std::string text;
  for (const Check& check : finding.checks)
    if (check.result == Check::fail) text += check.name + ": " + check.why + "; ";
  return text;
}
bool has_check(const Finding& finding, std::string_view name) {
  return std::any_of(finding.checks.begin(), finding.checks.end(),
                     [&](const Check& c) { return c.name == name; });
}

}  // namespace spatial_test

using namespace spatial_test;

TEST_CASE("no motion gives the picture to the bit", "[robustness][spatial]") {
  std::vector<double> picture(64);
  stats::Rng(1, "picture").fill_uniform(picture);
  CHECK(moved(picture, grey, 0, 0, 0) == picture);
}

TEST_CASE("a quarter turn and a shift by whole pixels move every pixel", "[robustness][spatial]") {
  std::vector<double> picture(64);
  stats::Rng(1, "picture").fill_uniform(picture);
  const auto turned = moved(picture, grey, 90, 0, 0);
  const auto shifted = moved(picture, grey, 0, 2, -3);
  for (std::size_t y = 0; y < 8; ++y)
    for (std::size_t x = 0; x < 8; ++x) {
      CHECK_THAT(turned[y * 8 + x], WithinAbs(picture[x * 8 + 7 - y], 1e-12));
      const std::size_t from_y = y < 2 ? 0 : y - 2, from_x = std::min<std::size_t>(x + 3, 7);
      CHECK(shifted[y * 8 + x] == picture[from_y * 8 + from_x]);  // the edge repeats
    }
}

TEST_CASE("a turned ramp is the ramp of the turned coordinates", "[robustness][spatial]") {
  const double degrees = 25, turn = degrees * std::acos(-1.0) / 180;
  const auto out = moved(ramp(0.2, 0.05, -0.03), grey, degrees, 0.4, -0.7);
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 8; ++x) {
      const double dy = y - 3.5 - 0.4, dx = x - 3.5 + 0.7;
      const double from_y = 3.5 + std::cos(turn) * dy + std::sin(turn) * dx;
      const double from_x = 3.5 - std::sin(turn) * dy + std::cos(turn) * dx;
      if (from_y < 0 || from_y > 7 || from_x < 0 || from_x > 7) continue;
      CHECK_THAT(out[static_cast<std::size_t>(y * 8 + x)],
                 WithinAbs(0.2 + 0.05 * from_y - 0.03 * from_x, 1e-12));
    }
}

TEST_CASE("the grid finds the shift that misleads, at the budget that allows it",
          "[robustness][spatial]") {
  StripeReader model;
  const Tensor x = stripes(3), y = ones(3);
  const SpatialAttack attack({.threat = motion_threat({0.5, 1.0})});
  const Perturbed found = attack.attack(model, x, y);
  for (const AttackResult& result : found.results) {
    CHECK(result.fooled_at == 1.0);  // two pixels; eps = 0.5 allows one
    CHECK(result.distance == 1.0);
    CHECK(result.point[0] == 0.0);
    CHECK(result.point[2] == 1.0);
    CHECK(result.decision == 0);
  }
  CHECK(found.x.data<float>()[6] == 1.0F);
  CHECK(found.x.data<float>()[4] == 0.0F);
  const auto one = attack.attack(model, x, y, {.batch_size = 1});
  CHECK(same_values(one.x, found.x));
  CHECK(n_fooled(SpatialAttack({.threat = motion_threat(0.9)}).attack(model, x, y)) == 3);
  CHECK(n_fooled(SpatialAttack({.threat = motion_threat(0.7)}).attack(model, x, y)) == 0);
}

TEST_CASE("the slope of a motion is that of finite differences", "[robustness][spatial]") {
  const std::int64_t shape[] = {2, 8, 8};
  std::vector<double> picture(128), gradient(128);
  stats::Rng(1, "picture").fill_uniform(picture);
  stats::Rng(2, "picture").fill_uniform(gradient);
  const auto value = [&](const std::array<double, 3>& at) {
    const auto out = moved(picture, shape, at[0], at[1], at[2]);
    double sum = 0;
    for (std::size_t i = 0; i < out.size(); ++i) sum += gradient[i] * out[i];
    return sum;
  };
  const std::array<double, 3> at{13.1, 0.43, -1.27};
  const auto slope = leadline::detail::motion::slope(picture, shape, at[0], at[1], at[2], gradient);
  for (std::size_t k = 0; k < 3; ++k) {
    auto up = at, down = at;
    up[k] += 1e-7;
    down[k] -= 1e-7;
    CHECK_THAT(slope[k], WithinAbs((value(up) - value(down)) / 2e-7, 1e-5));
  }
}

TEST_CASE("the search by gradient finds the best shift of a ramp, and nothing below it",
          "[robustness][spatial]") {
  Plane model = middle_of_ramp();
  const Tensor x = ramps(5), y = ones(5);
  // Two pixels at eps = 1: the score can lose 16 * (0.01 + 0.02) * 2 eps = 0.96 eps.
  const double least = 0.4 / 0.96;
  const auto attack = [](double eps) {
    return SpatialAttack(
        {.threat = motion_threat(eps), .search = SpatialSearch::gradient, .tries = 2, .steps = 10});
  };
  CHECK(n_fooled(attack(0.99 * least).attack(model, x, y)) == 0);
  const Perturbed found = attack(1.01 * least).attack(model, x, y);
  CHECK(n_fooled(found) == 5);
  CHECK(most_queries(found) <= 2 * 11);
  CHECK(same_values(attack(1.01 * least).attack(model, x, y, {.batch_size = 1}).x, found.x));
  StripeReader labels;
  CHECK_THROWS_AS(attack(1.0).attack(labels, stripes(1), ones(1)), CapabilityError);
}

TEST_CASE("random motions keep to the limits, the budget of queries and the seed",
          "[robustness][spatial]") {
  StripeReader model;
  const Tensor x = stripes(40), y = ones(40);
  const SpatialAttack attack(
      {.threat = motion_threat(1.0), .search = SpatialSearch::random, .tries = 6});
  const Perturbed found = attack.attack(model, x, y);
  CHECK(most_queries(found) <= 6);
  CHECK(n_fooled(found) > 3);
  CHECK(n_fooled(found) < 40);
  for (const AttackResult& result : found.results)
    for (const double part : result.point) CHECK(std::abs(part) <= 1.0);
  CHECK(same_values(attack.attack(model, x, y, {.batch_size = 7}).x, found.x));
  CHECK_FALSE(same_values(attack.attack(model, x, y, {.seed = 1}).x, found.x));
}

TEST_CASE("copies of moved pictures are verified against their motion", "[robustness][spatial]") {
  StripeReader model;
  const Tensor x = stripes(2);
  AttackPlan plan{.norm = Norm::spatial, .eps = {1.0}};
  plan.max_rotation = 0;
  plan.max_translation = 0.25;
  plan.output = OutputKind::labels;
  const auto found = SpatialAttack({.threat = motion_threat(1.0)}).attack(model, x, ones(2));
  const std::vector<AttackRow> rows{{0, 1}, {1, 1}};
  std::vector<std::vector<double>> points{found.results[0].point, found.results[1].point};
  const std::vector<double> eps{1.0, 1.0};
  CHECK(verify_examples(model, plan, rows, eps, Inputs(x), found.x, 0, points).failed() == 0);
  points[1][2] -= 0.1;  // not the motion that made it
  CHECK(verify_examples(model, plan, rows, eps, Inputs(x), found.x, 0, points).too_far == 1);
  CHECK_THROWS_AS(verify_examples(model, plan, rows, eps, Inputs(x), found.x), ShapeError);
}

TEST_CASE("the finding of motions names the limits and leaves out what has no meaning",
          "[robustness][spatial]") {
  const auto model = std::make_shared<StripeReader>();
  const auto data = std::make_shared<TensorDataset>(
      Inputs(stripes(30)), ones(30), TensorDataset::Options{.bounds = std::pair{0.0, 1.0}});
  Suite suite("motions");
  suite.add(SpatialAttack({.threat = motion_threat({0.5, 1.0}), .rotations = 3}));
  const Report report = evaluate(model, data, suite);
  const Finding& finding = report.findings.front();
  CHECK(finding.at("accuracy{norm=spatial,eps=0.5}").value() == 1.0);
  CHECK(finding.at("accuracy{norm=spatial,eps=1}").value() == 0.0);
  CHECK(failed_in(finding).empty());
  CHECK(has_check(finding, "steps_converge"));
  CHECK_FALSE(has_check(finding, "unbounded_budget_succeeds"));
  CHECK_FALSE(has_check(finding, "fgsm_not_stronger"));
  CHECK_THAT(finding.headline, ContainsSubstring("shifts of 25 % of a side"));
  bool told = false;
  for (const Block& block : finding.blocks)
    if (const auto* table = std::get_if<TableBlock>(&block))
      told = told || table->note.find("shifts of at most 0.25 of a side") != std::string::npos;
  CHECK(told);
}

TEST_CASE("threats of pictures go with the attacks made for them", "[robustness][spatial]") {
  CHECK_THROWS_WITH(Pgd({.threat = motion_threat(1.0)}), ContainsSubstring("use SpatialAttack"));
  CHECK_THROWS_WITH(Fgsm({.threat = {.norm = Norm::patch, .eps = 0.1}}),
                    ContainsSubstring("PatchAttack"));
  CHECK_THROWS_AS(SpatialAttack({.threat = {.norm = Norm::linf, .eps = 0.1}}), ValueError);
  CHECK_THROWS_AS(PatchAttack({.threat = motion_threat(1.0)}), ValueError);
  CHECK_THROWS_WITH(PatchAttack({.threat = {.norm = Norm::patch, .eps = 1.5}}),
                    ContainsSubstring("at most 1"));
  Threat frozen = motion_threat(1.0);
  frozen.frozen = {3};
  CHECK_THROWS_WITH(SpatialAttack({.threat = frozen}), ContainsSubstring("as a whole"));
  Plane table(plane_weights(6));
  const Tensor rows = points_at(table, 2, 0.1, {6});
  CHECK_THROWS_AS(SpatialAttack().perturb(table, rows, ones(2)), ShapeError);
  CHECK_THROWS_AS(PatchAttack().perturb(table, rows, ones(2)), ShapeError);
}

TEST_CASE("the size of a patch is the square around all changes", "[robustness][patch]") {
  AttackSpace space;
  space.shape = {2, 8, 8};
  std::vector<double> a(128, 0.0), b = a;
  CHECK(places::covered(space, a, b) == 0.0);
  b[1 * 8 + 2] = 1;  // channel 0, (1, 2)
  CHECK(places::covered(space, a, b) == 1.0 / 64);
  b[64 + 3 * 8 + 3] = 1;  // channel 1, (3, 3): three rows, two columns
  CHECK(places::covered(space, a, b) == 9.0 / 64);
  CHECK(places::size_of(space, 9.0 / 64).height == 3);
  CHECK(places::size_of(space, 0.13).height == 2);
  CHECK(places::size_of(space, 0.01).height == 0);
  CHECK(places::size_of(space, 1.0).height == 8);
}

TEST_CASE("on a plane a patch succeeds where the best one does", "[robustness][patch]") {
  Plane model(plane_weights(64));
  double middle = 1;  // about what the best patch takes from points of that score
  for (int i = 0; i < 8; ++i)
    middle = best_patch(model, points_at(model, 1, middle, {1, 8, 8}).data<float>(), 3);
  const Tensor x = points_at(model, 40, middle, {1, 8, 8});
  const PatchAttack attack({.threat = {.norm = Norm::patch, .eps = 9.5 / 64}, .restarts = 1});
  const Perturbed found = attack.attack(model, x, ones(40));
  std::int64_t n_won = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    const float* row = x.data<float>() + i * 64;
    const double gain = best_patch(model, row, 3) - middle;
    if (std::abs(gain) < 1e-4) continue;
    INFO("row " << i << " can lose " << gain << " more than its score");
    CHECK(std::isfinite(found.results[i].fooled_at) == (gain > 0));
    n_won += gain > 0;
    CHECK((found.results[i].distance <= 9.0 / 64 || gain < 0));
  }
  CHECK(n_won > 3);
  CHECK(n_won < 37);
  CHECK(same_values(attack.attack(model, x, ones(40), {.batch_size = 7}).x, found.x));
}

TEST_CASE("forms of patches cover the pixels whose centres they hold", "[robustness][patch]") {
  AttackSpace space;
  space.shape = {1, 8, 8};
  const auto rows_of = [&](double share) {
    const auto place = places::size_of(space, share);
    std::vector<std::int64_t> rows;
    for (std::int64_t h = 0; h < place.height; ++h) {
      const auto [first, last] = places::columns(space.patch, place, h);
      CHECK(first == place.width - last);
      rows.push_back(last - first);
    }
    return rows;
  };
  space.patch = {PatchShape::rectangle, 2.0};
  CHECK(rows_of(8.0 / 64) == std::vector<std::int64_t>{4, 4});
  space.patch = {PatchShape::ellipse, 1.0};
  CHECK(rows_of(0.31) == std::vector<std::int64_t>{3, 5, 5, 5, 3});  // pi / 4 of 5 x 5 is 0.307
  space.patch = {PatchShape::ellipse, 0.5};
  CHECK(rows_of(0.4) == std::vector<std::int64_t>{2, 4, 4, 4, 4, 4, 4, 2});  // 4 x 8
}

TEST_CASE("the size of a patch is that of the smallest of its form", "[robustness][patch]") {
  AttackSpace space;
  space.shape = {1, 8, 8};
  const std::vector<double> a(64, 0.0);
  auto b = a;
  b[1 * 8 + 2] = b[2 * 8 + 5] = 1;  // two rows, four columns
  space.patch = {PatchShape::rectangle, 2.0};
  CHECK_THAT(places::covered(space, a, b), WithinAbs(8.0 / 64, 1e-12));
  space.patch = {PatchShape::rectangle, 0.5};  // 4 wide is 8 high
  CHECK_THAT(places::covered(space, a, b), WithinAbs(32.0 / 64, 1e-12));
  space.patch = {PatchShape::ellipse, 1.0};  // a circle of 4 x 4 holds both, none of 3 x 3 does
  CHECK_THAT(places::covered(space, a, b), WithinAbs(std::numbers::pi / 4 * 16 / 64, 1e-12));
  b = a;
  b[0] = b[63] = 1;  // no circle in the picture holds two corners
  CHECK(std::isinf(places::covered(space, a, b)));
  for (const PatchForm form :
       {PatchForm{PatchShape::rectangle, 0.4}, PatchForm{PatchShape::ellipse, 1.0},
        PatchForm{PatchShape::ellipse, 3.0}}) {
    space.patch = form;
    for (const double share : {0.07, 0.2, 0.33, 0.6}) {
      INFO(text_of(form) << " " << share);
      auto place = places::size_of(space, share);
      place.top = 8 - place.height;
      b = a;
      places::each_value(space, place, [&](std::size_t i) { b[i] = 1; });
      CHECK(places::covered(space, a, b) <= share * (1 + 1e-8));
    }
  }
}

TEST_CASE("on a plane a patch of any form succeeds where the best one does",
          "[robustness][patch]") {
  Plane model(plane_weights(64));
  for (const PatchForm form :
       {PatchForm{PatchShape::rectangle, 2.25}, PatchForm{PatchShape::ellipse, 1.0},
        PatchForm{PatchShape::ellipse, 0.5}}) {
    AttackSpace space;
    space.shape = {1, 8, 8};
    space.patch = form;
    const auto best = [&](const float* x) {  // over all places, each value at its better bound
      double most = 0;
      auto place = places::size_of(space, 0.2);
      for (place.top = 0; place.top + place.height <= 8; ++place.top)
        for (place.left = 0; place.left + place.width <= 8; ++place.left) {
          double gain = 0;
          places::each_value(space, place, [&](std::size_t i) {
            gain += std::max(model.w[i] * x[i], model.w[i] * (x[i] - 1.0));
          });
          most = std::max(most, gain);
        }
      return most;
    };
    double middle = 1;
    for (int i = 0; i < 8; ++i) middle = best(points_at(model, 1, middle, {1, 8, 8}).data<float>());
    const Tensor x = points_at(model, 40, middle, {1, 8, 8});
    const PatchAttack attack({.threat = {.norm = Norm::patch,
                                         .eps = 0.2,
                                         .patch_shape = form.shape,
                                         .patch_aspect = form.aspect},
                              .restarts = 1});
    const Perturbed found = attack.attack(model, x, ones(40));
    int n_won = 0;
    for (std::size_t i = 0; i < 40; ++i) {
      const double gain = best(x.data<float>() + i * 64) - middle;
      if (std::abs(gain) < 1e-4) continue;
      INFO(text_of(form) << ", row " << i << " can lose " << gain << " more than its score");
      CHECK(std::isfinite(found.results[i].fooled_at) == (gain > 0));
      n_won += gain > 0;
    }
    CHECK(n_won > 3);
    CHECK(n_won < 37);
  }
}

TEST_CASE("places chosen by the slope beat places drawn", "[robustness][patch]") {
  Plane model(plane_weights(64));
  const double middle = best_patch(model, std::vector<float>(64, 0.5F).data(), 3);
  const Tensor x = points_at(model, 40, 0.8 * middle, {1, 8, 8});
  PatchAttackOptions options{.threat = {.norm = Norm::patch, .eps = 9.5 / 64}, .restarts = 1};
  const auto chosen = n_fooled(PatchAttack(options).attack(model, x, ones(40)));
  options.location = PatchLocation::random;
  const auto drawn = n_fooled(PatchAttack(options).attack(model, x, ones(40)));
  CHECK(chosen == 40);
  CHECK(drawn < 30);
}

TEST_CASE("the finding of a patch is checked without gradients and unbounded",
          "[robustness][patch]") {
  const auto model = std::make_shared<Plane>(plane_weights(64));
  const double middle = best_patch(*model, std::vector<float>(64, 0.5F).data(), 2);
  const auto data =
      std::make_shared<TensorDataset>(Inputs(points_at(*model, 60, middle, {1, 8, 8})), ones(60),
                                      TensorDataset::Options{.bounds = std::pair{0.0, 1.0}});
  Suite suite("patches");
  suite.add(PatchAttack({.threat = {.norm = Norm::patch, .eps = {1.0 / 64, 4.5 / 64}}}));
  const Report report = evaluate(model, data, suite);
  const Finding& finding = report.findings.front();
  CHECK(failed_in(finding).empty());
  CHECK(finding.at("accuracy{norm=patch,eps=0.0703}").value() <
        finding.at("accuracy{norm=patch,eps=0.0156}").value());
  for (const char* name : {"unbounded_budget_succeeds", "black_box_not_stronger",
                           "gradients_match_differences", "examples_verified"})
    CHECK(has_check(finding, name));
  CHECK_FALSE(has_check(finding, "fgsm_not_stronger"));
  CHECK_FALSE(has_check(finding, "transfer_not_stronger"));
  CHECK_THAT(finding.headline, ContainsSubstring("% of the picture, in one square"));
}
