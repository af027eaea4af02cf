#include "leadline/fairness/weak_slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/fairness/group_index.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/multiplicity.hpp"
#include "leadline/stats/quantiles.hpp"
#include "leadline/stats/random.hpp"
#include "leadline/stats/tests.hpp"

namespace leadline::detail::weak_slices {

using fairness::SliceSearch;
using fairness::WeakSlice;
using fairness::WeakSlicesOptions;

constexpr std::size_t most_levels = 50, most_integers = 20;

struct CodedColumn {
  std::string name;
  std::vector<std::int32_t> codes;  // [n], all >= 0
  std::vector<std::string> levels;
};

/// Sums of the loss over the cells of one column or one pair.
struct Cells {
  std::size_t a = 0, b = 0;  // columns; equal: one column
  std::vector<double> sum;
  std::vector<std::int64_t> n;
};

/// One segment: a cell, with the mean and spread of its sum over permutations.
struct Segment {
  std::size_t table = 0, cell = 0;
  std::int64_t n = 0;
  double centre = 0, spread = 0;
};

Categories categories_of(const Table::Field& field, std::int64_t bins) {
  if (const auto* groups = std::get_if<Categories>(&field.values)) return *groups;
  const auto present = [&](std::size_t i) { return field.valid.empty() || field.valid[i] != 0; };
  if (const auto* numbers = std::get_if<std::vector<double>>(&field.values))
    return fairness::quantile_bins(*numbers, bins, field.valid);
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&field.values)) {
    std::set<std::int64_t> levels(integers->begin(), integers->end());
    if (levels.size() > most_integers)
      return fairness::quantile_bins(std::vector<double>(integers->begin(), integers->end()), bins,
                                     field.valid);
    Categories out;
    for (const auto level : levels) out.names.push_back(std::to_string(level));
    for (std::size_t i = 0; i < integers->size(); ++i)
      out.codes.push_back(present(i) ? static_cast<std::int32_t>(std::distance(
                                           levels.begin(), levels.find((*integers)[i])))
                                     : -1);
    return out;
  }
  const auto& texts = std::get<std::vector<std::string>>(field.values);
  Categories out;
  std::map<std::string, std::int32_t> seen;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto [it, fresh] =
        seen.try_emplace(texts[i], static_cast<std::int32_t>(out.names.size()));
    if (fresh) out.names.push_back(texts[i]);
    out.codes.push_back(present(i) ? it->second : -1);
  }
  return out;
}

std::vector<CodedColumn> coded(const Table& table, const WeakSlicesOptions& options,
                               SliceSearch& search) {
  std::vector<CodedColumn> out;
  for (const auto& field : table.fields()) {
    Categories groups = categories_of(field, options.bins);
    const bool missing =
        std::find(groups.codes.begin(), groups.codes.end(), -1) != groups.codes.end();
    if (missing) {
      for (auto& code : groups.codes)
        if (code < 0) code = static_cast<std::int32_t>(groups.names.size());
      groups.names.emplace_back("missing");
    }
    if (groups.names.size() < 2 || groups.names.size() > most_levels) {
      search.skipped.push_back(field.name);
      continue;
    }
    search.columns.push_back(field.name);
    out.push_back({field.name, std::move(groups.codes), std::move(groups.names)});
  }
  return out;
}

std::vector<Cells> tables_of(std::span<const CodedColumn> columns, std::int64_t depth) {
  std::vector<Cells> out;
  for (std::size_t a = 0; a < columns.size(); ++a) {
    out.push_back({a, a, std::vector<double>(columns[a].levels.size()), {}});
    for (std::size_t b = a + 1; depth > 1 && b < columns.size(); ++b)
      out.push_back(
          {a, b, std::vector<double>(columns[a].levels.size() * columns[b].levels.size()), {}});
  }
  for (auto& cells : out) cells.n.resize(cells.sum.size());
  return out;
}

