#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/subject.hpp"
#include "leadline/robustness/carlini_wagner.hpp"
#include "leadline/robustness/ddn.hpp"
#include "leadline/robustness/deep_fool.hpp"
#include "leadline/robustness/ead.hpp"
#include "leadline/robustness/fab.hpp"
#include "leadline/robustness/fmn.hpp"
#include "leadline/robustness/plane_projector.hpp"
#include "leadline/stats/random.hpp"

using namespace leadline;
using namespace leadline::robustness;

namespace minimum_norm_test {

using Values = std::vector<double>;

/// Logits W x + b of float32 inputs, with analytic gradients; optionally b - |x - centre|^2.
class PlanesModel : public Model {
 public:
  PlanesModel(std::int64_t k, std::int64_t d, Values w, Values b)
      : k_(k), d_(d), w_(std::move(w)), b_(std::move(b)) {}
  SubjectInfo info() const override {
    return {.name = "planes",
            .backend = "toy",
            .access = Access::labels | Access::outputs | Access::gradients,
            .output = OutputKind::logits};
  }
  Outputs forward(const Inputs& inputs, std::span<const std::string>) override {
    const Tensor x = inputs.primary.host(DType::f64);
    const std::int64_t n = x.size(0);
    forwards += n;
    Values z(static_cast<std::size_t>(n * k_));
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t c = 0; c < k_; ++c)
        z[static_cast<std::size_t>(i * k_ + c)] = logit(x.data<double>() + i * d_, c);
    return {Tensor::own(std::move(z), {n, k_}), {}, {}};
  }
  Pullback pullback(const Inputs& inputs, std::span<const std::string>) override {
    const Tensor x = inputs.primary.host(DType::f64);
    return {forward(inputs, {}), [this, x](const Tensor& slope) {
              const Tensor dz = slope.host(DType::f64);
              const std::int64_t n = dz.size(0);
              backwards += n;
              Values g(static_cast<std::size_t>(n * d_), 0.0);
              for (std::int64_t i = 0; i < n; ++i)
                for (std::int64_t c = 0; c < k_; ++c)
                  for (std::int64_t j = 0; j < d_; ++j)
                    g[static_cast<std::size_t>(i * d_ + j)] +=
                        dz.data<double>()[i * k_ + c] * slope_at(x.data<double>() + i * d_, c, j);
              return Tensor::own(std::move(g), {n, d_});
            }};
  }
  double logit(const double* x, std::int64_t c) const {
    double z = b_[static_cast<std::size_t>(c)] + shift;
    for (std::int64_t j = 0; j < d_; ++j) {
      const double w = w_[static_cast<std::size_t>(c * d_ + j)];
      z += balls ? -(x[j] - w) * (x[j] - w) : w * x[j];
    }
    return z;
  }
  double slope_at(const double* x, std::int64_t c, std::int64_t j) const {
    const double w = w_[static_cast<std::size_t>(c * d_ + j)];
    return balls ? -2 * (x[j] - w) : w;
  }
  double weight_of(std::int64_t c, std::int64_t j) const {
    return w_[static_cast<std::size_t>(c * d_ + j)];
  }
  std::int64_t classes() const { return k_; }

  double shift = 0;
  bool balls = false;
  std::int64_t forwards = 0, backwards = 0;

 private:
  std::int64_t k_, d_;
  Values w_, b_;
};

struct PlanesCase {
  std::shared_ptr<PlanesModel> model;
  Tensor x, y;
  std::int64_t n = 0, d = 0;
};

