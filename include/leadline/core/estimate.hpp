/// A claim never travels alone: value, interval, level, method, n, status.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "leadline/config.hpp"

namespace leadline {

enum class Status : std::uint8_t { ok, empty, undefined, not_measured, failed, cancelled };
[[nodiscard]] LEADLINE_API std::string_view name_of(Status status);

/// Which direction is good.
enum class Better : std::uint8_t { higher, lower, neither };
[[nodiscard]] LEADLINE_API std::string_view name_of(Better better);

/// One claim with its uncertainty.
class LEADLINE_API Estimate {
 public:
  /// An empty estimate: nothing was seen.
  Estimate() = default;

  /// A value with no interval; `why` says why there is none.
  static Estimate of(double value, std::int64_t n, std::string why_no_interval = {});
  /// A value with an interval made by `method`. Throws ValueError if anything is not finite or
  /// the interval does not contain the value.
  static Estimate with(double value, double lower, double upper, std::int64_t n, std::string method,
                       double level = 0.95);
  /// `successes` of `n`, with the interval `method` ("wilson", "clopper_pearson", "jeffreys").
  static Estimate rate(std::int64_t successes, std::int64_t n, std::string_view method = "wilson",
                       double level = 0.95);
  /// No value, with the reason. Throws ValueError when `status` is ok.
  static Estimate absent(Status status, std::string why, std::int64_t n = 0);

  /// The value. Throws ValueError with `why` when `status` is not ok: an undefined value cannot
  /// be read by accident.
  [[nodiscard]] double value() const;
  [[nodiscard]] bool ok() const { return status == Status::ok; }
  [[nodiscard]] std::optional<double> value_if_ok() const {
    return ok() ? std::optional(value_) : std::nullopt;
  }
  /// "0.912 [0.906, 0.918], n = 10000" or "undefined: no sample of class 3".
  [[nodiscard]] std::string text() const;

  std::optional<double> lower, upper;  // both or neither
  double level = 0.95;                 // of the interval
  double error_bound = 0;              // numerical: |value - exact value| is at most this
  std::int64_t n = 0;                  // samples behind the value
  Status status = Status::empty;
  std::string method;                                // how the interval was made: "wilson", "delta"
  std::string why;                                   // why there is no value, or no interval
  std::map<std::string, double, std::less<>> facts;  // classes_averaged, n_effective, ...

 private:
  double value_ = 0;
};

}  // namespace leadline
