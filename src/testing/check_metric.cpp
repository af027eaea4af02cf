#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <numeric>

#include "leadline/core/error.hpp"
#include "testing/laws.hpp"

namespace leadline::testing {
namespace detail::check_metric {

using MetricPtr = std::shared_ptr<Metric>;

/// Merging with it must be refused.
class Stranger final : public Metric {
 public:
  MetricInfo info() const override {
    MetricInfo about;
    about.name = "stranger";
    return about;
  }
  void update(const Rows&) override {}
  void merge(const Metric&) override {}
  Estimate compute() const override { return {}; }
  std::shared_ptr<Metric> fresh() const override { return std::make_shared<Stranger>(); }
  std::string save() const override { return "{}"; }
  void load(std::string_view) override {}
};

struct Check {
  const Metric& metric;
  const ExampleRows& rows;
  Laws laws;
  static constexpr double tolerance = 1e-10;

  [[nodiscard]] MetricPtr fed(std::int64_t first, std::int64_t n) const {
    auto out = metric.fresh();
    if (n > 0) rows.with(first, n, [&](const Rows& part) { out->update(part); });
    return out;
  }
  [[nodiscard]] static MetricPtr copy(const Metric& from) {
    auto out = from.fresh();
    out->load(from.save());
    return out;
  }
  [[nodiscard]] static MetricPtr sum(const Metric& a, const Metric& b) {
    auto out = copy(a);
    out->merge(b);
    return out;
  }
  [[nodiscard]] static std::string differ(const Metric& a, const Metric& b) {
    if (auto found = difference(a.compute(), b.compute(), tolerance); !found.empty()) return found;
    Finding left, right;
    a.describe(left);
    b.describe(right);
    return difference(left, right, tolerance);
  }

  void splitting() {
    const auto n = rows.size();
    const auto whole = fed(0, n);
    laws.try_that("it_does_not_depend_on_the_batches", [&] {
      for (const std::int64_t size : {std::int64_t{1}, std::int64_t{7}, n / 2 + 1}) {
        auto parts = metric.fresh();
        for (std::int64_t at = 0; at < n; at += size)
          rows.with(at, std::min(size, n - at), [&](const Rows& part) { parts->update(part); });
        if (auto found = differ(*whole, *parts); !found.empty())
          return fmt::format("batches of {}: {}", size, found);
      }
      return std::string();
    });
    laws.try_that("compute_changes_nothing", [&] {
      const std::string before = whole->save();
      (void)whole->compute();
      Finding finding;
      whole->describe(finding);
      return whole->save() == before ? std::string() : "the state changed";
    });
  }

  void monoid() {
    const auto n = rows.size();
    const auto a = fed(0, n / 3), b = fed(n / 3, n / 2 - n / 3), c = fed(n / 2, n - n / 2);
    const auto whole = fed(0, n), none = metric.fresh();
    laws.try_that("fresh_is_the_identity_of_merge", [&] {
      auto found = differ(*sum(*whole, *none), *whole);
      return found.empty() ? differ(*sum(*none, *whole), *whole) : found;
    });
    laws.try_that("merge_is_commutative", [&] { return differ(*sum(*a, *b), *sum(*b, *a)); });
    laws.try_that("merge_is_associative",
                  [&] { return differ(*sum(*sum(*a, *b), *c), *sum(*a, *sum(*b, *c))); });
    laws.try_that("merged_parts_are_the_whole",
                  [&] { return differ(*sum(*sum(*a, *b), *c), *whole); });
    laws.try_that("another_metric_is_not_merged", [&] {
      const std::string before = a->save();
      auto found = Laws::refusal([&] { a->merge(Stranger()); });
      return found.empty() && a->save() != before ? "the state changed" : found;
    });
  }

  void saving() {
    const auto n = rows.size();
    const auto half = fed(0, n / 2);
    laws.try_that("a_loaded_state_goes_on", [&] {
      const auto loaded = copy(*half);
      rows.with(n / 2, n - n / 2, [&](const Rows& part) { loaded->update(part); });
      return loaded->save() == half->save() ? std::string("the update was lost")
                                            : differ(*loaded, *fed(0, n));
    });
    laws.try_that("what_is_no_state_is_refused_and_changes_nothing", [&] {
      const std::string state = half->save();
      for (const std::string& bad : {std::string(), std::string("{}"), std::string("garbage"),
                                     state.substr(0, state.size() / 2)}) {
        if (auto found = Laws::refusal([&] { half->load(bad); }); !found.empty())
          return fmt::format("{} ({} bytes)", found, bad.size());
        if (half->save() != state) return std::string("the state changed");
      }
      return std::string();
    });
  }