PlanesCase planes_case(std::int64_t n, std::int64_t k, std::int64_t d, double scale, bool binary,
                       std::uint64_t seed = 5) {
  stats::Rng rng(seed, "planes");
  Values w(static_cast<std::size_t>(k * d));
  rng.fill_normal(std::span(w));
  for (double& v : w) v *= scale;
  PlanesCase out{std::make_shared<PlanesModel>(k, d, w, Values(static_cast<std::size_t>(k), 0.0)),
                 {},
                 {},
                 n,
                 d};
  std::vector<float> x;
  std::vector<std::int64_t> y;
  while (std::ssize(y) < n) {
    std::vector<double> row;
    for (std::int64_t j = 0; j < d; ++j) {
      const double u = rng.uniform();
      row.push_back(static_cast<float>(binary ? (u < 0.5 ? 0.0 : 1.0) : 0.35 + 0.3 * u));
    }
    std::int64_t best = 0;
    for (std::int64_t c = 1; c < k; ++c)
      if (out.model->logit(row.data(), c) > out.model->logit(row.data(), best)) best = c;
    x.insert(x.end(), row.begin(), row.end());
    y.push_back(best);
  }
  out.x = Tensor::own(std::move(x), {n, d});
  out.y = Tensor::own(std::move(y), {n});
  return out;
}

std::int64_t label_at(const Tensor& y, std::size_t i) { return y.data<std::int64_t>()[i]; }

/// The model's own answer: labels change with its kind.
std::int64_t label_of(const PlanesCase& c, std::int64_t i) {
  Values x(c.x.data<float>() + i * c.d, c.x.data<float>() + (i + 1) * c.d);
  std::int64_t best = 0;
  for (std::int64_t k = 1; k < c.model->classes(); ++k)
    if (c.model->logit(x.data(), k) > c.model->logit(x.data(), best)) best = k;
  return best;
}

/// Distance of x from the half-space w . (z - x) >= gap within the box, by bisection over the
/// distance: the largest gain that a ball of that radius within the box allows.
double brute_distance(Norm norm, const Values& x, const Values& w, double gap, double low,
                      double high) {
  const std::size_t d = x.size();
  Values room(d), a(d);
  for (std::size_t j = 0; j < d; ++j) {
    a[j] = std::abs(w[j]);
    room[j] = w[j] > 0 ? high - x[j] : x[j] - low;
  }
  if (norm == Norm::l1 || norm == Norm::l0) {
    std::vector<std::size_t> order(d);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
      return norm == Norm::l1 ? a[i] > a[j] : a[i] * room[i] > a[j] * room[j];
    });
    double sum = 0, left = gap;
    for (const std::size_t i : order) {
      if (a[i] * room[i] >= left) return sum + (norm == Norm::l1 ? left / a[i] : 1.0);
      left -= a[i] * room[i];
      sum += norm == Norm::l1 ? room[i] : 1.0;
    }
    return std::numeric_limits<double>::infinity();
  }
  const auto moved = [&](double t, std::size_t j) {
    return std::min(norm == Norm::linf ? t : t * a[j], room[j]);
  };
  double t_low = 0, t_high = 1;
  const auto gain = [&](double t) {
    double sum = 0;
    for (std::size_t j = 0; j < d; ++j) sum += a[j] * moved(t, j);
    return sum;
  };
  if (gain(1e12) < gap) return std::numeric_limits<double>::infinity();
  while (gain(t_high) < gap) t_high *= 2;
  for (int i = 0; i < 200; ++i)
    (gain((t_low + t_high) / 2) < gap ? t_low : t_high) = (t_low + t_high) / 2;
  double size = 0;
  for (std::size_t j = 0; j < d; ++j)
    size = norm == Norm::linf ? std::max(size, moved(t_high, j))
                              : size + moved(t_high, j) * moved(t_high, j);
  return norm == Norm::linf ? size : std::sqrt(size);
}

/// The exact distance of each row to the nearest boundary within [low, high].
Values exact_distances(const PlanesCase& c, Norm norm, double low, double high) {
  Values out;
  for (std::int64_t i = 0; i < c.n; ++i) {
    Values x(static_cast<std::size_t>(c.d));
    for (std::int64_t j = 0; j < c.d; ++j)
      x[static_cast<std::size_t>(j)] = c.x.data<float>()[i * c.d + j];
    const std::int64_t y = c.y.data<std::int64_t>()[i];
    double best = std::numeric_limits<double>::infinity();
    for (std::int64_t k = 0; k < c.model->classes(); ++k) {
      if (k == y) continue;
      Values w;
      for (std::int64_t j = 0; j < c.d; ++j)
        w.push_back(c.model->weight_of(k, j) - c.model->weight_of(y, j));
      best =
          std::min(best, brute_distance(norm, x, w,
                                        c.model->logit(x.data(), y) - c.model->logit(x.data(), k),
                                        low, high));
    }
    out.push_back(best);
  }
  return out;
}

