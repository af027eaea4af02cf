#include "leadline/stats/confidence_sequence.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <string>

#include "leadline/stats/clones.hpp"
#include "stats/arguments.hpp"

namespace leadline::stats {
namespace detail::confidence_sequence {

void check(const char* where, const SequenceOptions& options) {
  arguments::check_level(where, options.level);
  if (!(options.low < options.high && std::isfinite(options.low) && std::isfinite(options.high)))
    throw ValueError(where, "low < high",
                     "[" + std::to_string(options.low) + ", " + std::to_string(options.high) + "]",
                     "pass the bounds of the column");
  if (options.tuned_to < 1 || options.grid < 10)
    throw ValueError(where, "tuned_to >= 1 and grid >= 10",
                     std::to_string(options.tuned_to) + " and " + std::to_string(options.grid),
                     "1000 is usual for both");
}

double scaled(const char* where, double x, const SequenceOptions& options) {
  if (!(x >= options.low && x <= options.high))
    throw ValueError(
        where,
        "values in [" + std::to_string(options.low) + ", " + std::to_string(options.high) + "]",
        std::to_string(x), "pass the true bounds of the column as low and high");
  return std::clamp((x - options.low) / (options.high - options.low), 0.0, 1.0);
}

Interval unscaled(double lower, double upper, const SequenceOptions& options) {
  const double width = options.high - options.low;
  return {lower <= 0.0 ? options.low : options.low + lower * width,
          upper >= 1.0 ? options.high : options.low + upper * width};
}

double unscaled(double mean, const SequenceOptions& options) {
  return options.low + mean * (options.high - options.low);
}

void check_same(const char* where, const SequenceOptions& a, const SequenceOptions& b) {
  if (a.level != b.level || a.low != b.low || a.high != b.high || a.tuned_to != b.tuned_to)
    throw ValueError(where, "a sequence made with the same options", "another one",
                     "make every shard with the same level and bounds");
}

/// x log p, with 0 log 0 = 0.
double x_log(double x, double p) { return x == 0.0 ? 0.0 : x * std::log(p); }

/// The bet of both betting sequences before value number `t` (from 1).
double plug_in_bet(double squares, double t, double level) {
  const double variance = squares / t;  // (1/4 + sum (x - mean)^2) / (t - 1 + 1)
  return std::sqrt(2.0 * std::log(2.0 / (1.0 - level)) / (variance * t * std::log(1.0 + t)));
}

/// Multiplies the capitals in [first, last] by what their bets earn at x; mean i / grid.
LEADLINE_CLONES void settle(double* __restrict up, double* __restrict down, std::size_t first,
                            std::size_t last, double step, double x, double bet) {
  for (std::size_t i = first; i <= last; ++i) {
    const double m = static_cast<double>(i) * step, gap = x - m;
    // |bet| is cut at half of what could lose everything; at m = 0 (or 1) only the other side is.
    const double high = bet * m > 0.5 ? 0.5 / m : bet;
    const double low = bet * (1.0 - m) > 0.5 ? 0.5 / (1.0 - m) : bet;
    const double a = up[i] * (1.0 + high * gap), b = down[i] * (1.0 - low * gap);
    up[i] = a < 1e-290 ? 0.0 : a;  // never a subnormal; losing all is allowed
    down[i] = b < 1e-290 ? 0.0 : b;
  }
}

}  // namespace detail::confidence_sequence

MixtureSequence::MixtureSequence(const SequenceOptions& options) : options_(options) {
  detail::confidence_sequence::check("MixtureSequence", options);
}

void MixtureSequence::add(double x) {
  sum_.add(detail::confidence_sequence::scaled("MixtureSequence.add", x, options_));
  ++n_;
}

void MixtureSequence::add(std::span<const double> column) {
  for (const double x : column) add(x);
}

void MixtureSequence::merge(const MixtureSequence& other) {
  detail::confidence_sequence::check_same("MixtureSequence.merge", options_, other.options_);
  sum_.merge(other.sum_);
  n_ += other.n_;
}

double MixtureSequence::mean() const noexcept {
  return n_ == 0 ? 0.0
                 : detail::confidence_sequence::unscaled(sum_.value() / static_cast<double>(n_),
                                                         options_);
}

Interval MixtureSequence::interval() const {
  namespace d = detail::confidence_sequence;
  if (n_ == 0) return {options_.low, options_.high};
  const auto n = static_cast<double>(n_);
  const double k = std::clamp(sum_.value(), 0.0, n), rate = k / n;
  using boost::math::lgamma;
  const double mixture = lgamma(k + 0.5) + lgamma(n - k + 0.5) - lgamma(n + 1.0) -
                         std::log(3.14159265358979323846);  // log B(1/2, 1/2)
  const double limit = mixture + std::log(1.0 - options_.level);
  // Inside while p^k (1 - p)^(n - k) > (1 - level) * mixture; falls away from the rate.
  const auto inside = [&](double p) { return d::x_log(k, p) + d::x_log(n - k, 1.0 - p) > limit; };
  const auto end = [&](double in, double out) {
    for (int i = 0; i < 100; ++i) {
      const double middle = in + (out - in) / 2.0;
      if (middle == in || middle == out) break;
      (inside(middle) ? in : out) = middle;
    }
    return out;
  };
  return d::unscaled(k == 0.0 ? 0.0 : end(rate, 0.0), k == n ? 1.0 : end(rate, 1.0), options_);
}

NormalMixtureSequence::NormalMixtureSequence(const SequenceOptions& options) : options_(options) {
  detail::confidence_sequence::check("NormalMixtureSequence", options);
  const double a = 2.0 * std::log(1.0 / (1.0 - options.level));
  rho_ = static_cast<double>(options.tuned_to) / 4.0 / (a + std::log(1.0 + a));
}

void NormalMixtureSequence::add(double x) {
  sum_.add(detail::confidence_sequence::scaled("NormalMixtureSequence.add", x, options_));
  ++n_;
}

void NormalMixtureSequence::add(std::span<const double> column) {
  for (const double x : column) add(x);
}

void NormalMixtureSequence::merge(const NormalMixtureSequence& other) {
  detail::confidence_sequence::check_same("NormalMixtureSequence.merge", options_, other.options_);
  sum_.merge(other.sum_);
  n_ += other.n_;
}

double NormalMixtureSequence::mean() const noexcept {
  return n_ == 0 ? 0.0
                 : detail::confidence_sequence::unscaled(sum_.value() / static_cast<double>(n_),
                                                         options_);
}

Interval NormalMixtureSequence::interval() const {
  if (n_ == 0) return {options_.low, options_.high};
  const auto n = static_cast<double>(n_);
  const double v = n / 4.0 + rho_, alpha = 1.0 - options_.level;
  const double half = std::sqrt(v * std::log(v / (rho_ * alpha * alpha))) / n;
  const double mean = sum_.value() / n;
  return detail::confidence_sequence::unscaled(mean - half, mean + half, options_);
}

BernsteinSequence::BernsteinSequence(const SequenceOptions& options) : options_(options) {
  detail::confidence_sequence::check("BernsteinSequence", options);
}

void BernsteinSequence::add(double value) {
  namespace d = detail::confidence_sequence;
  const double x = d::scaled("BernsteinSequence.add", value, options_);
  const auto t = static_cast<double>(n_ + 1);
  const double before = (0.5 + sum_) / t;  // running mean, shrunk to 1/2
  const double bet = std::min(0.5, d::plug_in_bet(squares_, t, options_.level));
  weight_ += bet;
  weighted_ += bet * x;
  penalty_ += (x - before) * (x - before) * (-std::log1p(-bet) - bet);
  ++n_;
  sum_ += x;
  const double now = (0.5 + sum_) / (t + 1.0);
  squares_ += (x - now) * (x - now);
  const double centre = weighted_ / weight_;
  const double half = (std::log(2.0 / (1.0 - options_.level)) + penalty_) / weight_;
  lower_ = std::max(lower_, centre - half);
  upper_ = std::min(upper_, centre + half);
}

void BernsteinSequence::add(std::span<const double> column) {
  for (const double x : column) add(x);
}

double BernsteinSequence::mean() const noexcept {
  return n_ == 0 ? 0.0
                 : detail::confidence_sequence::unscaled(sum_ / static_cast<double>(n_), options_);
}

Interval BernsteinSequence::interval() const {
  if (lower_ > upper_) {  // happens with probability 1 - level at most: say the smallest
    const double middle = (lower_ + upper_) / 2.0;
    return detail::confidence_sequence::unscaled(middle, middle, options_);
  }
  return detail::confidence_sequence::unscaled(lower_, upper_, options_);
}

BettingSequence::BettingSequence(const SequenceOptions& options)
    : options_(options),
      up_(static_cast<std::size_t>(std::max<std::int64_t>(options.grid, 0)) + 1, 0.5),
      down_(up_),
      last_(up_.size() - 1) {
  detail::confidence_sequence::check("BettingSequence", options);
}

void BettingSequence::add(double value) {
  namespace d = detail::confidence_sequence;
  const double x = d::scaled("BettingSequence.add", value, options_);
  const auto t = static_cast<double>(n_ + 1);
  const double bet = d::plug_in_bet(squares_, t, options_.level);
  const double step = 1.0 / static_cast<double>(options_.grid);
  if (first_ <= last_) d::settle(up_.data(), down_.data(), first_, last_, step, x, bet);
  ++n_;
  sum_ += x;
  const double now = (0.5 + sum_) / (t + 1.0);
  squares_ += (x - now) * (x - now);
  const double limit = 1.0 / (1.0 - options_.level);
  while (first_ <= last_ && (up_[first_] >= limit || down_[first_] >= limit)) ++first_;
  while (last_ > first_ && (up_[last_] >= limit || down_[last_] >= limit)) --last_;
}

void BettingSequence::add(std::span<const double> column) {
  for (const double x : column) add(x);
}

double BettingSequence::mean() const noexcept {
  return n_ == 0 ? 0.0
                 : detail::confidence_sequence::unscaled(sum_ / static_cast<double>(n_), options_);
}

Interval BettingSequence::interval() const {
  const double step = 1.0 / static_cast<double>(options_.grid);
  const std::size_t below = first_ == 0 ? 0 : first_ - 1;
  const std::size_t above = std::min(last_ + 1, up_.size() - 1);
  return detail::confidence_sequence::unscaled(static_cast<double>(below) * step,
                                               static_cast<double>(above) * step, options_);
}

}  // namespace leadline::stats
