/// What every metric would otherwise write again: merge, fresh, save, load over a `Fold`, and the
/// same fold by cluster.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/clusters.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/metric.hpp"
#include "leadline/core/state.hpp"

namespace leadline {

/// The state of a metric, whatever its class and options: what metrics of one `state_key` share.
template <class Fold>
class FoldHolder {
 public:
  virtual ~FoldHolder() = default;

 protected:
  explicit FoldHolder(Fold fold) : fold_(std::move(fold)) {}
  FoldHolder(const FoldHolder&) = default;
  FoldHolder& operator=(const FoldHolder&) = default;

  Fold fold_;                    // of all samples
  ClusterFolds<Fold> clusters_;  // of each cluster, where cluster ids are given
  bool unclustered_ = false;     // whether samples came without cluster ids
};

/// All of `MetricOf` that rests on the fold and the options alone: metrics that have both in common
/// (precision, recall, F-beta ...) share its code.
template <class Fold, class OptionsType>
class FoldMetric : public Metric, public FoldHolder<Fold> {
  using Holder = FoldHolder<Fold>;

 public:
  using Options = OptionsType;

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const Fold& fold() const { return this->fold_; }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> arguments() const override {
    return options_text(options_);
  }

  void merge(const Metric& other) override {
    const auto* same = dynamic_cast<const FoldMetric*>(&other);
    if (same == nullptr || same->type() != type())
      throw ValueError(who("merge"), "a metric of the same class", "'" + other.info().name + "'",
                       "merge states of one metric only");
    if (options_text(same->options_) != options_text(options_))
      throw ValueError(who("merge"), "equal options", "other options",
                       "make both with the same options, or use fresh()");
    if ((this->unclustered_ && !same->clusters_.empty()) ||
        (same->unclustered_ && !this->clusters_.empty()))
      throw ValueError(who("merge"), "cluster ids in both states or in none", "in one of them",
                       "give clusters with every batch");
    this->fold_.merge(same->fold_);
    this->clusters_.merge(same->clusters_);
    this->unclustered_ |= same->unclustered_;
  }

  [[nodiscard]] std::string save() const override {
    State state(type());
    state.set("options", joined());
    this->fold_.save(state);
    this->clusters_.save(state);
    state.set("unclustered", this->unclustered_ ? 1 : 0);
    return state.dump();
  }

  void load(std::string_view text) override {
    const State state = State::parse(text, type());
    if (state.text("options") != joined())
      throw StoreError(who("load"), "the options " + joined(), state.text("options"),
                       "make the metric with the options it was saved with");
    Fold loaded = identity();
    loaded.load(state);
    ClusterFolds<Fold> clusters;
    clusters.load(state, identity());
    const bool unclustered = state.has("unclustered") && state.integer("unclustered") != 0;
    this->fold_ = std::move(loaded);
    this->clusters_ = std::move(clusters);
    this->unclustered_ = unclustered;
  }

  [[nodiscard]] std::string state_key() const override {
    if constexpr (requires(const Fold& fold) { fold.key(); }) {
      std::string key = this->fold_.key();
      if constexpr (requires(const Options& o) { o.ignore_index; })
        if (options_.ignore_index) key += " without " + std::to_string(*options_.ignore_index);
      return key;
    } else {
      return {};
    }
  }

  void adopt(const Metric& other) override {
    const auto* holder = dynamic_cast<const Holder*>(&other);
    if (holder == nullptr || state_key().empty() || other.state_key() != state_key())
      return Metric::adopt(other);
    Holder::operator=(*holder);
  }

 protected:
  FoldMetric(std::string_view name, Options options, Fold fold)
      : Holder(std::move(fold)), options_(std::move(options)) {
    check_options(name, options_);
  }

  /// A fold that has seen nothing.
  [[nodiscard]] Fold identity() const {
    return dynamic_cast<const FoldMetric&>(*this->fresh()).fold_;
  }

  /// Adds checked rows to the fold and, where they have cluster ids, to those of their clusters.
  /// `update(fold, rows)` throws before it changes anything.
  void fold_rows(const Rows& rows, std::string_view who, void (*update)(Fold&, const Rows&)) {
    const bool clustered = !rows.clusters.empty();
    if (clustered ? this->unclustered_ : !this->clusters_.empty() && rows.size() > 0)
      throw ValueError(who, "cluster ids with every batch or with none", "some without",
                       "give clusters with every batch; a sample of its own is its own cluster");
    if (clustered) check_rows(rows, rows.size(), who);
    update(this->fold_, rows);
    if (clustered)
      this->clusters_.add(rows, identity(), update);
    else
      this->unclustered_ |= rows.size() > 0;
  }

  /// The estimates `of(fold)` of the whole, with cluster-robust intervals where cluster ids were
  /// given.
  [[nodiscard]] std::vector<Estimate> robust_all(
      const std::function<std::vector<Estimate>(const Fold&)>& of) const {
    std::vector<Estimate> whole = of(this->fold_);
    if (this->clusters_.empty()) return whole;
    std::vector<std::vector<std::optional<double>>> left_out(whole.size());
    this->clusters_.leave_one_out(identity(), [&](const Fold& fold) {
      const std::vector<Estimate> all = of(fold);
      for (std::size_t i = 0; i < whole.size(); ++i)
        left_out[i].push_back(i < all.size() ? all[i].value_if_ok() : std::nullopt);
    });
    const auto range = this->info().range;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      const double level = whole[i].level;
      whole[i] = cluster_robust(std::move(whole[i]), left_out[i], range, level);
      if (this->clusters_.grouped()) whole[i].facts["clusters_grouped"] = 1;
    }
    return whole;
  }
  template <class Of>
  [[nodiscard]] Estimate robust(Of&& of) const {
    if (this->clusters_.empty()) return of(this->fold_);
    return robust_all([&](const Fold& fold) { return std::vector<Estimate>{of(fold)}; }).front();
  }

  Options options_;

 private:
  [[nodiscard]] virtual std::string_view type() const = 0;  // "metrics.Accuracy"
  [[nodiscard]] std::string who(std::string_view call) const {
    return std::string(type()).append(".").append(call);
  }
  [[nodiscard]] std::string joined() const {
    std::string text;
    for (const auto& [name, value] : options_text(options_))
      text.append(text.empty() ? "" : ", ").append(name).append("=").append(value);
    return text;
  }
};

/// Base of metric `Derived` whose state is a `Fold`.
///
/// `Derived` has `using Options`, a constructor from it, `static constexpr std::string_view
/// type_name` ("metrics.Accuracy"), `info()`, `update`, `compute`. `Fold` is a value with
/// `merge(const Fold&)`, `save(State&) const` and `load(const State&)`; a fold that was just made
/// from the options is the identity of `merge`. Options are compared before states are joined.
/// `Fold::key()`, if it has one, says which folds are kept alike (`Metric::state_key`).
template <class Derived, class Fold, class OptionsType>
class MetricOf : public FoldMetric<Fold, OptionsType> {
 public:
  [[nodiscard]] std::shared_ptr<Metric> fresh() const override {
    return std::make_shared<Derived>(this->options_);
  }

 protected:
  using FoldMetric<Fold, OptionsType>::FoldMetric;

 private:
  [[nodiscard]] std::string_view type() const override { return Derived::type_name; }
};

}  // namespace leadline
