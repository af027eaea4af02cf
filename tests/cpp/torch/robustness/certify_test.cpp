#include "leadline/torch/robustness/certify.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/pgd.hpp"
#include "torch/robustness/run_probe.hpp"
#include "torch/robustness/tiny_nets.hpp"
#include "torch/small_models.hpp"

using namespace leadline;
using namespace leadline::robustness;

namespace {

constexpr BoundMethod every_method[] = {BoundMethod::ibp, BoundMethod::crown_ibp,
                                        BoundMethod::crown, BoundMethod::alpha_crown};

BoundOptions exact_bounds(BoundMethod method, Norm norm = Norm::linf) {
  return {.method = method, .norm = norm, .rounding = false};
}

at::Tensor one_number(double value) { return at::full({1}, value, at::kDouble); }

std::shared_ptr<models::TorchModel> wide_function(std::function<at::Tensor(at::Tensor)> f) {
  return models::from_function(std::move(f),
                               {.name = "net", .output = OutputKind::logits, .dtype = at::kDouble});
}

/// The least margin that random points of the ball and a few corners show: no bound may exceed it.
at::Tensor sampled_least(models::TorchModel& model, const at::Tensor& x, const at::Tensor& y,
                         double eps, Norm norm, std::uint64_t seed) {
  at::Tensor least;
  for (int i = 0; i < 60; ++i) {
    std::vector<double> z(static_cast<std::size_t>(x.numel()));
    stats::Rng(seed, "ball", i).fill_normal(z);
    at::Tensor d = at::tensor(z, at::kDouble).view(x.sizes());
    const at::Tensor rows = d.flatten(1);
    if (norm == Norm::linf)
      d = eps * (i % 2 ? d.sign() : d.clamp(-1, 1));
    else
      d = eps * (rows / rows.norm(2, {1}, true)).view(x.sizes());
    const at::Tensor out = model.call((x + d).to(*model.dtype())).output.to(at::kDouble);
    const at::Tensor own = out.gather(1, y.unsqueeze(1));
    const at::Tensor margin =
        (own - out.scatter(1, y.unsqueeze(1), -1e30).amax(1, true)).squeeze(1);
    least = least.defined() ? at::minimum(least, margin) : margin;
  }
  return least;
}

/// Violations of ibp <= crown_ibp <= crown <= alpha_crown <= exact <= points, of `n` nets.
int sandwich_violations(int n, int d, std::uint64_t first_seed) {
  int violations = 0;
  for (int i = 0; i < n; ++i) {
    const std::uint64_t seed = first_seed + static_cast<std::uint64_t>(i);
    const test::TinyNet net(seed, d, 4, 3, 2);
    const auto model = net.model();
    stats::Rng rng(seed, "point");
    std::vector<double> at_point(static_cast<std::size_t>(d));
    for (double& v : at_point) v = rng.uniform(-1, 1);
    const double eps = rng.uniform(0.05, 0.5);
    const at::Tensor x = at::tensor(at_point, at::kDouble).view({1, d});
    const at::Tensor y = at::zeros({1}, at::kLong);
    const LinearBounds bounds(*model, x);
    const Eigen::VectorXd centre = Eigen::Map<const Eigen::VectorXd>(at_point.data(), d);
    const double exact =
        net.least(Eigen::RowVector2d(1, -1), centre.array() - eps, centre.array() + eps);
    double before = -std::numeric_limits<double>::infinity();
    for (const BoundMethod method : every_method) {
      const double bound =
          bounds.margins(x, y, one_number(eps), exact_bounds(method)).item<double>();
      violations += bound < before - 1e-9 || bound > exact + 1e-9;
      before = bound;
    }
    const double seen = sampled_least(*model, x, y, eps, Norm::linf, seed).item<double>();
    violations += exact > seen + 1e-9;
  }
  return violations;
}

/// A convolution and a linear layer on [n, 1, 8, 8], 3 classes.
std::shared_ptr<models::TorchModel> relu_cnn() {
  const at::Tensor k = test::fixed_tensor({3, 1, 3, 3}, 0.5).to(at::kFloat);
  const at::Tensor w = test::fixed_tensor({3, 48}, 0.5, 200).to(at::kFloat);
  return models::from_function(
      [=](at::Tensor x) { return at::linear(at::relu(at::conv2d(x, k, {}, 2, 1)).flatten(1), w); },
      {.name = "relu_cnn", .output = OutputKind::logits, .dtype = at::kFloat});
}

/// Bounds of nets number [first, last) against points of the ball, and each method against the one
/// before.
void check_operators(std::size_t first, std::size_t last) {
  const auto w = [](at::IntArrayRef shape, double phase) {
    return test::fixed_tensor(shape, 0.4, phase);
  };
  const at::Tensor k1 = w({4, 1, 3, 3}, 0), k2 = w({4, 2, 3, 3}, 50), head = w({3, 4}, 90),
                   wide = w({3, 64}, 7), flat = w({3, 256}, 11), mean = w({4}, 3),
                   scale = w({4}, 5).abs() + 0.5;
  const auto conv = [=](const at::Tensor& x) { return at::conv2d(x, k1, w({4}, 1), 1, 1); };
  const auto end = [=](const at::Tensor& h) { return at::linear(h.flatten(1), flat); };
  using F = std::function<at::Tensor(at::Tensor)>;
  const std::pair<const char*, F> nets[] = {
      {"relu", [=](at::Tensor x) { return end(at::relu(conv(x))); }},
      {"batch norm, in place",
       [=](at::Tensor x) {
         at::Tensor h = at::batch_norm(conv(x), scale, mean, mean, scale, false, 0.1, 1e-5, false);
         return end(at::relu_(h));
       }},
      {"leaky relu", [=](at::Tensor x) { return end(at::leaky_relu(conv(x), 0.2)); }},
      {"sigmoid", [=](at::Tensor x) { return end(at::sigmoid(3 * conv(x))); }},
      {"tanh", [=](at::Tensor x) { return end(at::tanh(2 * conv(x) + 0.5)); }},
      {"gelu", [=](at::Tensor x) { return end(at::gelu(2 * conv(x))); }},
      {"gelu by tanh", [=](at::Tensor x) { return end(at::gelu(2 * conv(x), "tanh")); }},
      {"silu", [=](at::Tensor x) { return end(at::silu(2 * conv(x))); }},
      {"softplus", [=](at::Tensor x) { return end(at::softplus(conv(x))); }},
      {"elu", [=](at::Tensor x) { return end(at::elu(conv(x))); }},
      {"hard functions",
       [=](at::Tensor x) {
         return end(at::hardtanh(conv(x), -0.3, 0.4) + at::clamp(conv(x), 0, 6) +
                    at::hardsigmoid(conv(x)));
       }},
      {"abs and a difference",
       [=](at::Tensor x) { return end(at::abs(conv(x)) - 0.5 * conv(x).relu()); }},
      {"max pooling",
       [=](at::Tensor x) {
         return at::linear(at::max_pool2d(at::relu(conv(x)), 2).flatten(1), wide);
       }},
      {"max pooling, padded and overlapping",
       [=](at::Tensor x) { return at::linear(at::max_pool2d(conv(x), 3, 2, 1).flatten(1), wide); }},
      {"average pooling",
       [=](at::Tensor x) {
         return at::linear(at::relu(at::avg_pool2d(conv(x), 2)).flatten(1), wide);
       }},
      {"global average",
       [=](at::Tensor x) {
         return at::linear(at::adaptive_avg_pool2d(at::relu(conv(x)), {1, 1}).flatten(1), head);
       }},
      {"mean over places",
       [=](at::Tensor x) {
         return at::linear(at::relu(conv(x)).mean({2, 3}), head);
       }},
      {"a residual sum",
       [=](at::Tensor x) {
         const at::Tensor h = at::relu(conv(x));
         return end(at::relu(h + at::conv2d(h, k2, {}, 1, 1, 1, 2)));
       }},
      {"cat, split and permute",
       [=](at::Tensor x) {
         const at::Tensor h = at::relu(conv(x));
         const auto parts = h.split(2, 1);
         return end(at::cat({parts[1], parts[0].transpose(2, 3)}, 1).permute({0, 2, 3, 1}));
       }},
      {"strided and dilated",
       [=](at::Tensor x) {
         return at::linear(at::relu(at::conv2d(x, k1, {}, 2, 2, 2)).flatten(1), w({3, 64}, 17));
       }},
      {"normalised input", [=](at::Tensor x) { return end(at::relu(conv((x - 0.45) / 0.2))); }},
      {"log_softmax", [=](at::Tensor x) { return at::log_softmax(end(at::relu(conv(x))), 1); }},
      {"products of matrices", [=](at::Tensor x) {
         return at::addmm(w({3}, 2), at::relu(at::matmul(x.flatten(1), w({64, 8}, 4))),
                          w({8, 3}, 6));
       }}};
  const at::Tensor x = 0.5 + test::fixed_tensor({3, 1, 8, 8}, 0.4, 40),
                   y = at::tensor({0, 1, 2}, at::kLong);
  REQUIRE(last <= std::size(nets));
  for (std::size_t i = first; i < last; ++i) {
    const auto& [name, f] = nets[i];
    INFO(name);
    const auto model = wide_function(f);
    const LinearBounds bounds(*model, x);
    for (const auto& [norm, eps] : {std::pair(Norm::linf, 0.02), std::pair(Norm::l2, 0.2)}) {
      const at::Tensor seen = sampled_least(*model, x, y, eps, norm, 5);
      at::Tensor before = at::full({3, 2}, -1e300, at::kDouble);
      for (const BoundMethod method : every_method) {
        const at::Tensor got = bounds.margins(x, y, one_number(eps), exact_bounds(method, norm));
        const at::Tensor least = got.amin(1);
        CHECK(least.le(seen + 1e-9).all().item<bool>());
        CHECK(got.ge(before - 1e-9).all().item<bool>());
        before = got;
      }
      // A ball of no size leaves no room: every method gives the margin itself.
      const at::Tensor out = model->call(x).output;
      const at::Tensor own = out.gather(1, y.unsqueeze(1));
      const at::Tensor margin =
          (own - out.scatter(1, y.unsqueeze(1), -1e30).amax(1, true)).squeeze(1);
      const at::Tensor point =
          bounds.margins(x, y, one_number(0), exact_bounds(BoundMethod::crown, norm)).amin(1);
      CHECK(at::allclose(point, margin, 1e-7, 1e-7));
    }
  }
}

}  // namespace

