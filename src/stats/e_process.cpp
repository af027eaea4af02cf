#include "leadline/stats/e_process.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "stats/arguments.hpp"

namespace leadline::stats {
namespace detail::e_process {

constexpr std::size_t bets = 48;
constexpr double least = 0.005, most = 0.98;  // of the largest bet that cannot lose everything

double log_mean_exp(const std::array<double, bets>& logs) {
  const double top = *std::max_element(logs.begin(), logs.end());
  double sum = 0.0;
  for (const double x : logs) sum += std::exp(x - top);
  return top + std::log(sum / static_cast<double>(bets));
}

}  // namespace detail::e_process

double paired_e_value(const PairedCounts& counts, double margin) {
  namespace d = detail::e_process;
  if (!(margin > -1.0 && margin < 1.0))
    throw ValueError("paired_e_value", "margin in (-1, 1)", std::to_string(margin),
                     "pass a difference of rates");
  if (counts.both < 0 || counts.only_first < 0 || counts.only_second < 0 || counts.neither < 0)
    throw ValueError("paired_e_value", "counts >= 0", "a negative count", "pass counts");
  const auto worse = static_cast<double>(counts.only_first);
  const auto better = static_cast<double>(counts.only_second);
  const auto same = static_cast<double>(counts.both + counts.neither);
  std::array<double, d::bets> logs;
  for (std::size_t j = 0; j < d::bets; ++j) {
    const double share =
        d::least * std::pow(d::most / d::least, static_cast<double>(j) / (d::bets - 1.0));
    const double bet = share / (1.0 + margin);
    logs[j] = worse * std::log1p(bet * (1.0 - margin)) +
              better * std::log1p(-bet * (1.0 + margin)) + same * std::log1p(-bet * margin);
  }
  // Evidence beyond 1e300 is no stronger to anyone; an infinity would be no number.
  return std::exp(std::min(d::log_mean_exp(logs), 690.0));
}

SequentialGate::SequentialGate(const GateOptions& options) : options_(options) {
  detail::arguments::check_alpha("SequentialGate", options.alpha);
  if (!(options.margin >= 0.0 && options.margin < 1.0))
    throw ValueError("SequentialGate", "margin in [0, 1)", std::to_string(options.margin),
                     "a margin is the loss that is still acceptable, a positive share");
  if (options.horizon < 0)
    throw ValueError("SequentialGate", "horizon >= 0", std::to_string(options.horizon),
                     "pass the number of comparisons planned, or 0 for no end");
}

double SequentialGate::update(const PairedCounts& night) {
  const double e = paired_e_value(night, options_.margin);
  ++n_;
  const auto t = static_cast<double>(n_);
  const double weight = options_.horizon == 0    ? 1.0 / (t * (t + 1.0))
                        : n_ <= options_.horizon ? 1.0 / static_cast<double>(options_.horizon)
                                                 : 0.0;
  cash_ = std::max(0.0, cash_ - weight);
  bets_ = options_.dependence == Dependence::sequential ? e * (bets_ + weight) : bets_ + weight * e;
  bets_ = std::min(bets_, 1e300);
  largest_ = std::max(largest_, evidence());
  if (alarm_at_ == 0 && evidence() * options_.alpha >= 1.0) alarm_at_ = n_;
  return e;
}

double SequentialGate::evidence() const noexcept {
  return options_.dependence == Dependence::sequential ? bets_ + cash_ : bets_;
}

double SequentialGate::p_value() const noexcept { return std::min(1.0, 1.0 / largest_); }

std::vector<double> SequentialGate::save() const {
  return {bets_, cash_, largest_, static_cast<double>(n_), static_cast<double>(alarm_at_)};
}

void SequentialGate::load(std::span<const double> state) {
  const auto whole = [](double x) { return x >= 0.0 && x <= 0x1p53 && x == std::floor(x); };
  if (state.size() != 5 || !(state[0] >= 0.0) || !(state[1] >= 0.0 && state[1] <= 1.0) ||
      !(state[2] >= 1.0) || !whole(state[3]) || !whole(state[4]) || state[4] > state[3])
    throw ValueError("SequentialGate.load", "the five numbers of save()",
                     std::to_string(state.size()) + " numbers", "pass what save() returned");
  bets_ = state[0];
  cash_ = state[1];
  largest_ = state[2];
  n_ = static_cast<std::int64_t>(state[3]);
  alarm_at_ = static_cast<std::int64_t>(state[4]);
}

}  // namespace leadline::stats