struct Ratios {
  double median = 0, most = 0, least = 0;
};
/// Distances found over exact ones.
Ratios ratios_of(const Attack& attack, const PlanesCase& c, Norm norm, double low, double high) {
  const auto exact = exact_distances(c, norm, low, high);
  const auto out = attack.attack(*c.model, c.x, c.y, {.bounds = {low, high}});
  Values ratios;
  for (std::size_t i = 0; i < exact.size(); ++i)
    if (std::isfinite(exact[i])) ratios.push_back(out.results[i].distance / exact[i]);
  std::sort(ratios.begin(), ratios.end());
  return {ratios[ratios.size() / 2], ratios.back(), ratios.front()};
}

constexpr double wide = 1e3;  // bounds that are never in the way

Threat threat_of(Norm norm) { return {.norm = norm, .eps = {norm == Norm::l0 ? 1.0 : 1e-6}}; }

/// Every minimum-norm attack in every norm it knows, with settings that a test can wait for.
std::vector<std::pair<std::string, std::shared_ptr<Attack>>> attacks_in(Norm norm) {
  const Threat threat = threat_of(norm);
  std::vector<std::pair<std::string, std::shared_ptr<Attack>>> out;
  const auto add = [&](const char* name, std::shared_ptr<Attack> attack) {
    out.emplace_back(name, std::move(attack));
  };
  add("fmn", std::make_shared<Fmn>(FmnOptions{.threat = threat}));
  if (norm == Norm::l0) return out;
  add("fab", std::make_shared<Fab>(FabOptions{.threat = threat, .steps = 20, .n_targets = 0}));
  add("fab_t", std::make_shared<Fab>(FabOptions{.threat = threat, .steps = 20, .n_targets = 9}));
  if (norm == Norm::l1) {
    add("ead", std::make_shared<Ead>(EadOptions{.threat = threat, .steps = 100}));
    return out;
  }
  add("deep_fool", std::make_shared<DeepFool>(DeepFoolOptions{.threat = threat, .overshoot = 0}));
  add("carlini_wagner", std::make_shared<CarliniWagner>(
                            CarliniWagnerOptions{.threat = threat, .steps = 600, .searches = 4}));
  if (norm == Norm::l2) add("ddn", std::make_shared<Ddn>(DdnOptions{.threat = threat}));
  return out;
}

TEST_CASE("points of a plane nearest within a box are exact in every norm",
          "[robustness][minimum_norm]") {
  PlaneProjector project;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    stats::Rng rng(seed, "box");
    const std::size_t d = 1 + rng.below(40);
    Values x(d), w(d), low(d, 0.0), high(d, 1.0), out(d);
    double most = 0;
    for (std::size_t j = 0; j < d; ++j) {
      const double u = rng.uniform();
      x[j] = u < 0.2 ? 0.0 : u > 0.8 ? 1.0 : rng.uniform();
      w[j] = rng.uniform() < 0.1 ? 0.0 : rng.normal() * std::exp(3 * rng.normal());
      most += std::abs(w[j]) * (w[j] > 0 ? 1 - x[j] : x[j]);
    }
    const double gap = most * rng.uniform();
    for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1, Norm::l0}) {
      for (const double way : {1.0, -1.0}) {  // the same plane seen from the mirrored slope
        Values s = w;
        for (double& v : s) v *= way;
        INFO("seed " << seed << " norm " << name_of(norm) << " way " << way);
        CHECK((project(norm, x, s, way * gap, low, high, out) || gap == most));
        double gained = 0, size = 0;
        for (std::size_t j = 0; j < d; ++j) {
          gained += w[j] * (out[j] - x[j]);
          const double change = std::abs(out[j] - x[j]);
          CHECK((out[j] >= 0 && out[j] <= 1));
          size = norm == Norm::linf ? std::max(size, change)
                                    : size + (norm == Norm::l2   ? change * change
                                              : norm == Norm::l1 ? change
                                                                 : (change > 0 ? 1.0 : 0.0));
        }
        if (norm == Norm::l2) size = std::sqrt(size);
        CHECK_THAT(gained, WithinAbs(gap, 1e-9 * (most + 1)));
        CHECK_THAT(size,
                   WithinRel(brute_distance(norm, x, w, gap, 0, 1), 1e-7) || WithinAbs(0, 1e-12));
        CHECK_FALSE(project(norm, x, s, way * (most * 1.01 + 1), low, high, out));
      }
    }
  }
}