std::size_t cell_of(std::span<const CodedColumn> columns, const Cells& cells, std::size_t row) {
  const auto a = static_cast<std::size_t>(columns[cells.a].codes[row]);
  if (cells.a == cells.b) return a;
  return a * columns[cells.b].levels.size() + static_cast<std::size_t>(columns[cells.b].codes[row]);
}

void add_losses(std::span<const CodedColumn> columns, std::span<Cells> tables,
                std::span<const double> loss, std::span<const std::int64_t> rows) {
  for (auto& cells : tables) {
    std::fill(cells.sum.begin(), cells.sum.end(), 0.0);
    const std::int32_t* a = columns[cells.a].codes.data();
    const std::int32_t* b = columns[cells.b].codes.data();
    const std::size_t stride = cells.a == cells.b ? 0 : columns[cells.b].levels.size();
    if (stride == 0) {
      for (std::size_t i = 0; i < rows.size(); ++i)
        cells.sum[static_cast<std::size_t>(a[rows[i]])] += loss[i];
    } else {
      for (std::size_t i = 0; i < rows.size(); ++i)
        cells.sum[static_cast<std::size_t>(a[rows[i]]) * stride +
                  static_cast<std::size_t>(b[rows[i]])] += loss[i];
    }
  }
}

/// The search over some rows.
class Search {
 public:
  Search(std::span<const CodedColumn> columns, std::span<const double> loss,
         std::vector<std::int64_t> rows, const WeakSlicesOptions& options)
      : columns_(columns), rows_(std::move(rows)), tables_(tables_of(columns, options.depth)) {
    for (const auto row : rows_) moments_.add(loss[static_cast<std::size_t>(row)]);
    for (const auto row : rows_) losses_.push_back(loss[static_cast<std::size_t>(row)]);
    for (auto& cells : tables_)
      for (const auto row : rows_)
        ++cells.n[cell_of(columns_, cells, static_cast<std::size_t>(row))];
    const auto total = static_cast<double>(rows_.size());
    for (std::size_t t = 0; t < tables_.size(); ++t)
      for (std::size_t c = 0; c < tables_[t].n.size(); ++c) {
        const std::int64_t n = tables_[t].n[c];
        if (n < options.min_support || n + options.min_support > std::ssize(rows_)) continue;
        if (repeats_a_column(tables_[t], c)) continue;
        const auto size = static_cast<double>(n);
        segments_.push_back({t, c, n, size * moments_.mean,
                             std::sqrt(size * (total - size) / (total - 1) * moments_.m2 / total)});
      }
    add_losses(columns_, tables_, losses_, rows_);
    for (const auto& s : segments_) statistics_.push_back(statistic(s));
  }

  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }
  [[nodiscard]] const std::vector<double>& statistics() const { return statistics_; }
  [[nodiscard]] const stats::Moments& moments() const { return moments_; }

  /// The largest statistic of the whole search on shuffled losses.
  [[nodiscard]] std::vector<double> permuted(std::int64_t count, std::uint64_t seed) {
    std::vector<double> out, shuffled = losses_;
    for (std::int64_t b = 0; b < count; ++b) {
      stats::Rng rng(seed, "weak_slices", b);
      for (std::size_t i = shuffled.size(); i > 1; --i)
        std::swap(shuffled[i - 1], shuffled[rng.below(i)]);
      add_losses(columns_, tables_, shuffled, rows_);
      double most = -INFINITY;
      for (const auto& s : segments_) most = std::max(most, statistic(s));
      out.push_back(most);
    }
    add_losses(columns_, tables_, losses_, rows_);
    return out;
  }

  /// Segment of the same cell in another search; its statistic there.
  [[nodiscard]] const Segment* find(const Segment& other) const {
    for (const auto& s : segments_)
      if (s.table == other.table && s.cell == other.cell) return &s;
    return nullptr;
  }
  [[nodiscard]] double statistic(const Segment& s) const {
    return s.spread > 0 ? (tables_[s.table].sum[s.cell] - s.centre) / s.spread : 0.0;
  }

  [[nodiscard]] WeakSlice describe(const Segment& s, double quantile, double level) const {
    stats::Moments inside, outside;
    const auto& cells = tables_[s.table];
    for (std::size_t i = 0; i < rows_.size(); ++i)
      (cell_of(columns_, cells, static_cast<std::size_t>(rows_[i])) == s.cell ? inside : outside)
          .add(losses_[i]);
    WeakSlice out;
    out.name = name_of(s);
    out.n = s.n;
    out.statistic = statistic(s);
    out.loss = mean_of(inside, level);
    const double difference = inside.mean - outside.mean;
    const double own = std::hypot(inside.standard_error(), outside.standard_error());
    const double pooled =
        s.spread / static_cast<double>(s.n) *
        (static_cast<double>(rows_.size()) / static_cast<double>(std::ssize(rows_) - s.n));
    const double error = std::max(own, pooled * 1e-6);
    out.difference =
        Estimate::with(difference, difference - quantile * error,
                       difference + stats::normal_two_sided(level) * error, s.n, "max_t", level);
    return out;
  }

  [[nodiscard]] static Estimate mean_of(const stats::Moments& m, double level) {
    const bool binary = m.min >= 0 && m.max <= 1 &&
                        std::abs(m.m2 - static_cast<double>(m.n) * m.mean * (1 - m.mean)) < 1e-9;
    if (binary)
      return Estimate::rate(std::llround(m.mean * static_cast<double>(m.n)), m.n, "wilson", level);
    const auto i = stats::mean_interval_t(m, level);
    if (!i) return Estimate::of(m.mean, m.n, "one sample shows no spread");
    return Estimate::with(m.mean, std::min(i->lower, m.mean), std::max(i->upper, m.mean), m.n, "t",
                          level);
  }

  [[nodiscard]] std::string name_of(const Segment& s) const {
    const auto& cells = tables_[s.table];
    const auto part = [&](std::size_t column, std::size_t level) {
      return plain::key_value(columns_[column].name) + "=" + columns_[column].levels[level];
    };
    if (cells.a == cells.b) return part(cells.a, s.cell);
    const std::size_t width = columns_[cells.b].levels.size();
    return part(cells.a, s.cell / width) + "," + part(cells.b, s.cell % width);
  }

 private:
  /// A pair that holds all of one of its levels adds nothing.
  [[nodiscard]] bool repeats_a_column(const Cells& cells, std::size_t cell) const {
    if (cells.a == cells.b) return false;
    const std::size_t width = columns_[cells.b].levels.size();
    for (const auto& single : tables_) {
      if (single.a != single.b) continue;
      if (single.a == cells.a && single.n[cell / width] == cells.n[cell]) return true;
      if (single.a == cells.b && single.n[cell % width] == cells.n[cell]) return true;
    }
    return false;
  }

  std::span<const CodedColumn> columns_;
  std::vector<std::int64_t> rows_;
  std::vector<Cells> tables_;
  std::vector<double> losses_, statistics_;
  stats::Moments moments_;
  std::vector<Segment> segments_;
};

