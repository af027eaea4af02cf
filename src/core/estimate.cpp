#include "leadline/core/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline {

std::string_view name_of(Status status) {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::empty:
      return "empty";
    case Status::undefined:
      return "undefined";
    case Status::not_measured:
      return "not_measured";
    case Status::failed:
      return "failed";
    case Status::cancelled:
      break;
  }
  return "cancelled";
}

std::string_view name_of(Better better) {
  switch (better) {
    case Better::higher:
      return "higher";
    case Better::lower:
      return "lower";
    case Better::neither:
      break;
  }
  return "neither";
}

Estimate Estimate::of(double value, std::int64_t n, std::string why_no_interval) {
  if (!std::isfinite(value))
    throw ValueError("Estimate.of", "a finite value", fmt::format("{}", value),
                     "use Estimate::absent with the reason");
  Estimate estimate;
  estimate.value_ = value;
  estimate.n = n;
  estimate.status = Status::ok;
  estimate.why = std::move(why_no_interval);
  return estimate;
}

Estimate Estimate::with(double value, double lower, double upper, std::int64_t n,
                        std::string method, double level) {
  if (!std::isfinite(lower) || !std::isfinite(upper) || !(lower <= value && value <= upper))
    throw ValueError("Estimate.with", "a finite interval that contains the value",
                     fmt::format("{} in [{}, {}]", value, lower, upper), "");
  Estimate estimate = of(value, n);
  estimate.lower = lower;
  estimate.upper = upper;
  estimate.method = std::move(method);
  estimate.level = level;
  return estimate;
}

Estimate Estimate::rate(std::int64_t successes, std::int64_t n, std::string_view method,
                        double level) {
  if (n < 0 || successes < 0 || successes > n)
    throw ValueError("Estimate.rate", "0 <= successes <= n", fmt::format("{} of {}", successes, n),
                     "count each sample once");
  const auto by = stats::proportion_method(method);
  if (n == 0) return absent(Status::empty, "no sample was seen");
  const double value = static_cast<double>(successes) / static_cast<double>(n);
  const auto interval =
      stats::proportion_interval(static_cast<double>(successes), static_cast<double>(n), level, by);
  return with(value, std::min(interval.lower, value), std::max(interval.upper, value), n,
              std::string(method), level);
}

Estimate Estimate::absent(Status status, std::string why, std::int64_t n) {
  if (status == Status::ok)
    throw ValueError("Estimate.absent", "a status other than ok", "ok", "use Estimate::of");
  Estimate estimate;
  estimate.status = status;
  estimate.why = std::move(why);
  estimate.n = n;
  return estimate;
}

double Estimate::value() const {
  if (!ok())
    throw ValueError("Estimate.value", "an estimate whose status is ok",
                     std::string(name_of(status)) + (why.empty() ? "" : ": " + why),
                     "test ok() or read value_if_ok()");
  return value_;
}

std::string Estimate::text() const {
  if (!ok()) return std::string(name_of(status)) + (why.empty() ? "" : ": " + why);
  std::string text = fmt::format("{:.4g}", value_);
  if (lower && upper) text += fmt::format(" [{:.4g}, {:.4g}]", *lower, *upper);
  return text + fmt::format(", n = {}", n);
}

}  // namespace leadline
