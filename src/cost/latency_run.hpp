// The state of the probe `latency` in one run.
#pragma once

#include <string>
#include <vector>

#include "leadline/core/state.hpp"
#include "leadline/cost/latency.hpp"
#include "leadline/cost/model_size.hpp"

namespace leadline::detail::latency {

class LatencyRun : public ProbeRun {
 public:
  explicit LatencyRun(const cost::LatencyOptions& options) : options_(options) {}
  void work(Session& session) override;
  /// Times of two machines do not add up: the longer measurement is kept.
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  void time_single(Session& session, Model& model);
  void time_offline(Session& session, Model& model);
  void add_percentiles(Finding& finding, double level) const;
  void add_throughput(Finding& finding, double level) const;
  void add_size(Finding& finding) const;
  void add_checks(Finding& finding) const;
  [[nodiscard]] Check clock_check() const;
  [[nodiscard]] Check steady_check() const;

  cost::LatencyOptions options_;
  bool done_ = false;
  std::vector<double> single_;     // s, in order
  std::vector<double> yardstick_;  // s of a fixed piece of work after each query
  double waited_ = -1;  // share of that time spent waiting for a processor; below 0: not known
  std::vector<double> offline_;  // s a batch
  std::int64_t batch_ = 0;
  double resolution_ = 0;      // least step of the clock, s
  double memory_growth_ = -1;  // bytes; below 0: not known
  cost::ModelSize size_;
};

}  // namespace leadline::detail::latency
