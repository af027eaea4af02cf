#include "leadline/explain/permutation_importance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "core/own_loop.hpp"
#include "importance_run.hpp"
#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"

namespace leadline::detail::permutation_importance {

using explain::ImportanceLoss;

/// What `automatic` stands for.
ImportanceLoss settled(ImportanceLoss loss, OutputKind kind) {
  if (loss != ImportanceLoss::automatic) return loss;
  return kind == OutputKind::labels   ? ImportanceLoss::zero_one
         : kind == OutputKind::values ? ImportanceLoss::squared_error
                                      : ImportanceLoss::log_loss;
}

ImportanceRun::ImportanceRun(const explain::PermutationImportanceOptions& options, Session& session)
    : options_(options), data_(session.data().info()) {
  const OutputKind kind = session.output_kind();
  options_.loss = settled(options.loss, kind);
  if (options_.loss == ImportanceLoss::log_loss && kind == OutputKind::labels)
    throw CapabilityError("permutation_importance", "scores for the log loss", "labels only",
                          "use loss='zero_one'");
  if ((options_.loss == ImportanceLoss::squared_error) != (kind == OutputKind::values))
    throw CapabilityError("permutation_importance",
                          "squared error for values, log loss or zero-one for classes",
                          std::string(name_of(kind)), "use loss='automatic'");
}

void ImportanceRun::work(Session& session) {
  const auto ids = own_loop::chosen_ids(session, options_.max_samples);
  n_total_ = std::ssize(ids);
  own_loop::visit_batches(session, *this, ids, session.batch_size(), next_,
                          [&](const Batch& batch) { visit_batch(session, batch); });
}

std::vector<double> squared_errors(const Tensor& output, const Batch& batch) {
  const Tensor given = output.host(DType::f64), truth = batch.target.host(DType::f64);
  if (given.n_elements() != batch.size() || truth.n_elements() != batch.size())
    throw ShapeError("permutation_importance", "one value a sample",
                     output.describe() + " for targets " + batch.target.describe(),
                     "models of several values are not supported");
  std::vector<double> all;
  for (std::int64_t i = 0; i < batch.size(); ++i) {
    const double miss = given.data<double>()[i] - truth.data<double>()[i];
    if (!std::isfinite(miss))
      throw DataError("permutation_importance", "finite outputs",
                      fmt::format("{} for sample {}", given.data<double>()[i],
                                  batch.ids[static_cast<std::size_t>(i)]),
                      "check the model");
    all.push_back(miss * miss);
  }
  return all;
}

ImportanceRun::Losses ImportanceRun::losses(Session& session, const Batch& batch,
                                            const Inputs& inputs) const {
  session.count_forwards(batch.size());
  const Outputs out = session.subject_as<Model>().forward(inputs);
  if (options_.loss == ImportanceLoss::squared_error)
    return {squared_errors(out.output, batch), {}};
  Predictions seen = predictions_of(out.output, session.output_kind(), batch.target, batch.ids);
  if (seen.correct.empty())
    throw CapabilityError("permutation_importance", "integer class labels", batch.target.describe(),
                          "pass class numbers as target");
  Losses all{std::move(seen.loss), std::move(seen.correct)};
  if (options_.loss == ImportanceLoss::zero_one) {
    all.loss.clear();
    for (const auto right : all.right) all.loss.push_back(right ? 0.0 : 1.0);
  }
  return all;
}

void ImportanceRun::fold_baseline(const Batch& batch, const Losses& base) {
  for (const double loss : base.loss) {
    if (std::isfinite(loss)) baseline_.add(loss);
    n_infinite_ += !std::isfinite(loss);
  }
  if (options_.loss == ImportanceLoss::squared_error) {
    const Tensor truth = batch.target.host(DType::f64);
    target_.add(std::span(truth.data<double>(), static_cast<std::size_t>(batch.size())));
    return;
  }
  const Tensor truth = batch.target.host(DType::i64);
  for (std::int64_t i = 0; i < batch.size(); ++i) {
    const auto label = static_cast<std::size_t>(truth.data<std::int64_t>()[i]);
    if (label >= class_counts_.size()) class_counts_.resize(label + 1);
    ++class_counts_[label];
  }
}

void ImportanceRun::visit_batch(Session& session, const Batch& batch) {
  const Tensor host = batch.inputs.primary.host();
  if (host.rank() != 2)
    throw CapabilityError("permutation_importance", "a table, inputs [n, n_features]",
                          host.describe(), "for images use an attribution probe");
  rise_.resize(static_cast<std::size_t>(host.size(1)));
  halves_.resize(rise_.size());
  squares_.resize(rise_.size());
  const Losses base = losses(session, batch, batch.inputs);
  fold_baseline(batch, base);
  const Losses again = losses(session, batch, batch.inputs);  // only the shadow column differs
  for (std::size_t i = 0; i < base.loss.size(); ++i) {
    const double change = again.loss[i] - base.loss[i];
    if (!std::isfinite(change)) continue;
    shadow_.add(change);
    n_shadow_changed_ += std::abs(change) > 1e-6 * (1 + std::abs(base.loss[i]));
  }
  shuffle_columns(session, batch, base, host);
}

void ImportanceRun::shuffle_columns(Session& session, const Batch& batch, const Losses& base,
                                    const Tensor& host) {
  const std::int64_t n = batch.size(), width = host.size(1), repeats = options_.repeats;
  const std::int64_t n_first = (repeats + 1) / 2, n_second = repeats - n_first;
  std::vector<double> sum(static_cast<std::size_t>(n * width)), half(sum.size());
  const std::size_t size = bytes_of(host.dtype());
  const auto* own = static_cast<const std::byte*>(host.layout().data);
  std::vector<std::byte> values(own, own + sum.size() * size);
  for (std::int64_t repeat = 0; repeat < repeats; ++repeat) {
    const stats::Permutation permutation(data_.size.value_or(0), session.seed(),
                                         session.probe_id() + "/rows",
                                         static_cast<std::uint64_t>(repeat));
    std::vector<SampleId> donors;
    for (const SampleId id : batch.ids) donors.push_back(permutation(id));
    const Tensor lent = session.data().batch(donors).inputs.primary.host();
    const auto* other = static_cast<const std::byte*>(lent.layout().data);
    const auto put = [&](const std::byte* from, std::size_t at) {
      std::memcpy(values.data() + at * size, from + at * size, size);
    };
    for (std::int64_t i = 0; i < n; ++i)
      for (const SampleId id :
           {batch.ids[static_cast<std::size_t>(i)], donors[static_cast<std::size_t>(i)]}) {
        Part& part = parts_[id];
        ++part.pairs;
        part.rise.resize(static_cast<std::size_t>(width));
      }
    for (std::int64_t f = 0; f < width; ++f) {
      for (std::int64_t at = f; at < n * width; at += width)
        put(other, static_cast<std::size_t>(at));
      const Inputs inputs(Tensor::copy(values.data(), host.dtype(), host.shape()),
                          batch.inputs.extras);
      const Losses shuffled = losses(session, batch, inputs);
      for (std::int64_t i = 0; i < n; ++i) {
        const auto at = static_cast<std::size_t>(i * width + f), row = static_cast<std::size_t>(i);
        const double change = shuffled.loss[row] - base.loss[row];
        put(own, at);
        if (!std::isfinite(change)) {
          n_infinite_ += std::isfinite(base.loss[row]);
          continue;
        }
        sum[at] += change / static_cast<double>(repeats);
        const auto feature = static_cast<std::size_t>(f);
        parts_.at(batch.ids[row]).rise[feature] += change;
        parts_.at(donors[row]).rise[feature] += change;
        squares_[feature] += change * change;
        if (n_second > 0)
          half[at] += repeat < n_first ? change / static_cast<double>(n_first)
                                       : -change / static_cast<double>(n_second);
      }
    }
  }
  for (std::size_t at = 0; at < sum.size(); ++at) {
    const std::size_t f = at % static_cast<std::size_t>(width);
    rise_[f].add(sum[at]);
    if (n_second > 0) halves_[f].add(half[at]);
  }
}

void ImportanceRun::merge(const ProbeRun& other) {
  const auto& run = dynamic_cast<const ImportanceRun&>(other);
  next_ += run.next_;
  n_total_ += run.n_total_;
  n_infinite_ += run.n_infinite_;
  n_shadow_changed_ += run.n_shadow_changed_;
  baseline_.merge(run.baseline_);
  target_.merge(run.target_);
  shadow_.merge(run.shadow_);
  class_counts_.resize(std::max(class_counts_.size(), run.class_counts_.size()));
  for (std::size_t c = 0; c < run.class_counts_.size(); ++c)
    class_counts_[c] += run.class_counts_[c];
  rise_.resize(std::max(rise_.size(), run.rise_.size()));
  halves_.resize(rise_.size());
  for (std::size_t f = 0; f < run.rise_.size(); ++f) {
    rise_[f].merge(run.rise_[f]);
    halves_[f].merge(run.halves_[f]);
  }
  squares_.resize(rise_.size());
  for (std::size_t f = 0; f < run.squares_.size(); ++f) squares_[f] += run.squares_[f];
  for (const auto& [id, theirs] : run.parts_) {
    Part& part = parts_[id];
    part.pairs += theirs.pairs;
    part.rise.resize(rise_.size());
    for (std::size_t f = 0; f < theirs.rise.size(); ++f) part.rise[f] += theirs.rise[f];
  }
}

std::string ImportanceRun::save() const {
  State state("permutation_importance");
  std::vector<std::int64_t> sizes;
  std::vector<double> values;
  const auto put = [&](const stats::Moments& m) {
    sizes.push_back(m.n);
    values.insert(values.end(), {m.mean, m.m2, m.min, m.max});
  };
  put(baseline_);
  put(target_);
  put(shadow_);
  for (std::size_t f = 0; f < rise_.size(); ++f) {
    put(rise_[f]);
    put(halves_[f]);
  }
  state.set("counts", std::vector<std::int64_t>{next_, n_total_, n_infinite_, n_shadow_changed_});
  state.set("classes", class_counts_);
  state.set("sizes", std::move(sizes)).set("moments", std::move(values));
  std::vector<std::int64_t> ids, pairs;
  std::vector<double> rises;
  for (const auto& [id, part] : parts_) {
    ids.push_back(id);
    pairs.push_back(part.pairs);
    rises.insert(rises.end(), part.rise.begin(), part.rise.end());
  }
  state.set("part_ids", std::move(ids)).set("part_pairs", std::move(pairs));
  state.set("part_rises", std::move(rises)).set("squares", squares_);
  return state.dump();
}

void ImportanceRun::load(std::string_view text) {
  const State state = State::parse(text, "permutation_importance");
  const auto& counts = state.integers("counts", 4);
  const auto& classes = state.integers("classes");
  const auto& sizes = state.integers("sizes");
  const auto& values = state.numbers("moments", 4 * std::ssize(sizes));
  const auto bad = [](std::int64_t c) { return c < 0; };
  if (sizes.size() < 3 || sizes.size() % 2 == 0 || std::any_of(sizes.begin(), sizes.end(), bad) ||
      std::any_of(counts.begin(), counts.end(), bad) ||
      std::any_of(classes.begin(), classes.end(), bad))
    throw StoreError("permutation_importance.load", "counts and moments that agree", "others",
                     "the saved state is damaged; run again");
  const auto n_features = (std::ssize(sizes) - 3) / 2;
  const auto& ids = state.integers("part_ids");
  const auto& pairs = state.integers("part_pairs", std::ssize(ids));
  const auto& rises = state.numbers("part_rises", std::ssize(ids) * n_features);
  const auto& squares = state.numbers("squares", n_features);
  const auto absurd = [](std::int64_t c) { return c < 0 || c > std::int64_t{1} << 48; };
  if (std::any_of(pairs.begin(), pairs.end(), absurd))
    throw StoreError("permutation_importance.load", "counts of pairs in range", "others",
                     "the saved state is damaged; run again");
  const auto get = [&](std::size_t i) {
    return stats::Moments{sizes[i], values[4 * i], values[4 * i + 1], values[4 * i + 2],
                          values[4 * i + 3]};
  };
  class_counts_ = classes;
  next_ = counts[0];
  n_total_ = counts[1];
  n_infinite_ = counts[2];
  n_shadow_changed_ = counts[3];
  baseline_ = get(0);
  target_ = get(1);
  shadow_ = get(2);
  rise_.clear();
  halves_.clear();
  for (std::size_t i = 3; i + 1 < sizes.size(); i += 2) {
    rise_.push_back(get(i));
    halves_.push_back(get(i + 1));
  }
  squares_ = squares;
  parts_.clear();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto first = rises.begin() + static_cast<std::ptrdiff_t>(i) * n_features;
    parts_[ids[i]] = {pairs[i], {first, first + n_features}};
  }
}

}  // namespace leadline::detail::permutation_importance

namespace leadline::explain {

PermutationImportance::PermutationImportance(Options options) : options_(options) {
  check_options("PermutationImportance", options_);
}

ProbeInfo PermutationImportance::info() const {
  return {.name = "permutation_importance",
          .question = "Which columns does it lean on?",
          .access = Access::labels,
          .needs_random_access = true,
          .relative_cost = 20.0 * static_cast<double>(options_.repeats)};
}

std::shared_ptr<ProbeRun> PermutationImportance::start(Session& session) const {
  if (session.data().info().modality != Modality::table)
    throw CapabilityError("permutation_importance", "a table",
                          std::string(name_of(session.data().info().modality)),
                          "for images use an attribution probe");
  return std::make_shared<leadline::detail::permutation_importance::ImportanceRun>(options_,
                                                                                   session);
}

}  // namespace leadline::explain
