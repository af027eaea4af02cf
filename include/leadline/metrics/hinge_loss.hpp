#pragma once

#include "leadline/metrics/decisions.hpp"
#include "leadline/metrics/mean_loss.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::metrics {

/// What the margin of a sample of many classes is.
enum class HingeContrast : std::uint8_t {
  crammer_singer,  // the score of the true class minus the largest other
  one_vs_all,      // each class for itself, signed: the mean over the classes
};
[[nodiscard]] constexpr auto names_of(std::type_identity<HingeContrast>) {
  return std::array<std::string_view, 2>{"crammer_singer", "one_vs_all"};
}

struct HingeLossOptions {
  TaskType task = TaskType::multiclass;
  bool squared = false;
  HingeContrast contrast = HingeContrast::crammer_singer;
  std::optional<std::int64_t> ignore_index{};
  double level = 0.95;
  static Fields fields() {
    return {
        field("task", &HingeLossOptions::task,
              "'multiclass' reads a score a class, 'binary' one signed score."),
        field("squared", &HingeLossOptions::squared, "Square the loss of each margin."),
        field("contrast", &HingeLossOptions::contrast,
              "The margin against the largest other class, or of each class for itself."),
        field("ignore_index", &HingeLossOptions::ignore_index,
              "Samples with this target do not count."),
        field("level", &HingeLossOptions::level, "Coverage of the interval.").above(0).below(1)};
  }
};

class LEADLINE_API HingeFold {
 public:
  explicit HingeFold(const HingeLossOptions& options = {})
      : binary_(options.task == TaskType::binary),
        squared_(options.squared),
        contrast_(options.contrast) {}
  void update(const Rows& rows, std::string_view who);
  void merge(const HingeFold& other) { loss_.merge(other.loss_); }
  [[nodiscard]] const MeanLoss& loss() const { return loss_; }
  void save(State& state) const { loss_.save(state); }
  void load(const State& state) { loss_.load(state); }

 private:
  [[nodiscard]] double loss(std::span<const double> row, std::size_t target) const;

  bool binary_, squared_;
  HingeContrast contrast_;
  MeanLoss loss_;
};

/// Hinge loss: mean of max(0, 1 - margin). Binary: margin = s for class 1, -s for class 0.
/// Multiclass: the score of the true class minus the largest other (Crammer and Singer 2001), or
/// with contrast 'one_vs_all' the mean over the classes of their binary losses (the mean of the
/// vector that torchmetrics gives). `squared`: the mean of the squares.
///
/// Reads:   "target" [n] integers; "scores" [n, n_classes], or [n] for task 'binary'
/// Returns: Estimate >= 0, lower is better; t interval
/// Throws:  ValueError for scores that are not finite, labels out of range; ShapeError
class LEADLINE_API HingeLoss : public ScoreMetric<HingeLoss, HingeFold, HingeLossOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.HingeLoss", who = "HingeLoss.update";
  explicit HingeLoss(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const HingeFold& fold) const;
};

}  // namespace leadline::metrics
