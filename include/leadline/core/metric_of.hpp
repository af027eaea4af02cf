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

/// All of a metric that rests on its fold alone, whatever its class and options: metrics over one
/// kind of fold (precision, recall, F-beta ...) share its code, and metrics of one `state_key`
/// their states.
template <class Fold>
class FoldMetric : public Metric {
 public:
  [[nodiscard]] const Fold& fold() const { return fold_; }

  void merge(const Metric& other) override {
    const auto* same = dynamic_cast<const FoldMetric*>(&other);
    if (same == nullptr || same->type() != type())
      throw ValueError(who("merge"), "a metric of the same class", "'" + other.info().name + "'",
                       "merge states of one metric only");
    if (same->arguments() != arguments())
      throw ValueError(who("merge"), "equal options", "other options",
                       "make both with the same options, or use fresh()");
    if ((unclustered_ && !same->clusters_.empty()) || (same->unclustered_ && !clusters_.empty()))
      throw ValueError(who("merge"), "cluster ids in both states or in none", "in one of them",
                       "give clusters with every batch");
    fold_.merge(same->fold_);
    clusters_.merge(same->clusters_);
    unclustered_ |= same->unclustered_;
  }

  [[nodiscard]] std::string save() const override {
    State state(type());
    state.set("options", joined());
    fold_.save(state);
    clusters_.save(state);
    state.set("unclustered", unclustered_ ? 1 : 0);
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
    fold_ = std::move(loaded);
    clusters_ = std::move(clusters);
    unclustered_ = unclustered;
  }

  [[nodiscard]] std::string state_key() const override {
    if constexpr (requires(const Fold& fold) { fold.key(); })
      return fold_.key();
    else
      return {};
  }

  void adopt(const Metric& other) override {
    const auto* same = dynamic_cast<const FoldMetric*>(&other);
    if (same == nullptr || state_key().empty() || other.state_key() != state_key())
      return Metric::adopt(other);
    fold_ = same->fold_;
    clusters_ = same->clusters_;
    unclustered_ = same->unclustered_;
  }

 protected:
  explicit FoldMetric(Fold fold) : fold_(std::move(fold)) {}

  /// A fold that has seen nothing.
  [[nodiscard]] Fold identity() const { return dynamic_cast<const FoldMetric&>(*fresh()).fold_; }

  /// Adds checked rows to the fold and, where they have cluster ids, to those of their clusters.
  /// `update(fold, rows)` throws before it changes anything.
  void fold_rows(const Rows& rows, std::string_view who, void (*update)(Fold&, const Rows&)) {
    const bool clustered = !rows.clusters.empty();
    if (clustered ? unclustered_ : !clusters_.empty() && rows.size() > 0)
      throw ValueError(who, "cluster ids with every batch or with none", "some without",
                       "give clusters with every batch; a sample of its own is its own cluster");
    if (clustered) check_rows(rows, rows.size(), who);
    update(fold_, rows);
    if (clustered)
      clusters_.add(rows, identity(), update);
    else
      unclustered_ |= rows.size() > 0;
  }

  /// The estimates `of(fold)` of the whole, with cluster-robust intervals where cluster ids were
  /// given.
  [[nodiscard]] std::vector<Estimate> robust_all(
      const std::function<std::vector<Estimate>(const Fold&)>& of) const {
    std::vector<Estimate> whole = of(fold_);
    if (clusters_.empty()) return whole;
    std::vector<std::vector<std::optional<double>>> left_out(whole.size());
    clusters_.leave_one_out(identity(), [&](const Fold& fold) {
      const std::vector<Estimate> all = of(fold);
      for (std::size_t i = 0; i < whole.size(); ++i)
        left_out[i].push_back(i < all.size() ? all[i].value_if_ok() : std::nullopt);
    });
    const auto range = info().range;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      const double level = whole[i].level;
      whole[i] = cluster_robust(std::move(whole[i]), left_out[i], range, level);
      if (clusters_.grouped()) whole[i].facts["clusters_grouped"] = 1;
    }
    return whole;
  }
  template <class Of>
  [[nodiscard]] Estimate robust(Of&& of) const {
    if (clusters_.empty()) return of(fold_);
    return robust_all([&](const Fold& fold) { return std::vector<Estimate>{of(fold)}; }).front();
  }

  Fold fold_;                    // of all samples
  ClusterFolds<Fold> clusters_;  // of each cluster, where cluster ids are given
  bool unclustered_ = false;     // whether samples came without cluster ids

 private:
  [[nodiscard]] virtual std::string_view type() const = 0;  // "metrics.Accuracy"
  [[nodiscard]] std::string who(std::string_view call) const {
    return std::string(type()).append(".").append(call);
  }
  [[nodiscard]] std::string joined() const {
    std::string text;
    for (const auto& [name, value] : arguments())
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
class MetricOf : public FoldMetric<Fold> {
 public:
  using Options = OptionsType;

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> arguments() const override {
    return options_text(options_);
  }
  [[nodiscard]] std::shared_ptr<Metric> fresh() const override {
    return std::make_shared<Derived>(options_);
  }
  [[nodiscard]] std::string state_key() const override {
    std::string key = FoldMetric<Fold>::state_key();
    if constexpr (requires(const Options& o) { o.ignore_index; })
      if (options_.ignore_index && !key.empty())
        key += " without " + std::to_string(*options_.ignore_index);
    return key;
  }

 protected:
  MetricOf(std::string_view name, Options options, Fold fold)
      : FoldMetric<Fold>(std::move(fold)), options_(std::move(options)) {
    check_options(name, options_);
  }

  Options options_;

 private:
  [[nodiscard]] std::string_view type() const override { return Derived::type_name; }
};

}  // namespace leadline
