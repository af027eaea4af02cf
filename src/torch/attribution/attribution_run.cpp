#include "attribution_run.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

#include "attribution_finding.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/exhibits.hpp"
#include "leadline/core/state.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::attribution_run {
namespace {

constexpr std::int64_t rows_at_once = 32;
constexpr std::int64_t parts_alone = 8;  // removed one at a time where a value has no direction

/// Weight of each input value of one sample, summed over the channels of a picture; 0 where it is
/// not finite.
std::vector<double> overlay_of(const at::Tensor& values, bool picture) {
  at::Tensor flat = values;
  if (picture && values.dim() == 3) flat = values.size(0) <= 4 ? values.sum(0) : values.sum(2);
  flat = at::nan_to_num(flat.to(at::kCPU, at::kDouble), 0, 0, 0).contiguous().flatten();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

class Run final : public ProbeRun {
 public:
  Run(Recipe recipe, std::uint64_t seed) : recipe_(std::move(recipe)), exhibits_(seed) {}

  void work(Session& session) override {
    const auto model = models::as_torch(std::dynamic_pointer_cast<Model>(session.subject_handle()));
    const auto hold = model->hold();
    const std::vector<SampleId> mine = chosen(session);
    std::vector<SampleId> todo;
    std::ranges::copy_if(mine, std::back_inserter(todo),
                         [&](SampleId id) { return !records_.contains(id); });
    for (std::size_t at = 0; at < todo.size() && !session.stopping(); at += rows_at_once) {
      const auto k = std::min<std::size_t>(rows_at_once, todo.size() - at);
      explain(session, *model, {todo.data() + at, k});
      session.progress(std::ssize(records_), std::ssize(mine));
      session.checkpoint(*this);
    }
  }

  void merge(const ProbeRun& other) override {
    const auto& same = dynamic_cast<const Run&>(other);
    records_.insert(same.records_.begin(), same.records_.end());
    width_ = std::max(width_, same.width_);
    exhibits_.merge(same.exhibits_);
  }

  [[nodiscard]] std::string save() const override {
    State state("attribution.Run");
    std::vector<std::int64_t> ids;
    std::vector<double> numbers;
    for (const auto& [id, r] : records_) {
      ids.push_back(id);
      numbers.insert(numbers.end(),
                     {r.residual, r.change, r.deletion_drop, r.random_drop, r.flat ? 1.0 : 0.0});
    }
    state.set("name", recipe_.name).set("ids", std::move(ids)).set("numbers", std::move(numbers));
    state.set("width", width_);
    exhibits_.save(state, "exhibits");
    return state.dump();
  }
  void load(std::string_view text) override {
    const State state = State::parse(text, "attribution.Run");
    if (state.text("name") != recipe_.name)
      throw StoreError(recipe_.name + ".load", "a state of '" + recipe_.name + "'",
                       "'" + state.text("name") + "'", "start a new run");
    const auto& ids = state.integers("ids");
    const auto& numbers = state.numbers("numbers", 5 * std::ssize(ids));
    const auto width = state.integer("width");
    if (width < 0)
      throw StoreError(recipe_.name + ".load", "a width of at least 0", std::to_string(width),
                       "the saved state is damaged; run again");
    exhibits_.load(state, "exhibits");
    width_ = width;
    records_.clear();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const double* r = numbers.data() + 5 * i;
      records_[ids[i]] = {r[0], r[1], r[2], r[3], r[4] != 0};
    }
  }

  Finding finish(Session& session) override {
    return write_finding(recipe_, records_, width_, exhibits_, session.level());
  }

 private:
  /// Those of the samples to explain that belong to this shard. The draw is over the whole data, so
  /// that shards share the work and find together what one run finds.
  [[nodiscard]] std::vector<SampleId> chosen(Session& session) const {
    const auto ids = session.ids();
    const auto size = session.data().info().size.value_or(0);
    if (recipe_.max_samples <= 0 || size <= recipe_.max_samples) return {ids.begin(), ids.end()};
    const stats::Permutation order(size, session.seed(), "explained");
    std::set<SampleId> drawn;
    for (std::int64_t i = 0; i < recipe_.max_samples; ++i) drawn.insert(order(i));
    std::vector<SampleId> mine;
    std::ranges::copy_if(ids, std::back_inserter(mine),
                         [&](SampleId id) { return drawn.contains(id); });
    return mine;
  }

  void explain(Session& session, models::TorchModel& model, std::span<const SampleId> ids) {
    const Batch batch = session.data().batch(ids);
    models::NamedTensors extras;
    const at::Tensor x = models::input_for(model, batch.inputs, &extras);
    const auto result = model.call(x.clone(), {.extras = &extras});
    const auto seen =
        predictions_of(from_aten(result.output), session.output_kind(), batch.target, ids);
    const at::Tensor target =
        at::tensor(seen.label, at::TensorOptions().dtype(at::kLong)).to(x.device());
    const auto found = recipe_.explain(model, x, target, &extras);
    width_ = x.numel() / std::max<std::int64_t>(1, x.size(0));
    const auto tests =
        recipe_.unsigned_parts ? 2 * std::min(parts_removed(recipe_, width_), parts_alone) : 2;
    session.count_forwards((recipe_.steps + (recipe_.complete ? 2 : 1) + tests) * std::ssize(ids));
    session.count_backwards(recipe_.steps * std::ssize(ids));
    const auto drops = deletion_test(session, model, x, target, found, extras, ids);
    const at::Tensor values = found.values.reshape({std::ssize(ids), -1}).to(at::kCPU, at::kDouble);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto row = static_cast<std::int64_t>(i);
      const double largest = values[row].abs().max().item<double>();  // NaN passes through
      Record record{0, 0, drops.first[i], drops.second[i], largest == 0 || !std::isfinite(largest)};
      if (recipe_.complete) {
        record.residual = found.residual[row].item<double>();
        record.change = (found.score[row] - found.baseline_score[row]).item<double>();
      }
      for (double* number : {&record.residual, &record.change})
        if (!std::isfinite(*number)) *number = std::copysign(HUGE_VAL, 1.0);
      records_[ids[i]] = record;
      show(session, batch, seen, found.values, i);
    }
  }

