#include "leadline/stats/rank_bootstrap.hpp"

#include <array>
#include <limits>
#include <memory>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "leadline/stats/random.hpp"
#include "stats/ranked_walk.hpp"

namespace leadline::stats {
namespace detail::rank_bootstrap {

constexpr std::size_t lanes = 128;  // Philox blocks at once, eight 16-bit weights each
constexpr std::size_t width = lanes * 8;

/// round(2^16 P(X <= k)) - 2^15, k = 0 .. 7: bounds for signed 16-bit words.
constexpr std::array<std::int16_t, 8> bounds{-8659, 15451, 27505, 31524,
                                             32528, 32729, 32763, 32767};

/// Poisson(1) weights of one sample in `width` replicates.
[[gnu::always_inline]] inline void draw(std::uint16_t* __restrict out, PhiloxKey key,
                                        std::uint64_t id, std::uint32_t first) {
  alignas(64) std::uint32_t w[4][lanes];
  for (std::size_t i = 0; i < lanes; ++i) {
    w[0][i] = first + static_cast<std::uint32_t>(i);
    w[1][i] = 0;
    w[2][i] = static_cast<std::uint32_t>(id);
    w[3][i] = static_cast<std::uint32_t>(id >> 32);
  }
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < lanes; ++i) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53U} * w[0][i];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57U} * w[2][i];
      w[0][i] = static_cast<std::uint32_t>(p1 >> 32) ^ w[1][i] ^ key[0];
      w[2][i] = static_cast<std::uint32_t>(p0 >> 32) ^ w[3][i] ^ key[1];
      w[1][i] = static_cast<std::uint32_t>(p1);
      w[3][i] = static_cast<std::uint32_t>(p0);
    }
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  for (std::size_t word = 0; word < 4; ++word)
    for (std::size_t i = 0; i < lanes; ++i) {
      out[2 * word * lanes + i] = static_cast<std::uint16_t>(w[word][i]);
      out[(2 * word + 1) * lanes + i] = static_cast<std::uint16_t>(w[word][i] >> 16);
    }
  for (std::size_t i = 0; i < width; ++i) {
    const auto x = static_cast<std::int16_t>(out[i] ^ 0x8000U);
    std::int16_t count = 0;
    for (const std::int16_t bound : bounds) count = static_cast<std::int16_t>(count + (x >= bound));
    out[i] = static_cast<std::uint16_t>(count);
  }
}

struct State {
  alignas(64) std::array<std::uint32_t, width> above{}, level_positive{}, level_negative{};
  alignas(64) std::array<std::uint64_t, width> wins{}, negatives{};
};

/// Samples from the greatest score down: `group` [n], `ends` [n] whether a level ends with it.
LEADLINE_CLONES void replicate(State& s, const std::uint8_t* group, const std::uint8_t* ends,
                               std::size_t n, PhiloxKey key, std::uint32_t first) {
  alignas(64) std::uint16_t weight[width];
  bool single = true;  // the level has one sample so far
  for (std::size_t i = 0; i < n; ++i) {
    draw(weight, key, i, first);
    if (single && ends[i] != 0) {  // most levels: no tie to share
      if (group[i] != 0)
        for (std::size_t r = 0; r < width; ++r) s.above[r] += weight[r];
      else
        for (std::size_t r = 0; r < width; ++r) {
          s.wins[r] += 2 * std::uint64_t{s.above[r] * weight[r]};
          s.negatives[r] += weight[r];
        }
      continue;
    }
    auto& mine = group[i] != 0 ? s.level_positive : s.level_negative;
    for (std::size_t r = 0; r < width; ++r) mine[r] += weight[r];
    single = ends[i] != 0;
    if (!single) continue;
    for (std::size_t r = 0; r < width; ++r) {
      const std::uint64_t p = s.level_positive[r], q = s.level_negative[r];
      s.wins[r] += q * (2 * std::uint64_t{s.above[r]} + p);
      s.negatives[r] += q;
      s.above[r] += s.level_positive[r];
      s.level_positive[r] = s.level_negative[r] = 0;
    }
  }
}

}  // namespace detail::rank_bootstrap

std::vector<double> auroc_bootstrap(const Ranked& ranked, const AurocBootstrapOptions& options) {
  namespace impl = detail::rank_bootstrap;
  if (ranked.weighted())
    throw ValueError("auroc_bootstrap", "a sample without weights", "weights",
                     "use the interval 'delong', which takes them");
  if (ranked.n_positive() == 0 || ranked.n_negative() == 0)
    throw ValueError("auroc_bootstrap", "at least one score in each group",
                     std::to_string(ranked.n_positive()) + " positives and " +
                         std::to_string(ranked.n_negative()) + " negatives",
                     "pass samples of both classes");
  if (options.replicates < 1 || ranked.n() > (std::int64_t{1} << 26))
    throw ValueError("auroc_bootstrap", "replicates >= 1 of at most 2^26 samples",
                     std::to_string(options.replicates) + " of " + std::to_string(ranked.n()),
                     "use the interval 'delong'");
  std::vector<std::uint8_t> group, ends;
  group.reserve(static_cast<std::size_t>(ranked.n()));
  ends.reserve(group.capacity());
  detail::ranked::with_items(ranked, [&](auto items) {
    detail::ranked::walk_down(items, [&](std::size_t first, std::size_t last, std::uint64_t p) {
      const std::size_t size = last - first;
      for (std::size_t k = 0; k < size; ++k) {
        group.push_back(k < p ? 1 : 0);
        ends.push_back(k + 1 == size ? 1 : 0);
      }
    });
  });
  const std::uint64_t key = Stream(options.seed, "auroc").key();
  std::vector<double> out;
  const auto wanted = static_cast<std::size_t>(options.replicates);
  const auto state = std::make_unique<impl::State>();
  for (std::uint32_t first = 0; out.size() < wanted; first += impl::lanes) {
    *state = {};
    impl::replicate(*state, group.data(), ends.data(), group.size(),
                    {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)},
                    first);
    for (std::size_t r = 0; r < impl::width && out.size() < wanted; ++r) {
      const double pairs =
          2.0 * static_cast<double>(state->above[r]) * static_cast<double>(state->negatives[r]);
      out.push_back(pairs > 0 ? static_cast<double>(state->wins[r]) / pairs
                              : std::numeric_limits<double>::quiet_NaN());
    }
  }
  return out;
}

}  // namespace leadline::stats
