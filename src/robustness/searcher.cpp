#include "searcher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "leadline/core/error.hpp"

namespace leadline::detail::failure_search {

constexpr std::int64_t iterations = 10;  // of the cross-entropy method
constexpr double elite_share = 0.1, smoothing = 0.7, least_spread = 0.02;

double Searcher::to_units(std::size_t k, double u) const {
  const Parameter& p = parameters[k];
  return p.scale == Scale::linear ? p.low + u * (p.high - p.low)
                                  : p.low * std::pow(p.high / p.low, u);
}

Region Searcher::region_of(const Box& box) const {
  Region region;
  for (std::size_t k = 0; k < d(); ++k) {
    const auto last = static_cast<double>(parameters[k].categories.size()) - 1;
    if (is_number(k)) {
      region.range.emplace_back(to_units(k, box.low[k]), to_units(k, box.high[k]));
      region.volume *= box.high[k] - box.low[k];
    } else if (box.category[k] < 0) {
      region.range.emplace_back(0, last);
    } else {
      const auto c = static_cast<double>(box.category[k]);
      region.range.emplace_back(c, c);
      region.volume /= last + 1;
    }
  }
  return region;
}

Box Searcher::whole() const {
  return {std::vector<double>(d(), 0.0), std::vector<double>(d(), 1.0),
          std::vector<std::int64_t>(d(), -1)};
}

Point Searcher::draw_in(const Box& box, stats::Rng& rng) const {
  Point point(d());
  for (std::size_t k = 0; k < d(); ++k)
    point[k] = is_number(k) ? to_units(k, rng.uniform(box.low[k], box.high[k]))
               : box.category[k] >= 0
                   ? static_cast<double>(box.category[k])
                   : static_cast<double>(rng.below(parameters[k].categories.size()));
  return point;
}

std::vector<double> Searcher::ask(const std::vector<Point>& points, bool fresh) {
  std::vector<std::uint64_t> draws(points.size());
  std::iota(draws.begin(), draws.end(), next_draw);
  next_draw += points.size();
  rows += std::ssize(points);
  auto bad = trial(points, draws, fresh);
  if (bad.size() != points.size())
    throw ShapeError("search_failures", fmt::format("{} values of badness", points.size()),
                     std::to_string(bad.size()), "give one a point");
  if (std::any_of(bad.begin(), bad.end(), [](double b) { return std::isnan(b); }))
    throw ValueError("search_failures", "badness that is a number", "NaN",
                     "count an answer that is not finite as a failure: +inf");
  return bad;
}

Box Searcher::random_box(stats::Rng& rng) const {
  Box box = whole();
  std::int64_t numbers = 0;
  for (std::size_t k = 0; k < d(); ++k) numbers += is_number(k);
  const double side =
      numbers == 0 ? 1 : std::pow(options.region_volume, 1.0 / static_cast<double>(numbers));
  for (std::size_t k = 0; k < d(); ++k) {
    if (is_number(k)) {
      box.low[k] = rng.uniform(0, 1 - side);
      box.high[k] = box.low[k] + side;
    } else {
      box.category[k] = static_cast<std::int64_t>(rng.below(parameters[k].categories.size()));
    }
  }
  return box;
}

/// A candidate with what was seen of it.
struct Arm {
  Box box;
  std::int64_t n = 0, n_failed = 0;
  double badness = 0;  // sum, bounded a trial: breaks ties between arms without failures
  double rate() const {
    return n == 0 ? 0 : static_cast<double>(n_failed) / static_cast<double>(n);
  }
  bool better_than(const Arm& other) const {
    if (rate() != other.rate()) return rate() > other.rate();
    return badness * static_cast<double>(other.n) > other.badness * static_cast<double>(n);
  }
};

void pull(Searcher& s, std::span<Arm> arms, std::int64_t each, std::string_view stream) {
  std::vector<Point> points;
  for (Arm& arm : arms)
    for (std::int64_t r = 0; r < each; ++r) {
      stats::Rng rng(s.seed, stream, static_cast<std::int64_t>(s.next_draw + points.size()));
      points.push_back(s.draw_in(arm.box, rng));
    }
  const auto bad = s.ask(points, false);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    Arm& arm = arms[i / static_cast<std::size_t>(each)];
    ++arm.n;
    arm.n_failed += bad[i] > 0;
    arm.badness += std::clamp(bad[i], -50.0, 50.0);
  }
}

