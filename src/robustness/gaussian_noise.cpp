#include "leadline/robustness/gaussian_noise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/own_loop.hpp"
#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"
#include "noise_run.hpp"

namespace leadline::detail::gaussian_noise {

/// Standard normals of a batch, [n, d], keyed by sample.
std::vector<float> normals(Session& session, std::span<const SampleId> ids, std::int64_t d,
                           std::int64_t repeat) {
  std::vector<float> all(ids.size() * static_cast<std::size_t>(d));
  const std::string stream = fmt::format("noise/{}", repeat);
  for (std::size_t i = 0; i < ids.size(); ++i)
    session.rng(stream, ids[i])
        .fill_normal(
            std::span(all).subspan(i * static_cast<std::size_t>(d), static_cast<std::size_t>(d)));
  return all;
}

template <class T>
Tensor add_noise(const Tensor& host, const std::vector<float>& noise, double sigma,
                 std::optional<std::pair<double, double>> bounds) {
  const T* x = host.data<T>();
  std::vector<T> out(noise.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    double value = static_cast<double>(x[i]) + sigma * static_cast<double>(noise[i]);
    if (bounds) value = std::clamp(value, bounds->first, bounds->second);
    if constexpr (std::is_same_v<T, std::uint8_t>)
      out[i] = static_cast<T>(std::clamp(std::round(value), 0.0, 255.0));
    else
      out[i] = static_cast<T>(value);
  }
  return Tensor::own(std::move(out), host.shape());
}

Tensor noisy(const Tensor& host, const std::vector<float>& noise, double sigma,
             std::optional<std::pair<double, double>> bounds) {
  switch (host.dtype()) {
    case DType::f16:
      return add_noise<Eigen::half>(host, noise, sigma, bounds);
    case DType::bf16:
      return add_noise<Eigen::bfloat16>(host, noise, sigma, bounds);
    case DType::f32:
      return add_noise<float>(host, noise, sigma, bounds);
    case DType::f64:
      return add_noise<double>(host, noise, sigma, bounds);
    case DType::u8:
      return add_noise<std::uint8_t>(host, noise, sigma, bounds);
    default:
      throw CapabilityError("gaussian_noise", "inputs of floats or bytes", host.describe(),
                            "noise on integers such as token ids has no meaning");
  }
}

/// One batch: clean answers, and those of each level and repeat.
struct NoiseRun::Draw {
  const Batch& batch;
  const std::vector<std::int64_t>& clean;
  const std::vector<std::int64_t>& target;                    // empty: no labels
  std::vector<std::vector<std::vector<std::int64_t>>> label;  // [level][repeat][sample]
};

NoiseRun::NoiseRun(const robustness::GaussianNoiseOptions& options, Session& session)
    : options_(options), data_(session.data().info()), flips_(session.seed()) {
  std::sort(options_.sigmas.begin(), options_.sigmas.end());
  options_.sigmas.erase(std::unique(options_.sigmas.begin(), options_.sigmas.end()),
                        options_.sigmas.end());
  levels_.push_back({});
  for (const double sigma : options_.sigmas) levels_.push_back({sigma});
}

void NoiseRun::work(Session& session) {
  const auto ids = own_loop::chosen_ids(session, options_.max_samples);
  n_total_ = std::ssize(ids);
  own_loop::visit_batches(session, *this, ids, session.batch_size(), next_,
                          [&](const Batch& batch) { visit_batch(session, batch); });
}

void NoiseRun::visit_batch(Session& session, const Batch& batch) {
  Model& model = session.subject_as<Model>();
  const auto answer = [&](const Inputs& inputs) {
    session.count_forwards(batch.size());
    return predictions_of(model.forward(inputs).output, session.output_kind(), batch.target,
                          batch.ids);
  };
  const Predictions clean = answer(batch.inputs);
  const Tensor host = batch.inputs.primary.host();
  const std::int64_t d = batch.size() == 0 ? 0 : host.n_elements() / batch.size();
  Draw draw{batch, clean.label, clean.target, {}};
  draw.label.resize(levels_.size());
  for (std::int64_t repeat = 0; repeat < options_.repeats; ++repeat) {
    const auto noise = normals(session, batch.ids, d, repeat);
    for (std::size_t k = 0; k < levels_.size(); ++k) {
      if (k == 0 && repeat > 0) {  // sigma 0 draws nothing: once is enough
        draw.label[0].push_back(draw.label[0].front());
        continue;
      }
      Inputs inputs(noisy(host, noise, levels_[k].sigma, data_.bounds), batch.inputs.extras);
      draw.label[k].push_back(answer(inputs).label);
      if (repeat == 0 && k > 0) show_flips(draw, k, inputs.primary);
    }
  }
  fold(session, draw);
}

void NoiseRun::fold(Session& session, const Draw& draw) {
  const auto n = static_cast<std::size_t>(draw.batch.size());
  const bool labelled = !draw.target.empty();
  std::vector<double> least(n, std::numeric_limits<double>::infinity());
  for (std::size_t k = 0; k < levels_.size(); ++k) {
    Level& level = levels_[k];
    std::vector<double> share(n);
    for (std::size_t i = 0; i < n; ++i) {
      std::int64_t right = 0, flips = 0;
      for (const auto& label : draw.label[k]) {
        right += labelled && label[i] == draw.target[i];
        flips += label[i] != draw.clean[i];
      }
      level.right += right;
      level.squared_right += right * right;
      level.flips += flips;
      level.squared_flips += flips * flips;
      share[i] = static_cast<double>(right) / static_cast<double>(options_.repeats);
      if (k > 0 && std::isinf(least[i]) && draw.label[k][0][i] != draw.clean[i])
        least[i] = level.sigma;
      if (k == 0 || !labelled) continue;
      const bool before = draw.label[k - 1][0][i] == draw.target[i];
      const bool now = draw.label[k][0][i] == draw.target[i];
      level.gains += now && !before;
      level.losses += before && !now;
    }
    if (k > 0 && labelled)
      session.table().put(fmt::format("{}.correct{{sigma={:g}}}", session.probe_id(), level.sigma),
                          draw.batch.ids, share);
  }
  session.table().put(session.probe_id() + ".flip_sigma", draw.batch.ids, least);
  for (std::size_t i = 0; i < n; ++i) {
    n_zero_changed_ += draw.label[0][0][i] != draw.clean[i];
    n_clean_right_ += labelled && draw.clean[i] == draw.target[i];
  }
  n_ += draw.batch.size();
  if (labelled) n_labelled_ += draw.batch.size();
}

void NoiseRun::show_flips(const Draw& draw, std::size_t k, const Tensor& noisy) {
  const auto& label = draw.label[k].front();
  const double severity = 1 / levels_[k].sigma;  // flipped by less noise is worse
  const auto name = [&](std::int64_t c) {
    return c >= 0 && c < std::ssize(data_.class_names)
               ? data_.class_names[static_cast<std::size_t>(c)]
               : std::to_string(c);
  };
  for (std::size_t i = 0; i < label.size(); ++i) {
    const SampleId id = draw.batch.ids[i];
    if (label[i] == draw.clean[i] || !flips_.wants(id, severity)) continue;
    if (!draw.target.empty() && draw.clean[i] != draw.target[i]) continue;  // was wrong before
    Exhibit exhibit;
    exhibit.id = id;
    exhibit.severity = severity;
    exhibit.kind = Exhibit::row;
    exhibit.title = fmt::format("{} becomes {}", name(draw.clean[i]), name(label[i]));
    exhibit.caption = fmt::format("sample {}, noise of {:g}", id, levels_[k].sigma);
    const auto row = static_cast<std::int64_t>(i);
    auto before = image_of(draw.batch.inputs.primary, row, data_.bounds);
    auto after = image_of(noisy, row, data_.bounds);
    if (data_.modality == Modality::image && before && after) {
      exhibit.kind = Exhibit::image;
      exhibit.images = {std::move(*before), std::move(*after)};
      exhibit.labels = {name(draw.clean[i]), name(label[i])};
    }
    flips_.add(std::move(exhibit));
  }
}

void NoiseRun::merge(const ProbeRun& other) {
  const auto& run = dynamic_cast<const NoiseRun&>(other);
  next_ += run.next_;
  n_ += run.n_;
  n_labelled_ += run.n_labelled_;
  n_clean_right_ += run.n_clean_right_;
  n_zero_changed_ += run.n_zero_changed_;
  n_total_ += run.n_total_;
  for (std::size_t k = 0; k < levels_.size(); ++k) {
    levels_[k].right += run.levels_[k].right;
    levels_[k].squared_right += run.levels_[k].squared_right;
    levels_[k].flips += run.levels_[k].flips;
    levels_[k].squared_flips += run.levels_[k].squared_flips;
    levels_[k].gains += run.levels_[k].gains;
    levels_[k].losses += run.levels_[k].losses;
  }
  flips_.merge(run.flips_);
}

std::string NoiseRun::save() const {
  State state("gaussian_noise");
  std::vector<std::int64_t> counts{next_,           n_,      n_labelled_, n_clean_right_,
                                   n_zero_changed_, n_total_};
  for (const Level& level : levels_)
    counts.insert(counts.end(), {level.right, level.squared_right, level.flips, level.squared_flips,
                                 level.gains, level.losses});
  state.set("counts", std::move(counts));
  flips_.save(state, "flips");
  return state.dump();
}

void NoiseRun::load(std::string_view text) {
  const State state = State::parse(text, "gaussian_noise");
  const auto& counts = state.integers("counts", 6 + 6 * std::ssize(levels_));
  const std::int64_t most = counts[1] * options_.repeats;
  if (std::any_of(counts.begin(), counts.end(), [](std::int64_t c) { return c < 0; }) ||
      counts[2] > counts[1] || counts[3] > counts[2] || counts[4] > counts[1])
    throw StoreError("gaussian_noise.load", "counts that agree", "others",
                     "the saved state is damaged; run again");
  for (std::size_t k = 0; k < levels_.size(); ++k)
    if (counts[6 + 6 * k] > most || counts[8 + 6 * k] > most)
      throw StoreError("gaussian_noise.load", "at most n * repeats right answers", "more",
                       "the saved state is damaged; run again");
  flips_.load(state, "flips");
  next_ = counts[0];
  n_ = counts[1];
  n_labelled_ = counts[2];
  n_clean_right_ = counts[3];
  n_zero_changed_ = counts[4];
  n_total_ = counts[5];
  for (std::size_t k = 0; k < levels_.size(); ++k) {
    const std::int64_t* at = counts.data() + 6 + 6 * k;
    levels_[k] = {levels_[k].sigma, at[0], at[1], at[2], at[3], at[4], at[5]};
  }
}

}  // namespace leadline::detail::gaussian_noise

namespace leadline::robustness {

GaussianNoise::GaussianNoise(Options options) : options_(std::move(options)) {
  check_options("GaussianNoise", options_);
  for (const double sigma : options_.sigmas)
    if (!std::isfinite(sigma))
      throw ValueError("GaussianNoise", "finite sigmas", fmt::format("{}", sigma), "");
  if (options_.sigmas.empty())
    throw ValueError("GaussianNoise", "at least one sigma", "none", "such as sigmas=[0.05, 0.1]");
}

ProbeInfo GaussianNoise::info() const {
  return {.name = "gaussian_noise",
          .question = "Does random noise on the input change its answers?",
          .access = Access::labels,
          .needs_target = false,
          .needs_random_access = true,
          .relative_cost = 2 + static_cast<double>(options_.repeats) *
                                   static_cast<double>(options_.sigmas.size())};
}

std::shared_ptr<ProbeRun> GaussianNoise::start(Session& session) const {
  if (session.output_kind() == OutputKind::values)
    throw CapabilityError("gaussian_noise", "a model that names classes",
                          "a model that returns values", "classification only");
  return std::make_shared<leadline::detail::gaussian_noise::NoiseRun>(options_, session);
}

}  // namespace leadline::robustness