TEST_CASE("no random point within the box and beyond the plane is nearer than the projection",
          "[robustness][minimum_norm]") {
  // Independent of the way the reference above is computed.
  PlaneProjector project;
  const Values x{0.1, 0.9, 0.5}, w{2.0, 0.5, -1.0}, low(3, 0.0), high(3, 1.0);
  const double gap = 1.6;
  Values out(3);
  for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1}) {
    REQUIRE(project(norm, x, w, gap, low, high, out));
    const auto size = [&](const Values& z) {
      double sum = 0;
      for (std::size_t j = 0; j < 3; ++j) {
        const double change = std::abs(z[j] - x[j]);
        sum = norm == Norm::linf ? std::max(sum, change)
                                 : sum + (norm == Norm::l2 ? change * change : change);
      }
      return sum;
    };
    double nearest = std::numeric_limits<double>::infinity();
    stats::Rng rng(3, "points");
    for (int i = 0; i < 200000; ++i) {
      Values z{rng.uniform(), rng.uniform(), rng.uniform()};
      double gained = 0;
      for (std::size_t j = 0; j < 3; ++j) gained += w[j] * (z[j] - x[j]);
      if (gained >= gap) nearest = std::min(nearest, size(z));
    }
    CHECK(nearest >= size(out) - 1e-12);
    CHECK(nearest < 1.1 * size(out));
  }
}

TEST_CASE("minimum-norm attacks find the exact distance on linear models of any scale",
          "[robustness][minimum_norm]") {
  for (const double scale : {1e-3, 1.0, 1e3}) {
    const PlanesCase c = planes_case(16, 10, 36, scale, false);
    for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1, Norm::l0})
      for (const auto& [name, attack] : attacks_in(norm)) {
        for (const double high : {wide, 1.0}) {
          const auto r = ratios_of(*attack, c, norm, high == wide ? -wide : 0, high);
          INFO(name << " " << name_of(norm) << " scale " << scale << " bounds to " << high
                    << ": median " << r.median << ", most " << r.most);
          CHECK(r.least >= 1 - 1e-6);
          CHECK(r.most <= (name == "deep_fool" || name.starts_with("fab") ? 1.0001 : 1.01));
        }
      }
  }
}

TEST_CASE("as published, without the local search at the end, distances are as good as the peers'",
          "[robustness][minimum_norm]") {
  // Peers on the same kind of model: FAB 1.0052, DDN 1.058, FMN 1.0000 (linf) and 4.06 (l2).
  const PlanesCase c = planes_case(32, 10, 36, 1.0, false, 11);
  const auto ratio = [&](const Attack& attack, Norm norm) {
    return ratios_of(attack, c, norm, -wide, wide).median;
  };
  CHECK(ratio(Fab({.threat = threat_of(Norm::l2), .steps = 20, .n_targets = 0, .polish = 0}),
              Norm::l2) <= 1.0053);
  CHECK(ratio(Fab({.threat = threat_of(Norm::linf), .steps = 20, .n_targets = 0, .polish = 0}),
              Norm::linf) <= 1.0053);
  CHECK(ratio(Ddn({.threat = threat_of(Norm::l2), .polish = 0}), Norm::l2) <= 1.058);
  for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1})
    CHECK(ratio(Fmn({.threat = threat_of(norm), .polish = 0}), norm) <= 1.01);
  CHECK(ratio(DeepFool({.threat = threat_of(Norm::l2)}), Norm::l2) <= 1.0201);
  CHECK_THAT(ratio(DeepFool({.threat = threat_of(Norm::l2)}), Norm::l2), WithinAbs(1.02, 1e-4));
}

