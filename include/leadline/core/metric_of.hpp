/// What every metric would otherwise write again: merge, fresh, save, load over a `Fold`.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "leadline/core/catalog.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/metric.hpp"
#include "leadline/core/state.hpp"

namespace leadline {

/// Base of metric `Derived` whose state is a `Fold`.
///
/// `Derived` has `using Options`, a constructor from it, `static constexpr std::string_view
/// type_name` ("metrics.Accuracy"), `info()`, `update`, `compute`. `Fold` is a value with
/// `merge(const Fold&)`, `save(State&) const` and `load(const State&)`; a fold that was just made
/// from the options is the identity of `merge`. Options are compared before states are joined.
template <class Derived, class Fold, class OptionsType>
class MetricOf : public Metric {
 public:
  using Options = OptionsType;

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const Fold& fold() const { return fold_; }

  void merge(const Metric& other) override {
    const auto* same = dynamic_cast<const Derived*>(&other);
    if (same == nullptr)
      throw ValueError(std::string(Derived::type_name) + ".merge", "a metric of the same class",
                       "'" + other.info().name + "'", "merge states of one metric only");
    if (options_text(same->options()) != options_text(options_))
      throw ValueError(std::string(Derived::type_name) + ".merge", "equal options", "other options",
                       "make both with the same options, or use fresh()");
    fold_.merge(same->fold());
  }

  [[nodiscard]] std::shared_ptr<Metric> fresh() const override {
    return std::make_shared<Derived>(options_);
  }

  [[nodiscard]] std::string save() const override {
    State state(Derived::type_name);
    state.set("options", joined());
    fold_.save(state);
    return state.dump();
  }

  void load(std::string_view text) override {
    const State state = State::parse(text, Derived::type_name);
    if (state.text("options") != joined())
      throw StoreError(std::string(Derived::type_name) + ".load", "the options " + joined(),
                       state.text("options"), "make the metric with the options it was saved with");
    Fold loaded = Derived(options_).fold_;
    loaded.load(state);
    fold_ = std::move(loaded);
  }

 protected:
  MetricOf(std::string_view name, Options options, Fold fold)
      : options_(std::move(options)), fold_(std::move(fold)) {
    check_options(name, options_);
  }

  Options options_;
  Fold fold_;

 private:
  [[nodiscard]] std::string joined() const {
    std::string text;
    for (const auto& [name, value] : options_text(options_))
      text.append(text.empty() ? "" : ", ").append(name).append("=").append(value);
    return text;
  }
};

}  // namespace leadline
