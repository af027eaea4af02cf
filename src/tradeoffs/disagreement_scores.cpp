#include "tradeoffs/disagreement_scores.hpp"

#include <algorithm>
#include <cmath>

#include "leadline/stats/friedman.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::disagreement {

std::vector<double> scores_of(std::size_t n_models, std::span<const Specification> specifications,
                              const std::map<std::string, std::vector<double>>& weights) {
  std::vector<double> out;
  for (const Specification& one : specifications) {
    const std::size_t items = one.values.size() / n_models;
    const double sign = one.better == Better::lower ? -1 : 1;
    const auto found = weights.find(one.benchmark);
    for (std::size_t m = 0; m < n_models; ++m) {
      double sum = 0, total = 0;
      for (std::size_t i = 0; i < items; ++i) {
        const double w = found == weights.end() ? 1 : found->second[i];
        sum += w * one.values[m * items + i];
        total += w;
      }
      out.push_back(total > 0 ? sign * sum / total : undefined);
    }
  }
  return out;
}

/// Share of pairs of models and of specifications with the same order.
double sign_agreement(std::span<const double> scores, std::size_t k, std::size_t s) {
  double same = 0, pairs = 0;
  const auto sign = [](double v) { return (v > 0) - (v < 0); };
  for (std::size_t a = 0; a < s; ++a)
    for (std::size_t b = 0; b < a; ++b)
      for (std::size_t i = 0; i < k; ++i)
        for (std::size_t j = 0; j < i; ++j) {
          const int x = sign(scores[a * k + i] - scores[a * k + j]);
          const int y = sign(scores[b * k + i] - scores[b * k + j]);
          same += x == 0 || y == 0 ? 0.5 : x == y ? 1 : 0;
          ++pairs;
        }
  return same / pairs;
}

double tau(std::span<const double> scores, std::size_t k, std::size_t a, std::size_t b) {
  return stats::kendall_tau_b(scores.subspan(a * k, k), scores.subspan(b * k, k));
}

std::vector<double> statistics(std::span<const double> scores, std::size_t k, std::size_t s,
                               std::size_t first, std::size_t second) {
  for (const double score : scores)
    if (std::isnan(score)) return std::vector<double>(2 + s * (s - 1) / 2 + s, undefined);
  std::vector<double> out{sign_agreement(scores, k, s), 0};
  double sum = 0, defined = 0;
  for (std::size_t a = 0; a < s; ++a)
    for (std::size_t b = 0; b < a; ++b) {
      out.push_back(tau(scores, k, a, b));
      if (std::isnan(out.back())) continue;
      sum += out.back();
      ++defined;
    }
  out[1] = defined > 0 ? sum / defined : undefined;
  for (std::size_t a = 0; a < s; ++a) out.push_back(scores[a * k + first] - scores[a * k + second]);
  return out;
}

std::vector<std::vector<double>> resampled(std::size_t n_models,
                                           std::span<const Specification> specifications,
                                           const tradeoffs::DisagreementOptions& options,
                                           std::size_t first, std::size_t second) {
  std::map<std::string, std::size_t> items;
  for (const Specification& one : specifications)
    items[one.benchmark] = one.values.size() / n_models;
  const bool any =
      std::any_of(items.begin(), items.end(), [](const auto& i) { return i.second > 1; });
  std::vector<std::vector<double>> draws;
  for (std::int64_t r = 0; any && r < options.replicates; ++r) {
    std::map<std::string, std::vector<double>> weights;
    for (const auto& [benchmark, n] : items) {
      if (n < 2) continue;
      const stats::Stream stream(options.seed, "disagreement/" + benchmark);
      auto& own = weights[benchmark];
      for (std::size_t i = 0; i < n; ++i)
        own.push_back(
            stream.at(static_cast<std::int64_t>(i), static_cast<std::uint64_t>(r)).poisson1());
    }
    draws.push_back(statistics(scores_of(n_models, specifications, weights), n_models,
                               specifications.size(), first, second));
  }
  return draws;
}

Shares variance_shares(std::span<const double> scores, std::size_t k,
                       std::span<const Specification> specifications) {
  const std::size_t s = specifications.size();
  std::vector<double> z(scores.begin(), scores.end());
  for (std::size_t a = 0; a < s; ++a) {
    double mean = 0, squares = 0;
    for (std::size_t m = 0; m < k; ++m) mean += z[a * k + m] / static_cast<double>(k);
    for (std::size_t m = 0; m < k; ++m) {
      z[a * k + m] -= mean;
      squares += z[a * k + m] * z[a * k + m];
    }
    if (squares > 0)
      for (std::size_t m = 0; m < k; ++m) z[a * k + m] /= std::sqrt(squares);
  }
  double total = 0;
  for (const double v : z) total += v * v;
  Shares out;
  if (total <= 0) return out;
  std::vector<double> main(k);
  for (std::size_t m = 0; m < k; ++m) {
    for (std::size_t a = 0; a < s; ++a) main[m] += z[a * k + m] / static_cast<double>(s);
    out.model += static_cast<double>(s) * main[m] * main[m];
  }
  // effect of model by level of a factor: mean over its specifications, less the main effect
  const auto interaction = [&](auto level_of) {
    std::map<std::string, std::vector<std::size_t>> levels;
    for (std::size_t a = 0; a < s; ++a) levels[level_of(specifications[a])].push_back(a);
    double sum = 0;
    for (const auto& [name, members] : levels)
      for (std::size_t m = 0; m < k; ++m) {
        double mean = 0;
        for (const std::size_t a : members)
          mean += z[a * k + m] / static_cast<double>(members.size());
        sum += static_cast<double>(members.size()) * (mean - main[m]) * (mean - main[m]);
      }
    return sum;
  };
  out.benchmark = interaction([](const Specification& one) { return one.benchmark; });
  out.metric = interaction([](const Specification& one) { return one.metric; });
  // with one specification a level the factors overlap: benchmark first, metric takes what is left
  out.metric = std::min(out.metric, std::max(0.0, total - out.model - out.benchmark));
  out.rest = std::max(0.0, total - out.model - out.benchmark - out.metric);
  for (double* share : {&out.model, &out.benchmark, &out.metric, &out.rest}) *share /= total;
  return out;
}

}  // namespace leadline::detail::disagreement