  void refusing() {
    const auto reads = metric.info().reads;
    const auto refused = [&](const ExampleRows& bad) {
      const auto state = fed(0, rows.size() / 2);
      const std::string before = state->save();
      auto found = Laws::refusal(
          [&] { bad.with(0, bad.size(), [&](const Rows& part) { state->update(part); }); });
      return found.empty() && state->save() != before ? "the state changed" : found;
    };
    for (const auto& column : reads) {
      const ExampleRows without = rows.without(column);
      laws.try_that("a_missing_column_is_refused_or_not_missed: " + column, [&] {
        auto found = refused(without);
        if (found.empty() || found == "the state changed") return found;
        auto other = metric.fresh();  // it reads another column in its place
        without.with(0, without.size(), [&](const Rows& all) { other->update(all); });
        return differ(*other, *fed(0, rows.size())).empty() ? std::string() : found;
      });
      if (!rows.has_floats(column)) continue;
      laws.try_that("nan_is_refused: " + column, [&] {
        return refused(
            rows.replaced(column, rows.size() - 1, std::numeric_limits<double>::quiet_NaN()));
      });
    }
  }

  void describing() {
    laws.try_that("nothing_seen_has_a_status_and_no_value", [&] {
      const auto none = metric.fresh();
      Finding finding;
      none->describe(finding);
      for (const auto& named : finding.estimates)
        if (named.estimate.ok()) return "'" + named.name + "' claims " + named.estimate.text();
      return none->compute().ok() ? "it claims " + none->compute().text() : std::string();
    });
    laws.try_that("describe_survives_json", [&] {
      Finding finding;
      finding.probe = finding.kind = "check";
      fed(0, rows.size())->describe(finding);
      if (finding.estimates.empty()) return std::string("it adds no estimate");
      const std::string json = finding_to_json(finding);
      return finding_to_json(finding_from_json(json)) == json ? std::string()
                                                              : "it comes back changed";
    });
    laws.try_that("the_value_lies_in_its_range", [&] {
      const auto estimate = fed(0, rows.size())->compute();
      const auto [low, high] = metric.info().range;
      if (!estimate.ok()) return "no value on the example: " + estimate.text();
      return estimate.value() >= low && estimate.value() <= high ? std::string() : estimate.text();
    });
  }
};

bool takes(const Metric& metric, const ExampleRows& example) {
  try {
    example.with(0, example.size(), [&](const Rows& all) { metric.fresh()->update(all); });
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

ExampleRows fitting(const Metric& metric) {
  ExampleRows rows = ExampleRows::of(metric.info().reads);
  if (takes(metric, rows)) return rows;
  ExampleRows two_classes = ExampleRows::classification(rows.size(), 2);
  if (takes(metric, two_classes)) return two_classes;
  ExampleRows labels = ExampleRows::labels(rows.size());
  if (takes(metric, labels)) return labels;
  ExampleRows distributions = ExampleRows::distributions(rows.size());
  return takes(metric, distributions) ? distributions : rows;
}

}  // namespace detail::check_metric

Contract check_metric(const Metric& metric, const ExampleRows& rows) {
  detail::check_metric::Check check{metric, rows,
                                    detail::Laws("metric '" + metric.info().name + "'")};
  check.laws.that("it_has_a_name", !metric.info().name.empty(), "info().name is empty");
  check.laws.try_that("it_takes_the_example", [&] {
    (void)check.fed(0, rows.size());
    return std::string();
  });
  if (!check.laws.contract.ok()) return check.laws.contract;
  check.splitting();
  check.monoid();
  check.saving();
  check.refusing();
  check.describing();
  return check.laws.contract;
}

Contract check_metric(const Metric& metric) {
  return check_metric(metric, detail::check_metric::fitting(metric));
}

}  // namespace leadline::testing
