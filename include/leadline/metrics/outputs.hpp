/// One fold for each output of a model that predicts several numbers at once.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/core/state.hpp"

namespace leadline::metrics {

/// How several outputs become one number; the names are those of scikit-learn.
enum class OutputAverage : std::uint8_t {
  uniform_average,    // mean over the outputs
  variance_weighted,  // weighted by the variance of the targets; of R2 and explained variance
  raw_values,         // no single number: read `describe()`
};
[[nodiscard]] constexpr auto names_of(std::type_identity<OutputAverage>) {
  return std::array<std::string_view, 3>{"uniform_average", "variance_weighted", "raw_values"};
}

/// The columns of a batch output by output: predictions [n, k] beside targets [n, k].
class LEADLINE_API OutputColumns {
 public:
  /// Throws ShapeError unless both have as many columns.
  OutputColumns(const Rows& rows, std::string_view who);
  [[nodiscard]] static std::int64_t count(const Rows& rows, std::string_view who);
  /// Output j as "predicted" [n] and "target" [n]; until the next call.
  [[nodiscard]] Rows output(std::int64_t j);

 private:
  const Rows& rows_;
  ArrayView predicted_, target_;
  std::array<Column, 2> columns_;
};

/// `Fold` reads one output. Of one output the state is that of the fold alone.
template <class Fold>
class Outputs {
 public:
  Outputs(Fold prototype) : prototype_(std::move(prototype)), folds_{prototype_} {}  // NOLINT

  void update(const Rows& rows, std::string_view who) {
    const std::int64_t n = OutputColumns::count(rows, who);
    if (rows.size() == 0) return;
    if (seen_ && n != size())
      throw ShapeError(who, std::to_string(size()) + " outputs as before", std::to_string(n),
                       "use a fresh metric for another model");
    if (n == 1) {
      folds_.front().update(rows, who);
    } else {
      OutputColumns columns(rows, who);
      std::vector<Fold> batch(static_cast<std::size_t>(n), prototype_);
      for (std::int64_t j = 0; j < n; ++j)  // all is checked before anything is kept
        batch[static_cast<std::size_t>(j)].update(columns.output(j), who);
      folds_.resize(batch.size(), prototype_);
      for (std::size_t j = 0; j < batch.size(); ++j) folds_[j].merge(batch[j]);
    }
    seen_ = true;
  }
  void merge(const Outputs& other) {
    if (!other.seen_) return;
    if (seen_ && size() != other.size())
      throw ValueError("merge", std::to_string(size()) + " outputs", std::to_string(other.size()),
                       "merge states of one model only");
    folds_.resize(other.folds_.size(), prototype_);
    for (std::size_t j = 0; j < folds_.size(); ++j) folds_[j].merge(other.folds_[j]);
    seen_ = true;
  }

  [[nodiscard]] std::int64_t size() const { return std::ssize(folds_); }
  [[nodiscard]] const Fold& operator[](std::int64_t j) const {
    return folds_[static_cast<std::size_t>(j)];
  }
  [[nodiscard]] std::string key() const requires requires(const Fold& fold) { fold.key(); }
  { return prototype_.key(); }

  void save(State& state) const {
    state.set("outputs.seen", seen_ ? 1 : 0);
    if (size() == 1) return folds_.front().save(state);
    std::vector<std::string> states;
    for (const Fold& fold : folds_) {
      State one("output");
      fold.save(one);
      states.push_back(one.dump());
    }
    state.set("outputs.states", std::move(states));
  }
  void load(const State& state) {
    Outputs loaded(prototype_);
    loaded.seen_ = state.integer("outputs.seen") != 0;
    if (!state.has("outputs.states")) {
      loaded.folds_.front().load(state);
    } else {
      constexpr std::int64_t most = 1 << 16;
      const auto& states = state.texts("outputs.states");
      if (std::ssize(states) < 2 || std::ssize(states) > most)
        throw StoreError("Outputs.load", "two outputs or more", std::to_string(states.size()),
                         "the saved state is damaged; run again");
      loaded.folds_.resize(states.size(), prototype_);
      for (std::size_t j = 0; j < states.size(); ++j)
        loaded.folds_[j].load(State::parse(states[j], "output"));
    }
    *this = std::move(loaded);
  }

 private:
  Fold prototype_;
  std::vector<Fold> folds_;
  bool seen_ = false;
};

}  // namespace leadline::metrics
