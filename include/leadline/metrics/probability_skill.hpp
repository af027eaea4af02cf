/// Loss of predicted probabilities against that of always predicting how often each class occurs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/metrics/probability_loss.hpp"
#include "leadline/metrics/result_checks.hpp"

namespace leadline::metrics {

/// Per true class the sums that the ratio of both losses and its spread need.
///
/// Reads and throws as `ProbabilityLoss`. Memory: three numbers a class. Merge: 1e-12 relative.
class LEADLINE_API ProbabilitySkill {
 public:
  explicit ProbabilitySkill(ProbabilityLoss loss) : loss_(std::move(loss)) {}

  void update(const Rows& rows, std::string_view who);
  void merge(const ProbabilitySkill& other);
  /// 1 - loss / loss of the class frequencies. The frequencies minimise their own loss, so that the
  /// spread of the ratio is that of two means with the frequencies as they are.
  [[nodiscard]] Estimate skill(double level) const;
  [[nodiscard]] std::string key() const { return "skill of " + loss_.key(); }
  void save(State& state) const;
  void load(const State& state);

 private:
  struct Sums {
    double weight = 0, loss = 0, square = 0;  // of the samples of a class
  };
  ProbabilityLoss loss_;  // how a loss is taken; holds none
  std::int64_t n_ = 0, n_infinite_ = 0;
  double squared_weights_ = 0;
  std::vector<Sums> classes_;
};

struct ProbabilitySkillOptions {
  TaskType task = TaskType::multiclass;
  ScoreInput input = ScoreInput::probabilities;
  std::optional<std::int64_t> ignore_index{};
  double level = 0.95;
  static Fields fields() {
    return {field("task", &ProbabilitySkillOptions::task,
                  "'multiclass' reads a column a class, 'binary' the one of class 1."),
            field("ignore_index", &ProbabilitySkillOptions::ignore_index,
                  "Samples with this target do not count."),
            field("input", &ProbabilitySkillOptions::input, "What the scores are."),
            field("level", &ProbabilitySkillOptions::level, "Coverage of the interval.")
                .above(0)
                .below(1)};
  }
};

template <class Derived>
class SkillMetric : public ScoreMetric<Derived, ProbabilitySkill, ProbabilitySkillOptions> {
  using Base = ScoreMetric<Derived, ProbabilitySkill, ProbabilitySkillOptions>;

 public:
  using Base::update;
  [[nodiscard]] Estimate estimate(const ProbabilitySkill& fold) const {
    return fold.skill(this->options_.level);
  }
  [[nodiscard]] std::string_view column_of(const ArrayView&) const {
    return this->options_.input == ScoreInput::logits ? "scores" : "probabilities";
  }

 protected:
  using Base::Base;
};

}  // namespace leadline::metrics