TEST_CASE("bounds of a linear model are its closed form in every method and norm",
          "[robustness][certify]") {
  const auto model = test::linear_model(at::kDouble);
  const at::Tensor x = test::fixed_tensor({5, 3}, 1.0), y = at::tensor({0, 1, 0, 1, 1}, at::kLong);
  const at::Tensor w = test::linear_weight(at::kDouble), b = test::linear_bias(at::kDouble);
  const at::Tensor row = w[0] - w[1];
  const at::Tensor clean = (at::linear(x, w, b).select(1, 0) - at::linear(x, w, b).select(1, 1)) *
                           (1 - 2 * y).to(at::kDouble);
  const LinearBounds bounds(*model, x);
  CHECK(bounds.n_classes() == 2);
  for (const BoundMethod method : every_method)
    for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1}) {
      const double dual = norm == Norm::linf ? row.abs().sum().item<double>()
                          : norm == Norm::l2 ? row.norm().item<double>()
                                             : row.abs().max().item<double>();
      const at::Tensor got =
          bounds.margins(x, y, one_number(0.2), exact_bounds(method, norm)).squeeze(1);
      CHECK(at::allclose(got, clean - 0.2 * dual, 1e-12, 1e-12));
      const at::Tensor radius = bounds.radius(x, y, 2.0, 40, exact_bounds(method, norm));
      CHECK(at::allclose(radius, (clean / dual).clamp(0, 2), 1e-6, 1e-9));
    }
}

