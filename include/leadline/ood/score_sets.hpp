/// What every out-of-distribution detector has in common: scores of the test samples and of each
/// ood role, and the claims, checks and pictures made from them.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/probe.hpp"
#include "leadline/core/state.hpp"

namespace leadline::ood {

/// Scores by role; higher = more like the training data. Memory: 16 bytes a sample.
class LEADLINE_API ScoreSets {
 public:
  using Scores = std::map<SampleId, double>;

  /// Throws DataError for a score that is not finite.
  void add(const std::string& role, std::span<const SampleId> ids, std::span<const double> scores);
  void merge(const ScoreSets& other);
  void save(State& state) const;
  void load(const State& state);
  [[nodiscard]] const std::map<std::string, Scores>& roles() const { return roles_; }

  /// For each `ood/<name>`: auroc{ood=<name>} (test samples positive, DeLong), fpr95{ood=<name>,
  /// positive=id} (share of ood samples accepted where 95 % of the test samples are; interval of
  /// `stats::fpr_at_tpr`), ROC curves with a simultaneous band, checks, headline, remedies.
  [[nodiscard]] Finding finding(std::string_view detector, Session& session) const;

 private:
  std::map<std::string, Scores> roles_;
};

/// Roles "ood/..." of a session, in order.
[[nodiscard]] LEADLINE_API std::vector<std::string> ood_roles(Session& session);

/// The passes of a detector: roles fitted on, then "test", then every ood role. The engine asks
/// `next_pass()` once a pass and keeps the answer over a resume, so a position is all there is.
class LEADLINE_API Tour {
 public:
  Tour(std::vector<std::string> fit_first, Session& session);
  /// The role of the next pass; nullopt after the last.
  std::optional<std::string> next();
  /// The role of the pass under way.
  [[nodiscard]] const std::string& current() const { return roles_[at_ - 1]; }
  [[nodiscard]] std::int64_t position() const { return static_cast<std::int64_t>(at_); }
  /// Throws StoreError for a position that is not one.
  void restore(std::int64_t position);

 private:
  std::vector<std::string> roles_;
  std::size_t at_ = 0;
};

}  // namespace leadline::ood