std::vector<std::size_t> strongest(std::span<const double> statistics, std::int64_t top) {
  std::vector<std::size_t> order(statistics.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto x, auto y) { return statistics[x] > statistics[y]; });
  order.resize(std::min(order.size(), static_cast<std::size_t>(top)));
  return order;
}

SliceSearch run_permutation(std::span<const CodedColumn> columns, std::span<const double> loss,
                            const WeakSlicesOptions& options, SliceSearch out) {
  std::vector<std::int64_t> rows(loss.size());
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  Search search(columns, loss, std::move(rows), options);
  out.overall = Search::mean_of(search.moments(), options.level);
  out.n_searched = std::ssize(search.segments());
  if (search.segments().empty()) return out;
  const auto most = search.permuted(options.permutations, static_cast<std::uint64_t>(options.seed));
  const double quantile = stats::quantile(most, options.level);
  for (const auto i : strongest(search.statistics(), options.top)) {
    auto& slice = out.slices.emplace_back(
        search.describe(search.segments()[i], std::max(quantile, 0.0), options.level));
    const auto above = std::count_if(most.begin(), most.end(),
                                     [&](double m) { return m >= search.statistics()[i] - 1e-12; });
    slice.p_value = stats::permutation_p_value(above, options.permutations);
  }
  return out;
}