TEST_CASE("|x1 - x2| by two ReLUs has the bounds of the literature", "[robustness][certify]") {
  const auto model = wide_function([](at::Tensor x) {
    const at::Tensor d = x.select(1, 0) - x.select(1, 1);
    return (at::relu(d) + at::relu(-d)).unsqueeze(1);
  });
  const at::Tensor x = at::zeros({1, 2}, at::kDouble);
  const LinearBounds bounds(*model, x);
  const auto range = [&](BoundMethod method) {
    const auto [low, high] = bounds.outputs(x, one_number(1), exact_bounds(method));
    return std::pair(low.item<double>(), high.item<double>());
  };
  CHECK_THAT(range(BoundMethod::ibp).first, WithinAbs(0, 1e-12));
  CHECK_THAT(range(BoundMethod::ibp).second, WithinAbs(4, 1e-12));
  for (const auto method : {BoundMethod::crown_ibp, BoundMethod::crown, BoundMethod::alpha_crown}) {
    CHECK_THAT(range(method).first, WithinAbs(0, 1e-12));
    CHECK_THAT(range(method).second, WithinAbs(2, 1e-12));
  }
}

TEST_CASE("no bound crosses the exact margin of tiny nets", "[robustness][certify]") {
  CHECK(sandwich_violations(12, 2, 1) == 0);
  CHECK(sandwich_violations(2, 3, 1000) == 0);
}