/// How many arms leave four rows each in every one of log2(arms) + 1 rounds.
std::int64_t n_arms(std::int64_t budget) {
  std::int64_t arms = 2, rounds = 2;
  while (arms < 1024 && arms * 2 * 4 * (rounds + 1) <= budget) arms *= 2, ++rounds;
  return arms;
}

std::vector<Arm> draw_arms(const Searcher& s, std::int64_t n, std::string_view stream) {
  std::vector<Arm> arms;
  for (std::int64_t k = 0; k < n; ++k) {
    stats::Rng rng(s.seed, stream, k);
    arms.push_back({s.random_box(rng)});
  }
  return arms;
}

const auto arm_order = [](const Arm& a, const Arm& b) { return a.better_than(b); };

void finish_search(Searcher& s, RegionFound& found, const Box& box, double rate) {
  found.region = s.region_of(box);
  found.searched_rate = rate;
}

Box successive_halving(Searcher& s, std::int64_t budget, RegionFound& found) {
  auto arms = draw_arms(s, n_arms(budget), "halving/arms");
  std::int64_t rounds = 1;
  for (auto left = std::ssize(arms); left > 1; left /= 2) ++rounds;
  const std::int64_t begin = s.rows;
  for (std::int64_t round = 0; round < rounds; ++round) {
    pull(s, arms, budget / rounds / std::ssize(arms), "halving");
    std::stable_sort(arms.begin(), arms.end(), arm_order);
    found.curve_rows.push_back(static_cast<double>(s.rows - begin));
    found.curve_rate.push_back(arms.front().rate());
    if (arms.size() > 1) arms.resize(arms.size() / 2);
  }
  finish_search(s, found, arms.front().box, arms.front().rate());
  return arms.front().box;
}

Box random_search(Searcher& s, std::int64_t budget, RegionFound& found) {
  auto arms = draw_arms(s, n_arms(budget), "random/arms");
  const std::int64_t each = budget / std::ssize(arms), begin = s.rows;
  const std::size_t part = std::max<std::size_t>(1, arms.size() / 10);
  std::size_t best = 0;
  for (std::size_t first = 0; first < arms.size(); first += part) {
    const auto some = std::span(arms).subspan(first, std::min(part, arms.size() - first));
    pull(s, some, each, "random");
    for (std::size_t k = first; k < first + some.size(); ++k)
      if (arms[k].better_than(arms[best])) best = k;
    found.curve_rows.push_back(static_cast<double>(s.rows - begin));
    found.curve_rate.push_back(arms[best].rate());
  }
  finish_search(s, found, arms[best].box, arms[best].rate());
  return arms[best].box;
}

/// Independent normals cut to [0, 1] and category weights, moved to the worst tenth.
struct Proposal {
  std::vector<double> mean, spread;
  std::vector<std::vector<double>> weight;

