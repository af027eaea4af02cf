/// E-values for paired comparisons that are looked at again and again, such as every night.
///
/// An e-value is what a fair bet against the hypothesis has made of 1: its expectation under the
/// hypothesis is at most 1, so it reaches 1 / alpha with probability at most alpha (Ville 1939;
/// Ramdas et al. 2023, arXiv:2210.01948). Unlike p-values, e-values may be multiplied over time.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::stats {

/// E-value against "the rate of the first exceeds that of the second by at most `margin`": large
/// when the second is worse.
///
/// With d = +1 where only the first is right, -1 where only the second is, 0 else, and bets l in
/// (0, 1 / (1 + margin)):  mean over l of  prod_i (1 + l (d_i - margin)), for 48 values of l in
/// geometric spacing. A finite mixture needs no quadrature: it is an e-value exactly. It depends on
/// the counts alone, so that counts of shards may be added first, in any order.
/// `margin` in (-1, 1). For "not worse than by 0.01" as the claim to be shown, ask the reverse:
/// paired_e_value({both, only_second, only_first, neither}, -0.01).
/// Throws ValueError on a negative count or a margin outside (-1, 1). 1 without samples.
[[nodiscard]] LEADLINE_API double paired_e_value(const PairedCounts& counts, double margin = 0.0);

/// How the comparisons of a gate depend on each other.
enum class Dependence : std::uint8_t {
  sequential,  // fresh samples each time (or: each is fair given the ones before): evidence
               // multiplies
  arbitrary,   // the same samples every night: evidence adds, a long series costs power
};
[[nodiscard]] constexpr auto names_of(std::type_identity<Dependence>) {
  return std::array<std::string_view, 2>{"sequential", "arbitrary"};
}

struct GateOptions {
  double alpha = 0.05;       // chance that the gate ever raises a false alarm, in (0, 1)
  double margin = 0.0;       // a loss of up to this rate is no regression, in [0, 1)
  std::int64_t horizon = 0;  // comparisons planned; 0: no end
  Dependence dependence = Dependence::sequential;
};

/// A gate for repeated paired comparisons that keeps its error rate over all of them together.
///
/// With e_t the `paired_e_value` of night t, and weights g_t >= 0 that sum to at most 1 (1 /
/// horizon each, or 1 / (t (t + 1)) without end):
///     sequential   M_t = e_t (M_{t-1} + g_t),  evidence = M_t + (1 - g_1 - ... - g_t)
///     arbitrary    evidence = g_1 e_1 + ... + g_t e_t
/// The first bets the share g_s on a regression that begins in night s, so that quiet nights do not
/// use up the evidence of a late one (a mixture over change points; cf. Shin, Ramdas, Rinaldo 2024,
/// arXiv:2203.03532). It is a supermartingale from 1: P(ever >= 1 / alpha) <= alpha. The second
/// never falls and its limit has expectation <= 1, whatever the nights have in common.
/// The order of the nights is part of the state: gates do not merge.
///
///     SequentialGate gate({.alpha = 0.01, .margin = 0.01, .horizon = 200});
///     gate.update(counts_of_tonight);
///     if (gate.alarmed()) stop_the_line();
class LEADLINE_API SequentialGate {
 public:
  /// Throws ValueError when alpha, margin or horizon is out of range.
  explicit SequentialGate(const GateOptions& options = {});

  /// Folds one comparison: `first` of the counts is the reference, `second` the candidate. Returns
  /// the e-value of this comparison alone.
  double update(const PairedCounts& night);

  /// Evidence of a regression so far; an alarm at 1 / alpha.
  [[nodiscard]] double evidence() const noexcept;
  /// min(1, 1 / largest evidence so far): a p-value that is valid at any time of looking.
  [[nodiscard]] double p_value() const noexcept;
  /// Whether the evidence has ever reached 1 / alpha; stays so.
  [[nodiscard]] bool alarmed() const noexcept { return alarm_at_ > 0; }
  /// The comparison, counted from 1, of the alarm; 0 without one.
  [[nodiscard]] std::int64_t alarm_at() const noexcept { return alarm_at_; }
  /// Comparisons seen.
  [[nodiscard]] std::int64_t n() const noexcept { return n_; }
  [[nodiscard]] const GateOptions& options() const noexcept { return options_; }

  /// The state as five numbers; `load` into a gate with the same options goes on from there.
  [[nodiscard]] std::vector<double> save() const;
  /// Throws ValueError unless `state` came from `save`.
  void load(std::span<const double> state);

 private:
  GateOptions options_;
  double bets_ = 0.0, cash_ = 1.0, largest_ = 1.0;
  std::int64_t n_ = 0, alarm_at_ = 0;
};

}  // namespace leadline::stats
