/// Named limits on estimates, from TOML or code, lockable before the first look.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/verdict.hpp"
#include "leadline/report/report.hpp"

namespace leadline {

/// A TOML policy:
///
///     name = "release gate"
///     [[require]]
///     estimate = "task.accuracy"
///     at_least = 0.9              # or at_most, above, below
///     slice = "sex=f"             # optional
///     name = "reads well enough"  # optional
///     reason = "contract, 4.2"    # optional
///     [lock]                      # written by `lock`
///     hash = "xxh3:..."
///     time = "2026-11-21T10:00:00Z"
class LEADLINE_API Policy {
 public:
  Policy() = default;
  explicit Policy(std::string name) : name_(std::move(name)) {}
  /// Throws ValueError with line and column for bad TOML or an unknown key, and when a lock does
  /// not match the requirements (edited after locking).
  static Policy from_toml(std::string_view text, std::string_view where = "policy");
  static Policy load(const std::string& path);

  Policy& require(Requirement requirement);
  [[nodiscard]] std::string to_toml() const;
  void save(const std::string& path) const;

  /// Fixes hash and time (UTC, ISO 8601; "" takes now). Throws ValueError if locked already or
  /// empty.
  void lock(std::string time = {});
  [[nodiscard]] bool locked() const { return !locked_at_.empty(); }
  [[nodiscard]] const std::string& locked_at() const { return locked_at_; }
  /// Of the canonical requirements; comments and formatting do not count.
  [[nodiscard]] std::string hash() const;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::span<const Requirement> requirements() const { return requirements_; }

  /// Judges findings: met / not_met when the whole interval lies on one side and no failed check
  /// covers the estimate; else undecided (with the further samples that would decide) or
  /// not_measured.
  [[nodiscard]] std::vector<Verdict> judge(const Report& report) const;

 private:
  std::string name_ = "policy";
  std::vector<Requirement> requirements_;
  std::string locked_at_;
};

}  // namespace leadline