  explicit Proposal(const Searcher& s) : mean(s.d(), 0.5), spread(s.d(), 0.5), weight(s.d()) {
    for (std::size_t k = 0; k < s.d(); ++k)
      weight[k].assign(
          s.parameters[k].categories.size(),
          1.0 / static_cast<double>(std::max<std::size_t>(1, s.parameters[k].categories.size())));
  }
  double draw(std::size_t k, bool number, stats::Rng& rng) const {
    if (!number) {
      double u = rng.uniform();
      std::size_t c = 0;
      while (c + 1 < weight[k].size() && u >= weight[k][c]) u -= weight[k][c++];
      return static_cast<double>(c);
    }
    for (int attempt = 0; attempt < 100; ++attempt) {
      const double u = mean[k] + spread[k] * rng.normal();
      if (u >= 0 && u <= 1) return u;
    }
    return rng.uniform();
  }
  void move_to(const std::vector<Point>& elite, const Searcher& s) {
    const auto n = static_cast<double>(elite.size());
    for (std::size_t k = 0; k < mean.size(); ++k) {
      if (!s.is_number(k)) {
        std::vector<double> seen(weight[k].size(), 0.0);
        for (const Point& u : elite) seen[static_cast<std::size_t>(u[k])] += 1 / n;
        for (std::size_t c = 0; c < seen.size(); ++c)
          weight[k][c] = smoothing * seen[c] + (1 - smoothing) * weight[k][c];
        continue;
      }
      double m = 0, v = 0;
      for (const Point& u : elite) m += u[k] / n;
      for (const Point& u : elite) v += (u[k] - m) * (u[k] - m) / n;
      mean[k] = smoothing * m + (1 - smoothing) * mean[k];
      spread[k] = std::max(least_spread, smoothing * std::sqrt(v) + (1 - smoothing) * spread[k]);
    }
  }
  /// Sides in proportion to the spread, of the volume asked for, shifted inside.
  Box box(const Searcher& s) const {
    Box out = s.whole();
    const auto volume = [&](double factor) {
      double v = 1;
      for (std::size_t k = 0; k < mean.size(); ++k)
        if (s.is_number(k)) v *= std::min(1.0, factor * spread[k]);
      return v;
    };
    double low = 0, high = 1 / least_spread;
    for (int step = 0; step < 60; ++step)
      (volume((low + high) / 2) < s.options.region_volume ? low : high) = (low + high) / 2;
    for (std::size_t k = 0; k < mean.size(); ++k) {
      if (s.is_number(k)) {
        const double side = std::min(1.0, high * spread[k]);
        out.low[k] = std::clamp(mean[k] - side / 2, 0.0, 1 - side);
        out.high[k] = out.low[k] + side;
      } else {
        out.category[k] = std::max_element(weight[k].begin(), weight[k].end()) - weight[k].begin();
      }
    }
    return out;
  }
};

Box cross_entropy(Searcher& s, std::int64_t budget, RegionFound& found) {
  Proposal proposal(s);
  const std::int64_t each = budget / iterations, begin = s.rows;
  double rate = 0;
  for (std::int64_t round = 0; round < iterations; ++round) {
    std::vector<Point> unit, points;
    for (std::int64_t i = 0; i < each; ++i) {
      stats::Rng rng(s.seed, "cross_entropy", static_cast<std::int64_t>(s.next_draw) + i);
      Point u(s.d()), point(s.d());
      for (std::size_t k = 0; k < s.d(); ++k) {
        u[k] = proposal.draw(k, s.is_number(k), rng);
        point[k] = s.is_number(k) ? s.to_units(k, u[k]) : u[k];
      }
      unit.push_back(std::move(u));
      points.push_back(std::move(point));
    }
    const auto bad = s.ask(points, false);
    std::vector<std::size_t> order(bad.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return bad[a] > bad[b]; });
    const auto tenth =
        static_cast<std::size_t>(std::max(2.0, std::ceil(elite_share * static_cast<double>(each))));
    std::vector<Point> elite;
    for (std::size_t i = 0; i < order.size(); ++i)
      if (i < tenth || bad[order[i]] == bad[order[tenth - 1]]) elite.push_back(unit[order[i]]);
    proposal.move_to(elite, s);
    const auto failed = std::count_if(bad.begin(), bad.end(), [](double b) { return b > 0; });
    rate = static_cast<double>(failed) / static_cast<double>(each);
    found.curve_rows.push_back(static_cast<double>(s.rows - begin));
    found.curve_rate.push_back(rate);
  }
  const Box box = proposal.box(s);
  finish_search(s, found, box, rate);
  return box;
}

}  // namespace leadline::detail::failure_search
