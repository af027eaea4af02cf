/// Samples that come in clusters (patients, videos, prompts) are not independent: intervals that
/// ignore it are too narrow. The state is kept by cluster, and the interval comes from leaving each
/// cluster out in turn (jackknife), which works for whatever a metric computes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/core/state.hpp"

namespace leadline {

/// Calls `use(cluster, rows of it)` for each cluster of the batch, in ascending order.
LEADLINE_API void each_cluster(const Rows& rows,
                               const std::function<void(std::int64_t, const Rows&)>& use);

/// The group of a cluster where there are too many to be kept one by one.
[[nodiscard]] LEADLINE_API std::int64_t cluster_group(std::int64_t cluster, std::int64_t n_groups);

/// `whole` with the interval of the delete-one jackknife, variance (G - 1) / G * sum_g (v_g - v)^2,
/// G - 1 degrees of freedom (Kott 2001 where clusters were grouped). A value in a finite `range`
/// gets Wilson's interval at the sample size with that variance (Korn and Graubard 1998), else
/// Student's t. `left_out`: the value without each cluster; nullopt, or fewer than two clusters:
/// the estimate loses its interval and says why. Facts n_clusters, n_effective.
[[nodiscard]] LEADLINE_API Estimate cluster_robust(Estimate whole,
                                                   std::span<const std::optional<double>> left_out,
                                                   std::pair<double, double> range, double level);

/// A `Fold` a cluster. Up to `max_groups` clusters are kept one by one; of more, clusters are
/// joined in as many groups by a hash of their number, so that memory does not grow with them. What
/// is kept depends on the data alone, not on batches or the order of merging.
template <class Fold>
class ClusterFolds {
 public:
  static constexpr std::int64_t max_groups = 128;

  [[nodiscard]] bool empty() const { return folds_.empty(); }
  [[nodiscard]] std::int64_t size() const { return std::ssize(folds_); }
  [[nodiscard]] bool grouped() const { return grouped_; }

  /// `update(fold, rows)` adds rows that have been checked.
  template <class Update>
  void add(const Rows& rows, const Fold& identity, Update&& update) {
    each_cluster(rows, [&](std::int64_t cluster, const Rows& part) {
      const std::int64_t key = grouped_ ? cluster_group(cluster, max_groups) : cluster;
      update(folds_.try_emplace(key, identity).first->second, part);
      if (std::ssize(folds_) > max_groups) group();
    });
  }

  void merge(const ClusterFolds& given) {
    ClusterFolds other = given;
    if (other.grouped_ && !grouped_) group();
    if (grouped_ && !other.grouped_) other.group();
    for (auto& [key, fold] : other.folds_) {
      const auto [place, fresh] = folds_.try_emplace(key, fold);
      if (!fresh) place->second.merge(fold);
    }
    if (!grouped_ && std::ssize(folds_) > max_groups) group();
  }

  /// Calls `visit(fold of all but one cluster)` for each; O(G log G) merges, O(log G) folds.
  template <class Visit>
  void leave_one_out(const Fold& identity, Visit&& visit) const {
    std::vector<const Fold*> all;
    for (const auto& [key, fold] : folds_) all.push_back(&fold);
    if (!all.empty()) split(all, identity, visit);
  }

  void save(State& state) const {
    if (empty()) return;
    std::vector<std::int64_t> keys;
    std::vector<std::string> states;
    for (const auto& [key, fold] : folds_) {
      keys.push_back(key);
      State one("cluster");
      fold.save(one);
      states.push_back(one.dump());
    }
    state.set("cluster_keys", std::move(keys)).set("cluster_states", std::move(states));
    state.set("clusters_grouped", grouped_ ? 1 : 0);
  }
  void load(const State& state, const Fold& identity) {
    ClusterFolds loaded;
    if (state.has("cluster_keys")) {
      const auto& keys = state.integers("cluster_keys");
      const auto& states = state.texts("cluster_states");
      loaded.grouped_ = state.integer("clusters_grouped") != 0;
      if (keys.size() != states.size() || std::ssize(keys) > max_groups)
        throw StoreError("ClusterFolds.load", "one state a cluster", std::to_string(states.size()),
                         "the saved state is damaged; run again");
      for (std::size_t i = 0; i < keys.size(); ++i) {
        Fold fold = identity;
        fold.load(State::parse(states[i], "cluster"));
        loaded.folds_.insert_or_assign(keys[i], std::move(fold));
      }
    }
    *this = std::move(loaded);
  }

 private:
  void group() {
    std::map<std::int64_t, Fold> joined;
    for (auto& [key, fold] : folds_) {
      const auto [place, fresh] = joined.try_emplace(cluster_group(key, max_groups), fold);
      if (!fresh) place->second.merge(fold);
    }
    folds_ = std::move(joined);
    grouped_ = true;
  }
  template <class Visit>
  static void split(std::span<const Fold* const> inside, const Fold& outside, Visit&& visit) {
    if (inside.size() == 1) {
      visit(outside);
      return;
    }
    const std::size_t half = inside.size() / 2;
    for (const bool left : {true, false}) {
      Fold more = outside;
      for (const Fold* other : left ? inside.subspan(half) : inside.first(half)) more.merge(*other);
      split(left ? inside.first(half) : inside.subspan(half), more, visit);
    }
  }

  bool grouped_ = false;
  std::map<std::int64_t, Fold> folds_;
};

}  // namespace leadline