TEST_CASE("minimum-norm distances depend neither on batch size nor on row order",
          "[robustness][minimum_norm]") {
  const PlanesCase c = planes_case(33, 5, 12, 1.0, false, 21);
  c.model->balls = true;
  std::vector<float> x;
  std::vector<std::int64_t> y;
  for (std::int64_t i = c.n; i-- > 0;) {
    x.insert(x.end(), c.x.data<float>() + i * c.d, c.x.data<float>() + (i + 1) * c.d);
    y.push_back(label_of(c, i));
  }
  const Tensor back = Tensor::own(std::move(x), {c.n, c.d}),
               back_y = Tensor::own(std::move(y), {c.n});
  std::vector<std::int64_t> same;
  for (std::int64_t i = 0; i < c.n; ++i) same.push_back(label_of(c, i));
  const Tensor labels = Tensor::own(std::move(same), {c.n});
  const auto n = static_cast<std::size_t>(c.n);
  for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1, Norm::l0})
    for (const auto& [name, attack] : attacks_in(norm)) {
      const auto one = attack->attack(*c.model, c.x, labels, {.batch_size = 64}).results;
      const auto other = attack->attack(*c.model, c.x, labels, {.batch_size = 7}).results;
      const auto alone = attack->attack(*c.model, c.x, labels, {.batch_size = 1}).results;
      const auto reversed = attack->attack(*c.model, back, back_y, {.batch_size = 7}).results;
      bool alike = true, found = true;
      for (std::size_t i = 0; i < n; ++i) {
        alike = alike && one[i].distance == other[i].distance &&
                one[i].distance == alone[i].distance && one[i].forwards == alone[i].forwards &&
                one[i].distance == reversed[n - 1 - i].distance;
        found = found && std::isfinite(one[i].distance);
      }
      INFO(name << " " << name_of(norm));
      CHECK(alike);
      CHECK(found);
    }
}

TEST_CASE("a shift of all logits changes no distance, and images of 0 and 1 alone can be attacked",
          "[robustness][minimum_norm]") {
  const PlanesCase c = planes_case(16, 10, 36, 1.0, true, 31);
  for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1, Norm::l0}) {
    const auto exact = exact_distances(c, norm, 0, 1);
    for (const auto& [name, attack] : attacks_in(norm)) {
      std::vector<Values> found;
      for (const double shift : {0.0, 100.0, -100.0}) {
        c.model->shift = shift;
        found.emplace_back();
        for (const auto& r : attack->attack(*c.model, c.x, c.y).results)
          found.back().push_back(r.distance);
      }
      for (std::size_t i = 0; i < exact.size(); ++i) {
        INFO(name << " " << name_of(norm) << " row " << i << ": " << found[0][i] << ", exact "
                  << exact[i]);
        CHECK(found[0][i] <= 1.01 * exact[i]);
        CHECK(found[0][i] >= (1 - 1e-6) * exact[i]);
        CHECK_THAT(found[1][i], WithinRel(found[0][i], 1e-4));
        CHECK_THAT(found[2][i], WithinRel(found[0][i], 1e-4));
      }
    }
  }
}

TEST_CASE("carlini and wagner alone moves values that lie on the bounds",
          "[robustness][minimum_norm]") {
  const PlanesCase c = planes_case(8, 10, 36, 1.0, true, 31);
  const auto exact = exact_distances(c, Norm::l2, 0, 1);
  const auto found = CarliniWagner({.threat = threat_of(Norm::l2), .searches = 5, .polish = 0})
                         .attack(*c.model, c.x, c.y)
                         .results;
  for (std::size_t i = 0; i < exact.size(); ++i) CHECK(found[i].distance <= 1.2 * exact[i]);
}

