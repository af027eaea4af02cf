// The state of the probe `gaussian_noise` in one run.
#pragma once

#include <string>
#include <vector>

#include "leadline/core/exhibits.hpp"
#include "leadline/robustness/gaussian_noise.hpp"

namespace leadline::detail::gaussian_noise {

/// Sums at one sigma; index 0 of a run is sigma 0, sent through the same path.
struct Level {
  double sigma = 0;
  std::int64_t right = 0, squared_right = 0;  // of the number of right repeats a sample
  std::int64_t flips = 0, squared_flips = 0;
  std::int64_t gains = 0, losses = 0;  // first repeat, against the next lower sigma
};

class NoiseRun : public ProbeRun {
 public:
  NoiseRun(const robustness::GaussianNoiseOptions& options, Session& session);
  void work(Session& session) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  struct Draw;
  void visit_batch(Session& session, const Batch& batch);
  void fold(Session& session, const Draw& draw);
  void show_flips(const Draw& draw, std::size_t level, const Tensor& noisy);
  [[nodiscard]] Estimate rate(std::int64_t sum, std::int64_t squares, double level) const;
  void add_estimates(Finding& finding, double level) const;
  void add_checks(Finding& finding) const;

  robustness::GaussianNoiseOptions options_;
  DataInfo data_;
  std::int64_t next_ = 0;  // position among this shard's ids
  std::int64_t n_ = 0, n_labelled_ = 0, n_clean_right_ = 0, n_zero_changed_ = 0, n_total_ = 0;
  std::vector<Level> levels_;
  Exhibits flips_;
};

}  // namespace leadline::detail::gaussian_noise
