// The state of the probe `weight_faults` in one run.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <string>
#include <vector>

#include "leadline/torch/models/torch_model.hpp"
#include "leadline/torch/robustness/weight_faults.hpp"
#include "robustness/answers.hpp"

namespace leadline::detail::weight_faults {

/// What one flip did to the answers.
struct Outcome {
  std::int64_t n_silent = 0, n_detected = 0;
};

/// Bits of a format, the least significant first.
struct Format {
  int bits = 32, mantissa = 23;
  [[nodiscard]] const char* part(int bit) const {
    return bit == bits - 1 ? "sign" : bit >= mantissa ? "exponent" : "mantissa";
  }
};

class WeightFaultsRun : public ProbeRun {
 public:
  WeightFaultsRun(const robustness::WeightFaultsOptions& options, Session& session);
  void work(Session& session) override;
  void merge(const ProbeRun& other) override;
  [[nodiscard]] std::string save() const override;
  void load(std::string_view state) override;
  [[nodiscard]] Finding finish(Session& session) override;

 private:
  struct Asked;
  [[nodiscard]] std::vector<Asked> ask_clean(Session& session);
  [[nodiscard]] Outcome ask_flipped(Session& session, const std::vector<Asked>& batches) const;
  [[nodiscard]] std::string fingerprint() const;
  [[nodiscard]] int bit_of(std::size_t flip) const;
  void add_rates(Finding& finding, const std::string& part, double level) const;
  void add_blocks(Finding& finding, double level) const;
  void add_checks(Finding& finding) const;

  robustness::WeightFaultsOptions options_;
  OutputKind kind_;
  Format format_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_;
  std::vector<std::string> skipped_;
  std::int64_t n_samples_ = 0, n_unsteady_ = 0,
               n_broken_ = 0;      // broken: runs that left other bytes
  std::vector<Outcome> outcomes_;  // flip k: parameter k / (bits * flips), bit k / flips % bits
};

}  // namespace leadline::detail::weight_faults
