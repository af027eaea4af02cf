// Columns of numbers as groups.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>

#include "leadline/core/error.hpp"
#include "leadline/fairness/group_index.hpp"
#include "leadline/stats/clones.hpp"
#include "leadline/stats/quantiles.hpp"

namespace leadline::detail::group_columns {

constexpr std::int64_t block = 256;  // a fixed length is what compilers vectorise at -O2

/// Values less `base` as codes; least and greatest value. A code that does not fit is cut: its
/// value is too far from the others.
struct Span {
  std::int64_t least, most;
};
LEADLINE_CLONES Span shift_to(const std::int64_t* v, std::int64_t n, std::int64_t base,
                              std::int32_t* out) {
  std::int64_t least = v[0], most = v[0], i = 0;
  const auto take = [&](std::int64_t at) {
    least = v[at] < least ? v[at] : least;
    most = v[at] > most ? v[at] : most;
    out[at] = static_cast<std::int32_t>(static_cast<std::uint64_t>(v[at]) -
                                        static_cast<std::uint64_t>(base));
  };
  for (; i + block <= n; i += block)
    for (std::int64_t k = 0; k < block; ++k) take(i + k);
  for (; i < n; ++i) take(i);
  return {least, most};
}

}  // namespace leadline::detail::group_columns

namespace leadline::fairness {
namespace columns_impl = leadline::detail::group_columns;

Categories integer_groups(const ArrayView& values, std::string_view who, const std::string& name) {
  if (is_floating(values.dtype))
    throw TypeError(who, fmt::format("groups '{}' as categories, integers or texts", name),
                    std::string(leadline::name_of(values.dtype)),
                    "bin them first, e.g. with quantile_bins");
  const std::int64_t n = values.rows;
  Categories out;
  if (n == 0) return out;
  std::vector<std::int64_t> copied;
  const auto* data = static_cast<const std::int64_t*>(values.data);
  if (values.dtype != DType::i64 || values.row_stride != 1) {
    copied.resize(static_cast<std::size_t>(n));
    visit(values, [&](const auto* from) {
      for (std::int64_t i = 0; i < n; ++i)
        copied[static_cast<std::size_t>(i)] =
            static_cast<std::int64_t>(from[i * values.row_stride]);
    });
    data = copied.data();
  }
  out.codes.resize(static_cast<std::size_t>(n));
  // Most columns hold their least value among the first: they are read once.
  const auto first = std::min(n, std::int64_t{1024});
  const std::int64_t base = *std::min_element(data, data + first);
  const auto [least, most] = columns_impl::shift_to(data, n, base, out.codes.data());
  if (static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least) <
      static_cast<std::uint64_t>(GroupIndex::max_levels)) {
    if (least < base) columns_impl::shift_to(data, n, least, out.codes.data());
    for (std::int64_t v = least; v <= most; ++v) out.names.push_back(std::to_string(v));
    return out;
  }
  std::unordered_map<std::int64_t, std::int32_t> seen;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto [it, fresh] = seen.try_emplace(data[i], static_cast<std::int32_t>(out.names.size()));
    if (fresh) out.names.push_back(std::to_string(data[i]));
    if (std::ssize(out.names) > GroupIndex::max_levels)
      throw ValueError(who, fmt::format("at most {} groups", GroupIndex::max_levels),
                       fmt::format("more in column '{}'", name),
                       "group by something coarser, or bin it with quantile_bins");
    out.codes[static_cast<std::size_t>(i)] = it->second;
  }
  return out;
}

Categories quantile_bins(std::span<const double> values, std::int64_t bins,
                         std::span<const std::uint8_t> valid) {
  if (bins < 2)
    throw ValueError("quantile_bins", "at least 2 bins", std::to_string(bins), "use bins=4");
  std::vector<double> present, cuts;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!valid.empty() && valid[i] == 0) continue;
    if (!std::isfinite(values[i]))
      throw ValueError("quantile_bins", "finite values", fmt::format("{} at row {}", values[i], i),
                       "mark missing values as missing");
    present.push_back(values[i]);
  }
  Categories out;
  out.codes.assign(values.size(), GroupIndex::missing);
  if (present.empty()) return out;
  std::vector<double> p;
  for (std::int64_t b = 1; b < bins; ++b)
    p.push_back(static_cast<double>(b) / static_cast<double>(bins));
  const auto [least, most] = std::minmax_element(present.begin(), present.end());
  for (const double cut : stats::quantiles(present, p))
    if (cut > *least && (cuts.empty() || cut > cuts.back())) cuts.push_back(cut);
  for (std::size_t b = 0; b <= cuts.size(); ++b)
    out.names.push_back(fmt::format("[{:.4g}, {:.4g}{}", b == 0 ? *least : cuts[b - 1],
                                    b == cuts.size() ? *most : cuts[b],
                                    b == cuts.size() ? "]" : ")"));
  for (std::size_t b = 1; b < out.names.size(); ++b)  // cuts that print alike
    if (out.names[b] == out.names[b - 1]) out.names[b] += fmt::format(" #{}", b);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (valid.empty() || valid[i] != 0)
      out.codes[i] = static_cast<std::int32_t>(
          std::upper_bound(cuts.begin(), cuts.end(), values[i]) - cuts.begin());
  return out;
}

}  // namespace leadline::fairness