TEST_CASE("no bound crosses the exact margin of thousands of tiny nets",
          "[robustness][certify][.full]") {
  CHECK(sandwich_violations(3000, 2, 10'000) == 0);
  CHECK(sandwich_violations(300, 3, 50'000) == 0);
}

TEST_CASE("an enumeration that misses a vertex would be seen", "[robustness][certify]") {
  // The exact margin lies above CROWN and strictly below what corners alone show, for some net.
  int lower_than_corners = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const test::TinyNet net(seed, 2, 4, 3, 2);
    const Eigen::Vector2d low(-1, -1), high(1, 1);
    double corners = 1e300;
    for (int k = 0; k < 4; ++k)
      corners = std::min(corners, Eigen::RowVector2d(1, -1).dot(
                                      net(Eigen::Vector2d(k & 1 ? 1 : -1, k & 2 ? 1 : -1))));
    const double exact = net.least(Eigen::RowVector2d(1, -1), low, high);
    CHECK(exact <= corners + 1e-12);
    lower_than_corners += exact < corners - 1e-6;
  }
  CHECK(lower_than_corners > 5);
}

TEST_CASE("bounds hold for every activation that is read", "[robustness][certify]") {
  check_operators(0, 7);
}

TEST_CASE("bounds hold for every cut and pooling that is read", "[robustness][certify]") {
  check_operators(7, 15);
}

TEST_CASE("bounds hold for every other operator that is read", "[robustness][certify]") {
  check_operators(15, 23);
}

TEST_CASE("an operator without bounds is refused by name", "[robustness][certify]") {
  const at::Tensor x = 0.5 + test::fixed_tensor({2, 4}, 0.4), w = test::fixed_tensor({2, 4}, 1);
  const auto message = [&](std::function<at::Tensor(at::Tensor)> f) -> std::string {
    try {
      const auto model = wide_function(std::move(f));
      (void)LinearBounds(*model, x);
    } catch (const CapabilityError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message([&](at::Tensor v) {
          return at::linear(at::layer_norm(v, {4}), w);
        }).find("layer_norm") != std::string::npos);
  CHECK(message([&](at::Tensor v) {
          return at::linear(v * v, w);
        }).find("both depend on the input") != std::string::npos);
  CHECK(message([&](at::Tensor v) {
          return at::linear(at::dropout(v, 0.5, true), w);
        }).find("dropout that is on") != std::string::npos);
  CHECK(message([&](at::Tensor v) {
          return at::linear(v - v.mean(0, true), w);
        }).find("not one row a sample") != std::string::npos);
  CHECK(message([&](at::Tensor v) {
          return at::relu(at::softmax(at::linear(v, w), 1));
        }).find("reads on after") != std::string::npos);
  CHECK(message([&](at::Tensor v) {
          return at::linear(v, w) * (v.sum().item<double>() > 0 ? 1 : 2);
        }) != "");
  CHECK(message([&](at::Tensor v) {
          return at::linear(v, w) + at::randn({v.size(0), 2}, at::kDouble);
        }).find("differs from sample to sample") != std::string::npos);
  CHECK(message([&](at::Tensor v) {
          return at::linear(v, w) + at::randn({2}, at::kDouble);
        }).find("random") != std::string::npos);
  CHECK(message([&](at::Tensor v) {
          return at::linear(v, w) + v.data_ptr<double>()[0];
        }).find("differ") != std::string::npos);
}

TEST_CASE("a binary model of one score is certified on both sides", "[robustness][certify]") {
  const at::Tensor w = at::tensor({1.0, -2.0}, at::kDouble).view({1, 2});
  const at::Tensor x = at::tensor({1.0, 0.0, 0.0, 1.0}, at::kDouble).view({2, 2}),
                   y = at::tensor({1, 0}, at::kLong);
  for (const bool sigmoid : {false, true}) {
    const auto model = wide_function([=](at::Tensor v) {
      const at::Tensor z = at::linear(v, w).squeeze(1);
      return sigmoid ? at::sigmoid(z) : z;
    });
    const LinearBounds bounds(*model, x);
    const at::Tensor got = bounds.radius(x, y, 4.0, 40, exact_bounds(BoundMethod::crown));
    CHECK(at::allclose(got, at::tensor({1.0 / 3, 2.0 / 3}, at::kDouble), 1e-6, 1e-9));
  }
}

TEST_CASE("cutting the ball to the bounds of the data tightens every norm",
          "[robustness][certify]") {
  const auto model = test::linear_model(at::kDouble);
  const at::Tensor x = at::tensor({0.0, 1.0, 0.1}, at::kDouble).view({1, 3}),
                   y = at::zeros({1}, at::kLong);
  const LinearBounds bounds(*model, x);
  // margin = 2 x0 - 2 x1 - 1.5 x2 + 0.75; x0 cannot fall and x1 cannot rise.
  for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1}) {
    BoundOptions cut = exact_bounds(BoundMethod::crown, norm);
    cut.bounds = {0.0, 1.0};
    const double got = bounds.margins(x, y, one_number(0.3), cut).item<double>();
    CHECK_THAT(got, WithinAbs(-1.4 - 1.5 * 0.3, 1e-9));
  }
}

TEST_CASE("what rounding to float32 can move is taken off", "[robustness][certify]") {
  const at::Tensor x = (0.5 + test::fixed_tensor({2, 1, 8, 8}, 0.4, 40)).to(at::kFloat);
  const auto model = test::small_cnn(at::kFloat), wide = test::small_cnn(at::kDouble);
  const LinearBounds bounds(*model, x);
  const at::Tensor y = at::zeros({2}, at::kLong);
  BoundOptions real{.method = BoundMethod::ibp, .rounding = false},
      rounded{.method = BoundMethod::ibp};
  const at::Tensor gap =
      bounds.margins(x, y, one_number(0), real) - bounds.margins(x, y, one_number(0), rounded);
  const at::Tensor moved =
      (model->call(x).output.to(at::kDouble) - wide->call(x.to(at::kDouble)).output).abs();
  CHECK(gap.gt(0).all().item<bool>());
  CHECK(gap.amin().item<double>() > moved.max().item<double>());
  CHECK(gap.max().item<double>() < 1e-2);
}

TEST_CASE("pgd finds nothing inside a certified ball, and alpha_crown certifies more than ibp",
          "[robustness][certify]") {
  const auto model = relu_cnn();
  const at::Tensor x = (0.5 + test::fixed_tensor({6, 1, 8, 8}, 0.4, 40)).to(at::kFloat);
  const at::Tensor y = model->call(x).output.argmax(1);
  const LinearBounds bounds(*model, x);
  double mean[4];
  for (const BoundMethod method : every_method)
    mean[static_cast<int>(method)] =
        bounds.radius(x, y, 0.2, 6, {.method = method, .bounds = std::pair(0.0, 1.0)})
            .mean()
            .item<double>();
  CHECK(mean[0] < mean[2]);
  CHECK(mean[2] <= mean[3]);
  const at::Tensor radius =
      bounds.radius(x, y, 0.2, 6, {.method = BoundMethod::crown, .bounds = std::pair(0.0, 1.0)});
  for (std::int64_t i = 0; i < 6; ++i) {
    const double eps = 0.999 * radius[i].item<double>();
    if (eps <= 0) continue;
    const auto found = Pgd({.threat = {.eps = {eps}}, .steps = 30})
                           .attack(*model, x.narrow(0, i, 1), y.narrow(0, i, 1));
    CHECK(std::isinf(found.results.at(0).fooled_at));
  }
}

TEST_CASE("the probe brackets the truth and agrees with the functions", "[robustness][certify]") {
  const auto model = relu_cnn();
  const at::Tensor x = (0.5 + test::fixed_tensor({20, 1, 8, 8}, 0.4, 40)).to(at::kFloat);
  const at::Tensor y = model->call(x).output.argmax(1).contiguous();
  const auto data = std::make_shared<TensorDataset>(
      from_aten(x), from_aten(y), TensorDataset::Options{.bounds = std::pair(0.0, 1.0)});
  const Certify probe({.threat = {.eps = {0.01, 0.05}}, .radius_steps = 4});
  test::LoneSession session(model, data);
  session.id = "certify";
  const Finding all = test::run_probe(probe, session);
  REQUIRE(all.status == Status::ok);
  for (const char* key : {"{norm=linf,eps=0.01}", "{norm=linf,eps=0.05}"}) {
    const double proven = all.at(std::string("certified_accuracy") + key).value();
    const double standing = all.at(std::string("attacked_accuracy") + key).value();
    CHECK(proven <= standing);
    CHECK_THAT(all.at(std::string("undecided") + key).value(), WithinAbs(standing - proven, 1e-12));
  }
  CHECK(all.at("certified_accuracy{norm=linf,eps=0.01}").value() > 0);
  for (const Check& check : all.checks) CHECK(check.result == Check::pass);
  const LinearBounds bounds(*model, x);
  const at::Tensor margins =
      bounds.margins(x, y, one_number(0.01), {.bounds = std::pair(0.0, 1.0)});
  for (std::int64_t i = 0; i < 20; ++i)
    CHECK((*session.table().get("certify.radius", i) >= 0.01) ==
          (margins[i].amin().item<double>() > 0));

  // Another batch size, and a run in two halves.
  test::LoneSession other(model, data);
  other.id = "certify";
  other.batch = 7;
  const auto run = probe.start(other);
  other.stop = [&] { return other.table().size() >= 14; };
  run->work(other);
  const auto resumed = probe.start(other);
  resumed->load(run->save());
  other.stop = {};
  resumed->work(other);
  const Finding again = resumed->finish(other);
  for (const Named& named : all.estimates)
    CHECK(again.at(named.name).value() == named.estimate.value());
}
