#include "null_gap.hpp"

#include <algorithm>
#include <cmath>

#include "leadline/stats/random.hpp"
#include "leadline/stats/tests.hpp"

namespace leadline::detail::null_gap {

using fairness::GapOptions;
using fairness::GroupRate;

double range(std::span<const double> values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return *high - *low;
}

Family family_of(std::span<const GroupRate> rates) {
  Family out;
  double successes = 0, total = 0;
  for (const auto& r : rates) {
    successes += r.successes;
    total += r.n;
  }
  out.common = total > 0 ? successes / total : 0;
  for (const auto& r : rates) {
    out.value.push_back(r.rate());
    out.n.push_back(r.n);
    const double smooth = (r.successes + 0.5) / (r.n + 1);
    out.error.push_back(std::sqrt(smooth * (1 - smooth) / std::max(r.n, 1.0)));
  }
  return out;
}

bool whole(double n) { return n == std::floor(n); }

/// Standard error of each group at the common value.
std::vector<double> null_errors(const Family& family) {
  if (family.n.empty()) return family.error;
  std::vector<double> out;
  for (const double n : family.n)
    out.push_back(std::sqrt(family.common * (1 - family.common) / std::max(n, 1.0)));
  return out;
}

bool draws_counts(const Family& family) {
  const double rare = std::min(family.common, 1 - family.common);
  return !family.n.empty() && std::all_of(family.n.begin(), family.n.end(), whole) &&
         std::any_of(family.n.begin(), family.n.end(), [&](double n) { return n * rare <= 100; });
}

/// Standard normals of every family, [replicates * groups] each.
using Normals = std::vector<std::vector<double>>;
Normals normals(std::span<const Family> families, const GapOptions& options, std::int64_t count) {
  Normals out;
  for (std::size_t f = 0; f < families.size(); ++f) {
    std::vector<double>& z =
        out.emplace_back(families[f].value.size() * static_cast<std::size_t>(count));
    stats::Rng(options.seed, "fairness.null", static_cast<std::int64_t>(f)).fill_normal(z);
  }
  return out;
}

/// Statistic of replicate `b` when the values are spread by `scale` of what was seen.
class Draw {
 public:
  Draw(std::span<const Family> families, const Normals& z, const Statistic& statistic)
      : families_(families), z_(z), statistic_(statistic) {
    for (const auto& family : families) values_.emplace_back(family.value.size());
    for (const auto& values : values_) views_.emplace_back(values);
  }
  double at(std::size_t b, double scale, std::span<const std::vector<double>> errors) {
    for (std::size_t f = 0; f < families_.size(); ++f) {
      const auto& family = families_[f];
      const std::size_t n = family.value.size();
      for (std::size_t g = 0; g < n; ++g)
        values_[f][g] = family.common + scale * (family.value[g] - family.common) +
                        errors[f][g] * z_[f][b * n + g];
    }
    return statistic_(views_);
  }
  double counted(stats::Rng& rng, std::span<const std::vector<double>> errors, std::size_t b) {
    at(b, 0, errors);
    for (std::size_t f = 0; f < families_.size(); ++f) {
      const auto& family = families_[f];
      if (!draws_counts(family)) continue;
      for (std::size_t g = 0; g < family.n.size(); ++g)
        values_[f][g] = static_cast<double>(
                            rng.binomial(static_cast<std::int64_t>(family.n[g]), family.common)) /
                        family.n[g];
    }
    return statistic_(views_);
  }

 private:
  std::span<const Family> families_;
  const Normals& z_;
  const Statistic& statistic_;
  std::vector<std::vector<double>> values_;
  std::vector<std::span<const double>> views_;
};

/// The share of the pattern seen at which the statistic seen is the expected one.
double shrink(Draw& draw, std::span<const std::vector<double>> errors, double seen,
              std::size_t replicates) {
  const auto mean_at = [&](double scale) {
    double sum = 0;
    for (std::size_t b = 0; b < replicates; ++b) sum += draw.at(b, scale, errors);
    return sum / static_cast<double>(replicates);
  };
  if (mean_at(0) >= seen) return 0;
  double low = 0, high = 1;
  for (int i = 0; i < 12; ++i) {
    const double middle = (low + high) / 2;
    (mean_at(middle) < seen ? low : high) = middle;
  }
  return (low + high) / 2;
}

Null simulate(std::span<const Family> families, const Statistic& statistic, double seen,
              const GapOptions& options) {
  const auto replicates = static_cast<std::size_t>(options.replicates);
  const Normals z = normals(families, options, options.replicates);
  Draw draw(families, z, statistic);
  std::vector<std::vector<double>> parity, own;
  for (const auto& family : families) {
    parity.push_back(null_errors(family));
    own.push_back(family.error);
  }
  const bool counted = std::any_of(families.begin(), families.end(), draws_counts);
  stats::Rng rng(options.seed, "fairness.null_counts");
  Null out;
  std::int64_t as_large = 0;
  for (std::size_t b = 0; b < replicates; ++b) {
    const double value = counted ? draw.counted(rng, parity, b) : draw.at(b, 0, parity);
    out.mean += value / static_cast<double>(replicates);
    as_large += value >= seen - 1e-12;
  }
  out.p_value = stats::permutation_p_value(as_large, options.replicates);
  if (seen > 0)
    out.corrected = seen * shrink(draw, own, seen, std::min<std::size_t>(replicates, 500));
  return out;
}

}  // namespace leadline::detail::null_gap
