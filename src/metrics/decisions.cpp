#include "leadline/metrics/decisions.hpp"

#include <fmt/format.h>

namespace leadline::metrics {

Decisions::Decisions(const DecisionRule& rule, std::optional<std::int64_t> n_classes,
                     std::optional<std::int64_t> ignore_index,
                     std::optional<ClassRatioRule> per_sample)
    : rule_(rule),
      n_classes_(n_classes),
      ignore_index_(ignore_index),
      per_sample_(rule.task == TaskType::multilabel ? per_sample : std::nullopt),
      confusion_(rule.task == TaskType::multiclass ? n_classes : std::nullopt),
      labels_(rule.task == TaskType::multilabel ? n_classes : std::nullopt, per_sample_) {}

void Decisions::update(const Rows& rows, std::string_view who) {
  if (multilabel())
    labels_.update(rows, who, rule_, ignore_index_);
  else
    confusion_.update(rows, who, rule_);
}

void Decisions::merge(const Decisions& other) {
  if (multilabel())
    labels_.merge(other.labels_);
  else
    confusion_.merge(other.confusion_);
}

void Decisions::save(State& state) const {
  if (multilabel())
    labels_.save(state);
  else
    confusion_.save(state);
}

void Decisions::load(const State& state) {
  if (multilabel())
    labels_.load(state);
  else
    confusion_.load(state);
}

std::string Decisions::key() const {
  std::string key = fmt::format("decisions task={} n_classes={}", static_cast<int>(rule_.task),
                                n_classes_.value_or(0));
  if (rule_.task != TaskType::multiclass) key += fmt::format(" threshold={}", rule_.threshold);
  if (rule_.top_k > 1) key += fmt::format(" top_k={}", rule_.top_k);
  if (rule_.task == TaskType::binary) key += fmt::format(" positive={}", rule_.positive_class);
  if (per_sample_)
    key += fmt::format(" samples={},{},{}", static_cast<int>(per_sample_->ratio), per_sample_->beta,
                       static_cast<int>(per_sample_->zero_division));
  return key;
}

}  // namespace leadline::metrics