SliceSearch run_split(std::span<const CodedColumn> columns, std::span<const double> loss,
                      const WeakSlicesOptions& options, SliceSearch out) {
  std::vector<std::int64_t> first, second;
  for (std::int64_t i = 0; i < std::ssize(loss); ++i) {
    stats::Rng rng(static_cast<std::uint64_t>(options.seed), "weak_slices.split", i);
    (rng.bernoulli(0.5) ? first : second).push_back(i);
  }
  auto half = options;
  half.min_support = std::max<std::int64_t>(2, options.min_support / 2);
  const Search discover(columns, loss, first, half), confirm(columns, loss, second, half);
  out.overall = Search::mean_of(confirm.moments(), options.level);
  out.n_searched = std::ssize(discover.segments());
  std::vector<double> p;
  for (const auto i : strongest(discover.statistics(), options.top)) {
    const auto* there = confirm.find(discover.segments()[i]);
    if (there == nullptr) continue;
    out.slices.push_back(
        confirm.describe(*there, stats::normal_two_sided(options.level), options.level));
    out.slices.back().difference.method = "split_half";
    p.push_back(stats::normal_sf(out.slices.back().statistic));
  }
  const auto adjusted = stats::holm(p);
  for (std::size_t i = 0; i < adjusted.size(); ++i) out.slices[i].p_value = adjusted[i];
  std::stable_sort(out.slices.begin(), out.slices.end(),
                   [](const auto& x, const auto& y) { return x.p_value < y.p_value; });
  return out;
}

}  // namespace leadline::detail::weak_slices

namespace leadline::fairness {
namespace weak_impl = leadline::detail::weak_slices;

std::vector<WeakSlice> SliceSearch::significant() const {
  std::vector<WeakSlice> out;
  for (const auto& slice : slices)
    if (slice.p_value <= 1 - level + 1e-12) out.push_back(slice);
  return out;
}

SliceSearch find_weak_slices(const Table& table, std::span<const double> loss,
                             const WeakSlicesOptions& options) {
  check_options("find_weak_slices", options);
  if (table.size() != std::ssize(loss))
    throw ShapeError("find_weak_slices", fmt::format("a loss for each of {} rows", table.size()),
                     fmt::format("{}", loss.size()), "pass one loss a row of the table");
  for (std::size_t i = 0; i < loss.size(); ++i)
    if (!std::isfinite(loss[i]))
      throw ValueError("find_weak_slices", "finite losses", fmt::format("{} at row {}", loss[i], i),
                       "pass 0 and 1 for right and wrong, or a bounded loss");
  SliceSearch search;
  search.level = options.level;
  search.correction = names_of(
      std::type_identity<SearchCorrection>{})[static_cast<std::size_t>(options.correction)];
  const auto columns = weak_impl::coded(table, options, search);
  if (std::ssize(loss) < 2 * options.min_support || columns.empty()) {
    search.overall = Estimate::absent(
        Status::not_measured,
        columns.empty() ? "no column has between 2 and 50 levels"
                        : fmt::format("n = {}, fewer than two segments of min_support = {}",
                                      loss.size(), options.min_support),
        std::ssize(loss));
    return search;
  }
  return options.correction == SearchCorrection::permutation
             ? weak_impl::run_permutation(columns, loss, options, std::move(search))
             : weak_impl::run_split(columns, loss, options, std::move(search));
}

}  // namespace leadline::fairness