  /// Drops of the class score when the most important values, and when random ones, are replaced;
  /// where the method does not say in which direction a value matters, the mean size of the change
  /// when one of them is replaced alone.
  std::pair<std::vector<double>, std::vector<double>> deletion_test(
      Session& session, models::TorchModel& model, const at::Tensor& x, const at::Tensor& target,
      const attribution::Attribution& found, const models::NamedTensors& extras,
      std::span<const SampleId> ids) const {
    const auto width = x.numel() / x.size(0);
    const at::Tensor flat = x.reshape({x.size(0), width});
    const auto k = parts_removed(recipe_, width);
    const at::Tensor top =
        std::get<1>(at::nan_to_num(found.values.reshape(flat.sizes())).topk(k, 1));
    std::vector<std::int64_t> drawn;
    for (const auto id : ids) {
      // A keyed bijection gives k distinct positions without a list of all of them.
      const stats::Permutation order(width, session.seed(), "deletion/" + std::to_string(id));
      for (std::int64_t j = 0; j < k; ++j) drawn.push_back(order(j));
    }
    const at::Tensor random =
        at::tensor(drawn, at::TensorOptions().dtype(at::kLong)).view({-1, k}).to(x.device());
    const auto fall = [&](const at::Tensor& positions) {
      const at::Tensor changed = flat.scatter(1, positions, recipe_.baseline).view(x.sizes());
      return (found.score - attribution::class_score(model, changed, target, &extras)).to(at::kCPU);
    };
    const auto drop = [&](const at::Tensor& positions) {
      at::Tensor fell;
      if (recipe_.unsigned_parts) {  // together they could cancel: one at a time
        const auto m = std::min(k, parts_alone);
        fell = fall(positions.narrow(1, 0, 1)).abs() / m;
        for (std::int64_t j = 1; j < m; ++j) fell += fall(positions.narrow(1, j, 1)).abs() / m;
      } else {
        fell = fall(positions);
      }
      return std::vector<double>(fell.data_ptr<double>(), fell.data_ptr<double>() + fell.numel());
    };
    return {drop(top), drop(random)};
  }

  void show(Session& session, const Batch& batch, const Predictions& seen, const at::Tensor& values,
            std::size_t i) {
    const bool wrong = !seen.correct.empty() && seen.correct[i] == 0;
    const double confidence = seen.confidence.empty() ? 0 : seen.confidence[i];
    const double severity = (wrong ? 1 : 0) + confidence;  // confident mistakes first
    if (!exhibits_.wants(batch.ids[i], severity)) return;
    const auto info = session.data().info();
    const auto name = [&](std::int64_t label) {
      return label < std::ssize(info.class_names)
                 ? info.class_names[static_cast<std::size_t>(label)]
                 : "class " + std::to_string(label);
    };
    Exhibit exhibit;
    exhibit.id = batch.ids[i];
    exhibit.severity = severity;
    exhibit.title = "read as " + name(seen.label[i]);
    if (!seen.target.empty())
      exhibit.caption = wrong ? "in truth " + name(seen.target[i]) : "which is right";
    const auto row = static_cast<std::int64_t>(i);
    const auto picture = image_of(batch.inputs.primary, row, info.bounds);
    const bool drawn = picture && info.modality == Modality::image;
    exhibit.overlay = overlay_of(values[row].detach(), drawn);
    if (drawn) {
      exhibit.kind = Exhibit::image;
      exhibit.images.push_back(*picture);
      exhibit.labels = {"original"};
      if (std::ssize(exhibit.overlay) != picture->height * picture->width) exhibit.overlay.clear();
    } else {
      exhibit.kind = Exhibit::row;
      const ArrayView inputs(batch.inputs.primary);
      for (std::int64_t j = 0; j < inputs.cols; ++j) {
        exhibit.labels.push_back(j < std::ssize(info.feature_names)
                                     ? info.feature_names[static_cast<std::size_t>(j)]
                                     : "input " + std::to_string(j));
        exhibit.values.push_back(std::to_string(inputs.at(row, j)));
      }
    }
    exhibits_.add(std::move(exhibit));
  }

  Recipe recipe_;
  std::map<SampleId, Record> records_;
  std::int64_t width_ = 0;  // input values of a sample
  Exhibits exhibits_;
};

}  // namespace

std::shared_ptr<ProbeRun> make_run(Recipe recipe, Session& session) {
  (void)session.subject_as<Model>();
  return std::make_shared<Run>(std::move(recipe), session.seed());
}

}  // namespace leadline::detail::attribution_run
