#include <algorithm>
#include <cmath>
#include <map>

#include "attack_scores.hpp"
#include "leadline/core/error.hpp"
#include "minimum_norm.hpp"
#include "universal.hpp"

namespace leadline::detail::universal {

using robustness::Goal;

bool misled(const AttackPlan& plan, std::int64_t clean, std::int64_t label) {
  return robustness::reaches(plan.goal, plan.classes, {.label = clean}, label);
}

std::vector<std::int64_t> decide(Model& model, const Inputs& inputs, OutputKind output,
                                 std::int64_t n) {
  return attack_scores::read(model.forward(inputs).output, output, n).label;
}

namespace {

/// Samples are misled by a clear margin when the log odds of the goal exceed this.
constexpr double clear_margin = 2;

/// dz <- the slope of the log odds of the goal; false, and all zero, once they are clearly won.
bool climb_odds(const AttackPlan& plan, std::int64_t clean, std::span<const double> z,
                std::span<double> dz) {
  const double most = *std::max_element(z.begin(), z.end());
  double good = 0, bad = 0;
  for (std::size_t c = 0; c < z.size(); ++c) {
    dz[c] = std::exp(z[c] - most);
    (misled(plan, clean, static_cast<std::int64_t>(c)) ? good : bad) += dz[c];
  }
  const bool won = good > 0 && std::log(good) - std::log(bad) > clear_margin;
  if (won || !std::isfinite(most)) {
    std::fill(dz.begin(), dz.end(), 0.0);
    return false;
  }
  for (std::size_t c = 0; c < z.size(); ++c)
    dz[c] = misled(plan, clean, static_cast<std::int64_t>(c)) ? dz[c] / good : -dz[c] / bad;
  return true;
}

class Fitter {
 public:
  Fitter(Model& model, Canvas& canvas, std::int64_t batch_size, const FitIo& io, Fitted& out)
      : model_(model), canvas_(canvas), batch_size_(batch_size), io_(io), out_(out) {}

  /// The answers of the clean model, by position; those that are in the goal already are left out.
  std::vector<SampleId> begin(std::span<const SampleId> ids) {
    std::vector<SampleId> kept;
    for_batches(ids, [&](std::span<const SampleId> some, const Inputs& inputs) {
      const auto labels =
          decide(model_, inputs, canvas_.plan().output, static_cast<std::int64_t>(some.size()));
      count(some.size(), 0);
      for (std::size_t i = 0; i < some.size(); ++i) {
        clean_[some[i]] = labels[i];
        const auto& classes = canvas_.plan().classes;
        if (std::find(classes.begin(), classes.end(), labels[i]) == classes.end())
          kept.push_back(some[i]);
      }
    });
    out_.n = std::ssize(kept);
    return kept;
  }

  /// sum <- the gradient over `ids`.
  void gradient(std::span<const SampleId> ids, std::uint64_t round, std::vector<double>& sum) {
    std::fill(sum.begin(), sum.end(), 0.0);
    for_batches(ids, [&](std::span<const SampleId> some, const Inputs& inputs) {
      const Tensor clean = inputs.primary.host();
      const Tensor slopes =
          slopes_of(some, Inputs(canvas_.put(clean, some, out_.change, round), inputs.extras));
      if (round == 1) count_zero(slopes);
      canvas_.gather(clean, some, out_.change, round, slopes, sum);
    });
  }

 private:
  void for_batches(std::span<const SampleId> ids, auto&& visit) {
    for (std::size_t first = 0; first < ids.size() && out_.complete;
         first += static_cast<std::size_t>(batch_size_)) {
      const auto some =
          ids.subspan(first, std::min(static_cast<std::size_t>(batch_size_), ids.size() - first));
      visit(some, io_.fetch(some));
      out_.complete = !(io_.stop && io_.stop());
    }
  }

  Tensor slopes_of(std::span<const SampleId> ids, const Inputs& inputs) {
    const auto n = static_cast<std::int64_t>(ids.size());
    const Pullback pull = model_.pullback(inputs);
    const OutputKind output = canvas_.plan().output;
    const auto scores = attack_scores::read(pull.outputs.output, output, n);
    const auto k = static_cast<std::size_t>(scores.k);
    if (k == 0)
      throw CapabilityError("universal_perturbation", "a model that gives scores",
                            "one that gives labels only", "attack it with HopSkipJump");
    std::vector<double> dz(scores.logits.size(), 0.0);
    climbs_.assign(ids.size(), false);
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (scores.label[i] >= 0)
        climbs_[i] =
            climb_odds(canvas_.plan(), clean_.at(ids[i]),
                       std::span(scores.logits).subspan(i * k, k), std::span(dz).subspan(i * k, k));
    count(ids.size(), ids.size());
    return pull.vjp(attack_scores::slope_of(scores, output, dz, pull.outputs.output))
        .host(DType::f64);
  }

  void count_zero(const Tensor& slopes) {
    const std::int64_t n = slopes.size(0), d = n == 0 ? 0 : slopes.n_elements() / n;
    for (std::int64_t i = 0; i < n; ++i) {
      if (!climbs_[static_cast<std::size_t>(i)]) continue;
      const double* g = slopes.data<double>() + i * d;
      ++out_.n_climbed;
      out_.n_zero += std::all_of(g, g + d, [](double v) { return v == 0; });
    }
  }
  void count(std::size_t forwards, std::size_t backwards) {
    if (io_.count)
      io_.count(static_cast<std::int64_t>(forwards), static_cast<std::int64_t>(backwards));
  }

  Model& model_;
  Canvas& canvas_;
  std::int64_t batch_size_;
  const FitIo& io_;
  Fitted& out_;
  std::map<SampleId, std::int64_t> clean_;
  std::vector<bool> climbs_;  // of the batch last asked: what is not won yet
};

}  // namespace

Fitted fit(Model& model, Canvas& canvas, std::span<const SampleId> ids,
           const robustness::UniversalPerturbationOptions& options, std::int64_t batch_size,
           std::uint64_t seed, const FitIo& io) {
  constexpr double momentum = 0.9, last_share = 0.05;
  Fitted out{.change = canvas.start()};
  Fitter fitter(model, canvas, batch_size, io, out);
  const std::vector<SampleId> kept = fitter.begin(ids);
  const std::int64_t n = std::ssize(kept), size = options.fit_batch;
  const auto steps = static_cast<int>((n + size - 1) / size) * options.epochs;
  std::vector<double> sum(out.change.size()), way(sum.size(), 0.0);
  int step = 0;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    const stats::Permutation order(n, seed, "universal/order", static_cast<std::uint64_t>(epoch));
    for (std::int64_t first = 0; first < n && out.complete; first += size, ++step) {
      std::vector<SampleId> batch;
      for (std::int64_t i = first; i < std::min(first + size, n); ++i)
        batch.push_back(kept[static_cast<std::size_t>(order(i))]);
      fitter.gradient(batch, static_cast<std::uint64_t>(epoch) + 1, sum);
      double mean = 0;
      for (const double v : sum) mean += std::abs(v) / static_cast<double>(sum.size());
      for (std::size_t j = 0; j < way.size(); ++j)
        way[j] = momentum * way[j] + (mean > 0 ? sum[j] / mean : 0.0);
      canvas.ascend(way, options.step_size * minimum_norm::cosine(step, steps, last_share),
                    out.change);
    }
  }
  return out;
}

}  // namespace leadline::detail::universal
