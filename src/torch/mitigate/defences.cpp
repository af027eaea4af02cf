#include "leadline/torch/mitigate/defences.hpp"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"
#include "leadline/torch/models/torch_model.hpp"

namespace leadline::mitigate {

at::Tensor smoothing_noise(at::IntArrayRef shape, std::int64_t draws, double sigma,
                           std::uint64_t seed) {
  if (!(sigma > 0 && std::isfinite(sigma)))
    throw ValueError("Smoothed", "a finite sigma above 0", std::to_string(sigma),
                     "write sigma=0.25");
  if (draws < 1)
    throw ValueError("Smoothed", "at least 1 draw", std::to_string(draws), "32 are usual");
  std::vector<std::int64_t> all{draws};
  all.insert(all.end(), shape.begin(), shape.end());
  at::Tensor noise = at::empty(all, at::kDouble);
  const std::int64_t d = noise.numel() / draws;
  auto* out = noise.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < draws; ++i) {
    stats::Rng rng(seed, "smoothed", i);
    std::generate_n(out + i * d, d, [&] { return sigma * rng.normal(); });
  }
  return noise;
}

at::Tensor vote_shares(const at::Tensor& scores, std::int64_t draws) {
  if (scores.dim() != 2 || draws < 1 || scores.size(0) % draws != 0)
    throw ShapeError("vote_shares", "scores [n * draws, k]", from_aten(scores.detach()).describe(),
                     "put the noisy copies of an input one after the other");
  const std::int64_t k = scores.size(1);
  const at::Tensor soft = scores.softmax(1).view({-1, draws, k}).mean(1);
  const at::Tensor votes = at::one_hot(scores.argmax(1), k).view({-1, draws, k});
  const at::Tensor share = soft + (votes.to(soft.scalar_type()).mean(1) - soft).detach();
  const auto n = static_cast<double>(draws);
  return ((n * share + 0.5) / (n + 0.5 * static_cast<double>(k))).log();
}

Smoothed::Smoothed(Classifier model, const SmoothedOptions& options)
    : model_(std::move(model)), options_(options) {
  (void)smoothing_noise({1}, options.draws, options.sigma, options.seed);  // refuses what is wrong
}

at::Tensor Smoothed::operator()(const at::Tensor& x) const {
  const at::Tensor noise =
      smoothing_noise(x.sizes().slice(1), options_.draws, options_.sigma, options_.seed);
  return vote_shares(model_((x.unsqueeze(1) + noise.to(x.options())).flatten(0, 1)),
                     options_.draws);
}

at::Tensor suspicion(Suspicion score, const Classifier& model, const at::Tensor& x,
                     const at::Tensor& logits, Bounds bounds) {
  if (score == Suspicion::energy) return -logits.logsumexp(1);
  const at::Tensor p = logits.softmax(1);
  if (score == Suspicion::confidence) return 1 - p.amax(1);
  const auto moved = [&](const at::Tensor& squeezed) {
    return (model(squeezed).softmax(1) - p).abs().sum(1);
  };
  const at::Tensor rounded = moved(bit_depth(x, 4, bounds));
  return x.dim() == 4 ? at::maximum(rounded, moved(median_filter(x))) : rounded;
}

double rejection_sharpness(const at::Tensor& scores, const at::Tensor& logits) {
  const double spread = scores.to(at::kDouble).std().item<double>();
  if (!(spread > 0) || logits.size(1) < 2) return 1;
  const at::Tensor top = std::get<0>(logits.topk(2, 1));
  const double lead = (top.select(1, 0) - top.select(1, 1)).median().item<double>();
  return std::max(lead, 1e-3) / spread;
}

Detector::Detector(Classifier model, const DetectorOptions& options)
    : Detector(
          model,
          [model, options](const at::Tensor& x, const at::Tensor& logits) {
            return suspicion(options.score, model, x, logits, options.bounds);
          },
          options) {}

Detector::Detector(Classifier model, Score score, const DetectorOptions& options)
    : model_(std::move(model)), score_(std::move(score)), rate_(options.false_reject_rate) {
  if (!(rate_ > 0 && rate_ < 1))
    throw ValueError("Detector", "a false_reject_rate in (0, 1)", std::to_string(rate_),
                     "0.05 rejects one honest input in twenty");
}

Detector& Detector::fit(const at::Tensor& honest) {
  const at::NoGradGuard no_graph;
  std::vector<at::Tensor> scores, logits;
  for (const at::Tensor& part : honest.split(256)) {
    logits.push_back(model_(part));
    scores.push_back(score_(part, logits.back()));
  }
  const at::Tensor found = at::cat(scores);
  threshold_ = rejection_threshold(found, rate_);
  sharpness_ = rejection_sharpness(found, at::cat(logits));
  return *this;
}

at::Tensor Detector::operator()(const at::Tensor& x) const {
  if (!threshold_)
    throw ValueError("Detector", "a threshold", "none", "call fit(x) with honest inputs first");
  const at::Tensor logits = model_(x);
  return with_rejection(logits, score_(x, logits), *threshold_, sharpness_);
}

}  // namespace leadline::mitigate
