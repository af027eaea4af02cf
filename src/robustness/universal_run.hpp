// The state of the probe `universal_perturbation` in one run.
#pragma once

#include <string>
#include <vector>

#include "leadline/core/exhibits.hpp"
#include "universal.hpp"

namespace leadline::detail::universal {

/// What one budget did; `n` samples judged that the goal leaves to be misled.
struct Level {
  double eps = 0;
  bool done = false;
  std::int64_t n = 0, misled = 0, random_misled = 0;
  std::int64_t learned_only = 0, random_only = 0;         // misled by one of the two
  std::int64_t n_judged = 0, clean_right = 0, right = 0;  // all samples judged
  std::int64_t n_fitted = 0, fitted_misled = 0;
  std::int64_t n_climbed = 0, n_zero = 0, n_too_far = 0;
};

class UniversalRun final : public ProbeRun {
 public:
  UniversalRun(const robustness::UniversalPerturbationOptions& options, Session& session);
  void work(Session& session) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  struct Parts;
  struct Seen;
  [[nodiscard]] Parts split(Session& session) const;
  void ask_twice(Session& session, const Parts& parts);
  void run_level(Session& session, const Parts& parts, Level& level);
  bool judge(Session& session, const Parts& parts, Canvas& canvas, const Fitted& fitted,
             Level& level);
  bool look_at(Session& session, const std::string& role, std::span<const SampleId> all,
               Canvas& canvas, const Fitted& fitted,
               const std::function<void(const Seen&)>& visit) const;
  void count_held_out(Session& session, Canvas& canvas, std::span<const double> noise,
                      const Seen& seen, Level& level) const;
  std::vector<std::int64_t> ask(Session& session, const Batch& batch, const Tensor& x) const;
  [[nodiscard]] bool counts(std::int64_t clean) const;
  void show(const Canvas& canvas, const Fitted& fitted);
  void add_level(Finding& finding, const Level& level, const std::string& key,
                 double confidence) const;
  void add_checks(Finding& finding, double level) const;
  void add_words(Finding& finding, const std::vector<std::string>& keys) const;
  void add_blocks(Finding& finding, const std::vector<std::string>& keys, double level) const;
  [[nodiscard]] std::string size_words(double eps) const;

  robustness::UniversalPerturbationOptions options_;
  AttackPlan plan_;
  DataInfo data_;
  std::uint64_t seed_;
  std::int64_t n_again_ = 0, n_changed_ = 0;
  std::vector<Level> levels_;
  Exhibits shown_;
};

}  // namespace leadline::detail::universal