TEST_CASE("on curved boundaries the attacks agree, and the local search only shortens",
          "[robustness][minimum_norm]") {
  const PlanesCase c = planes_case(16, 6, 20, 1.0, false, 41);
  c.model->balls = true;  // Voronoi cells: boundaries are planes, slopes vary from point to point
  std::vector<std::int64_t> y;
  for (std::int64_t i = 0; i < c.n; ++i) y.push_back(label_of(c, i));
  const Tensor labels = Tensor::own(std::move(y), {c.n});
  const auto median = [&](const Attack& attack) {
    Values d;
    for (const auto& r : attack.attack(*c.model, c.x, labels).results) d.push_back(r.distance);
    std::sort(d.begin(), d.end());
    return d[d.size() / 2];
  };
  for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1}) {
    const double plain = median(Fmn({.threat = threat_of(norm), .polish = 0}));
    const double fmn = median(Fmn({.threat = threat_of(norm)}));
    const double fab = median(Fab({.threat = threat_of(norm), .steps = 50, .n_targets = 0}));
    INFO(name_of(norm) << ": fmn " << fmn << ", without the search " << plain << ", fab " << fab);
    CHECK(fmn <= plain);
    CHECK_THAT(fmn, WithinRel(fab, 0.01));
  }
}

TEST_CASE("minimum-norm attacks reach a target class and a set of classes",
          "[robustness][minimum_norm]") {
  const PlanesCase c = planes_case(12, 6, 24, 1.0, false, 51);
  for (const Norm norm : {Norm::linf, Norm::l2, Norm::l1}) {
    Threat threat = threat_of(norm);
    threat.goal = Goal::targeted;
    const auto targeted = Fab({.threat = threat, .steps = 20})
                              .attack(*c.model, c.x, c.y, {.bounds = {-wide, wide}})
                              .results;
    const auto fmn =
        Fmn({.threat = threat}).attack(*c.model, c.x, c.y, {.bounds = {-wide, wide}}).results;
    for (std::size_t i = 0; i < targeted.size(); ++i) {
      CHECK(targeted[i].decision == (label_at(c.y, i) + 1) % 6);
      CHECK(fmn[i].decision == (label_at(c.y, i) + 1) % 6);
      // A target's region has several faces, of which FAB sees one at a time.
      CHECK(targeted[i].distance <= 1.25 * fmn[i].distance);
    }
    threat.goal = Goal::any_of;
    threat.classes = {0, 1};
    const auto any = Fab({.threat = threat, .steps = 20})
                         .attack(*c.model, c.x, c.y, {.bounds = {-wide, wide}})
                         .results;
    for (const auto& r : any)
      if (std::isfinite(r.distance)) CHECK((r.decision == 0 || r.decision == 1));
  }
}

TEST_CASE("fab asks about one pass forward and one back a step", "[robustness][minimum_norm]") {
  const PlanesCase c = planes_case(16, 10, 36, 1.0, false, 61);
  c.model->balls = false;
  const auto out = Fab({.threat = threat_of(Norm::l2), .steps = 50, .n_targets = 1, .polish = 0})
                       .attack(*c.model, c.x, c.y, {.bounds = {-wide, wide}});
  for (const auto& r : out.results) {
    CHECK(r.forwards <= 2 * 50 + 3);
    CHECK(r.backwards <= 50 + 2);
  }
}

TEST_CASE("minimum-norm attacks refuse the norms they do not measure in",
          "[robustness][minimum_norm]") {
  CHECK_THROWS_WITH(Ddn({.threat = {.norm = Norm::linf}}),
                    "Ddn: expected norm l2, got linf (use Fmn, which knows all four norms)");
  CHECK_THROWS_AS(Fab({.threat = {.norm = Norm::l0, .eps = {1.0}}}), ValueError);
  CHECK_THROWS_AS(DeepFool({.threat = {.norm = Norm::l1}}), ValueError);
  CHECK_THROWS_AS(CarliniWagner({.threat = {.norm = Norm::l1}}), ValueError);
  CHECK_THROWS_AS(Ead({.threat = {.norm = Norm::l2}}), ValueError);
  CHECK_THROWS_AS(Fab({.steps = 0}), ValueError);
}

}  // namespace minimum_norm_test
