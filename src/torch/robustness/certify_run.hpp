/// The state of the probe `certify` in one run.
#pragma once

#include <ATen/core/Tensor.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "leadline/core/probe.hpp"
#include "leadline/torch/robustness/certify.hpp"

namespace leadline::detail::certify {

/// What is known of one sample: certified radius <= truth <= attack.
struct Row {
  SampleId id = -1;
  bool right = false;
  double radius = 0;                                             // certified; 0: none
  double attacked_at = std::numeric_limits<double>::infinity();  // smallest budget that fell
};

/// Counts behind the checks; sums over shards.
struct Tally {
  std::int64_t compared = 0, differed = 0;  // outputs of model and graph
  double worst = 0;                         // of their differences, relative
  std::int64_t attacked = 0, contradicted = 0;
};

class CertifyRun final : public ProbeRun {
 public:
  CertifyRun(const robustness::CertifyOptions& options, Session& session);
  void work(Session& session) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  void visit(Session& session, const Batch& batch);
  void compare(const at::Tensor& given, const at::Tensor& x);
  [[nodiscard]] at::Tensor attacked(Session& session, const at::Tensor& x, const at::Tensor& y,
                                    const at::Tensor& radius, const at::Tensor& wrong);
  void contradict(Session& session, const at::Tensor& x, const at::Tensor& y,
                  const at::Tensor& radius);
  /// Largest certified radius of each row, budgets first.
  [[nodiscard]] at::Tensor certified(const at::Tensor& x, const at::Tensor& y) const;
  [[nodiscard]] std::int64_t n_certified(double eps) const;
  [[nodiscard]] std::int64_t n_standing(double eps) const;
  void add_estimates(Finding& finding, double level) const;
  void add_curve(Finding& finding, double level) const;
  void add_checks(Finding& finding) const;
  void add_words(Finding& finding) const;

  robustness::CertifyOptions options_;
  std::vector<double> eps_;
  std::pair<double, double> bounds_;
  OutputKind output_;
  Modality modality_;
  std::shared_ptr<models::TorchModel> model_;
  std::shared_ptr<const robustness::LinearBounds> bounds_of_;  // read on the first batch
  std::int64_t n_total_ = 0;
  std::vector<Row> rows_;
  Tally tally_;
};

}  // namespace leadline::detail::certify
