#include "leadline/metrics/confusion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "label_rows.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::confusion {
template <class T>
void regrid(std::vector<T>& cells, std::int64_t from, std::int64_t to) {
  std::vector<T> next(static_cast<std::size_t>(to * to), T{});
  const std::int64_t kept = std::min(from, to);
  for (std::int64_t i = 0; i < kept; ++i)
    std::copy_n(cells.begin() + i * from, kept, next.begin() + i * to);
  cells = std::move(next);
}
}  // namespace leadline::detail::confusion

namespace leadline::metrics {
namespace rows_of = leadline::detail::label_rows;

// A confusion matrix of more classes is 2 GB: somebody passed identifiers as labels.
static constexpr std::int64_t most_classes = 16384;

Confusion::Confusion(std::optional<std::int64_t> n_classes) : fixed_(n_classes.has_value()) {
  if (n_classes) grow(*n_classes);
}

void Confusion::grow(std::int64_t n_classes) {
  if (n_classes <= n_classes_) return;
  if (n_classes > most_classes)
    throw ValueError("Confusion", fmt::format("at most {} classes", most_classes),
                     fmt::format("{}", n_classes),
                     "check that labels are classes, not identifiers");
  leadline::detail::confusion::regrid(counts_, n_classes_, n_classes);
  if (!weights_.empty()) leadline::detail::confusion::regrid(weights_, n_classes_, n_classes);
  n_classes_ = n_classes;
}

void Confusion::shrink(std::int64_t n_classes) {
  if (n_classes >= n_classes_) return;
  leadline::detail::confusion::regrid(counts_, n_classes_, n_classes);
  if (!weights_.empty()) leadline::detail::confusion::regrid(weights_, n_classes_, n_classes);
  n_classes_ = n_classes;
}

void Confusion::start_weights() {
  if (!weights_.empty()) return;
  weights_.assign(counts_.begin(), counts_.end());
  squared_weights_ = static_cast<double>(n_);
}

void Confusion::count(const std::int64_t* target, const std::int64_t* predicted, std::int64_t n,
                      std::int64_t sign, const double* times) {
  std::int64_t* counts = counts_.data();
  const std::int64_t width = n_classes_;
  if (times != nullptr) {
    for (std::int64_t i = 0; i < n; ++i)
      counts[target[i] * width + predicted[i]] += sign * static_cast<std::int64_t>(times[i]);
    return;
  }
  constexpr std::int64_t most_cells = 256;
  if (width * width > most_cells || n < 256) {
    for (std::int64_t i = 0; i < n; ++i) counts[target[i] * width + predicted[i]] += sign;
    return;
  }
  // four tables: a cell that is hit twice running does not wait for its own store
  std::uint32_t lanes[4][most_cells] = {};
  std::int64_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (std::int64_t lane = 0; lane < 4; ++lane)
      ++lanes[lane][target[i + lane] * width + predicted[i + lane]];
  for (; i < n; ++i) ++lanes[0][target[i] * width + predicted[i]];
  for (std::int64_t cell = 0; cell < width * width; ++cell)
    counts[cell] +=
        sign * (std::int64_t{lanes[0][cell]} + lanes[1][cell] + lanes[2][cell] + lanes[3][cell]);
}

void Confusion::weigh(const std::int64_t* target, const std::int64_t* predicted,
                      const double* weights, std::int64_t n, bool counted) {
  for (std::int64_t i = 0; i < n; ++i) {
    const double weight = weights == nullptr ? 1.0 : weights[i];
    weights_[static_cast<std::size_t>(target[i] * n_classes_ + predicted[i])] += weight;
    squared_weights_ += counted ? weight : weight * weight;
  }
}

void Confusion::admit(const rows_of::Source& source, const std::int64_t* target,
                      const std::int64_t* label, std::int64_t first, std::int64_t n) {
  const std::int64_t known = source.binary() ? 2 : n_classes_;
  if (rows_of::all_below(target, n, known) && rows_of::all_below(label, n, known)) return;
  const std::int64_t limit = source.binary()                ? 2
                             : fixed_ || source.from_scores ? n_classes_
                                                            : most_classes;
  if (!rows_of::all_below(target, n, limit))
    rows_of::refuse_label(source, "target", target, first, n, limit);
  if (!rows_of::all_below(label, n, limit))
    rows_of::refuse_label(source, "prediction", label, first, n, limit);
  grow(std::max(rows_of::greatest(target, n), rows_of::greatest(label, n)) + 1);
}

bool Confusion::count_binary(const rows_of::Source& source) {
  rows_of::BinaryCells cells;
  if (!source.rows->weights.empty() || weighted() || !rows_of::binary_cells(source, cells))
    return false;
  grow(2);
  const auto at = [&](std::int64_t i, std::int64_t j) -> std::int64_t& {
    return counts_[static_cast<std::size_t>(i * n_classes_ + j)];
  };
  at(1, 1) += cells.both;
  at(1, 0) += cells.positive - cells.both;
  at(0, 1) += cells.called - cells.both;
  at(0, 0) += source.n - cells.positive - cells.called + cells.both;
  n_ += source.n;
  return true;
}

void Confusion::update(const Rows& rows, std::string_view who, const DecisionRule& rule) {
  const rows_of::Source source = rows_of::open(rows, who, false, rule);
  if (source.binary() && source.n > 0 && count_binary(source)) return;
  if (source.from_scores && fixed_ && source.n_columns > n_classes_)
    throw ShapeError(who, fmt::format("scores of {} classes", n_classes_),
                     fmt::format("{} columns", source.n_columns), "set n_classes to match");
  const bool weighs = (!rows.weights.empty() && !rows.counted) || !weights_.empty();
  const std::int64_t classes_before = n_classes_;
  if ((source.from_scores || source.binary()) && source.n > 0) grow(source.n_columns);
  rows_of::Buffer target_buffer, label_buffer;
  enum Step { check, add, check_and_add, undo };
  const auto block = [&](std::int64_t begin, Step step) {
    const std::int64_t n = std::min(rows_of::block_rows, source.n - begin);
    const std::int64_t* target = rows_of::targets(source, begin, n, target_buffer);
    const std::int64_t* label = rows_of::decided(source, begin, n, label_buffer);
    if (step == check || step == check_and_add) admit(source, target, label, begin, n);
    if (step == check) return;
    const double* weights = rows.weights.empty() ? nullptr : &rows.weights[begin];
    count(target, label, n, step == undo ? -1 : 1, rows.counted ? weights : nullptr);
    if (weighs) weigh(target, label, weights, n, rows.counted);
  };
  std::int64_t first = 0;
  try {  // sums of weights cannot be undone bit for bit: all is checked before they start
    for (; first < source.n; first += rows_of::block_rows)
      block(first, weighs ? check : check_and_add);
  } catch (...) {
    for (std::int64_t begin = 0; begin < first && !weighs; begin += rows_of::block_rows)
      block(begin, undo);
    shrink(classes_before);
    throw;
  }
  if (weighs) {
    start_weights();
    for (first = 0; first < source.n; first += rows_of::block_rows) block(first, add);
  }
  n_ += rows.counted ? static_cast<std::int64_t>(
                           std::accumulate(rows.weights.begin(), rows.weights.end(), 0.0))
                     : source.n;
}

void Confusion::update(std::span<const std::int64_t> target,
                       std::span<const std::int64_t> predicted, std::int64_t n_classes) {
  grow(n_classes);
  count(target.data(), predicted.data(), std::ssize(target), 1);
  if (!weights_.empty()) weigh(target.data(), predicted.data(), nullptr, std::ssize(target));
  n_ += std::ssize(target);
}

void Confusion::merge(const Confusion& other) {
  if (&other == this) return merge(Confusion(other));
  grow(other.n_classes_);
  if (other.weighted()) start_weights();
  for (std::int64_t i = 0; i < other.n_classes_; ++i)
    for (std::int64_t j = 0; j < other.n_classes_; ++j) {
      const auto here = static_cast<std::size_t>(i * n_classes_ + j);
      const auto there = static_cast<std::size_t>(i * other.n_classes_ + j);
      counts_[here] += other.counts_[there];
      if (weighted())
        weights_[here] +=
            other.weighted() ? other.weights_[there] : static_cast<double>(other.counts_[there]);
    }
  if (weighted())
    squared_weights_ += other.weighted() ? other.squared_weights_ : static_cast<double>(other.n_);
  n_ += other.n_;
}

double Confusion::total() const {
  return weighted() ? std::accumulate(weights_.begin(), weights_.end(), 0.0)
                    : static_cast<double>(n_);
}

double Confusion::n_effective() const {
  if (!weighted()) return static_cast<double>(n_);
  const double sum = total();
  return squared_weights_ > 0 ? sum * sum / squared_weights_ : 0.0;
}

double Confusion::at(std::int64_t target, std::int64_t predicted) const {
  const auto cell = static_cast<std::size_t>(target * n_classes_ + predicted);
  return weighted() ? weights_[cell] : static_cast<double>(counts_[cell]);
}

std::vector<double> Confusion::cells() const {
  return weighted() ? weights_ : std::vector<double>(counts_.begin(), counts_.end());
}

void Confusion::save(State& state) const {
  state.set("n", n_).set("n_classes", n_classes_).set("counts", counts_);
  state.set("weights", weights_).set("squared_weights", squared_weights_);
}

void Confusion::load(const State& state) {
  const auto refuse = [](std::string_view expected, std::string got) {
    throw StoreError("Confusion.load", expected, got, "the saved state is damaged; run again");
  };
  const std::int64_t n_classes = state.integer("n_classes"), n = state.integer("n");
  constexpr std::int64_t most = std::int64_t{1} << 53;  // states of so many can still be merged
  if (n_classes < 0 || n_classes > most_classes || n < 0 || n > most)
    refuse("counts in range", fmt::format("n = {}, n_classes = {}", n, n_classes));
  const auto& counts = state.integers("counts", n_classes * n_classes);
  const auto& weights = state.numbers("weights");
  std::int64_t sum = 0;
  for (const std::int64_t count : counts) {
    if (count < 0 || count > n - sum) refuse("counts that sum to n", fmt::format("{}", count));
    sum += count;
  }
  if (sum != n) refuse(fmt::format("counts that sum to {}", n), fmt::format("{}", sum));
  if (!weights.empty() && std::ssize(weights) != n_classes * n_classes)
    refuse("one weight a cell", fmt::format("{} weights", weights.size()));
  const auto good = [](double w) { return w >= 0 && w < 1e300; };
  if (!std::all_of(weights.begin(), weights.end(), good) || !good(state.number("squared_weights")))
    refuse("finite weights >= 0", "others");
  if (fixed_ && n_classes != n_classes_)
    refuse(fmt::format("{} classes", n_classes_), fmt::format("{}", n_classes));
  n_ = n;
  n_classes_ = n_classes;
  counts_ = counts;
  weights_ = weights;
  squared_weights_ = state.number("squared_weights");
}

}  // namespace leadline::metrics
