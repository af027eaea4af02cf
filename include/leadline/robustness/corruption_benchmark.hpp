/// The probe `corruption_benchmark`: accuracy under common corruptions, as ImageNet-C measures it,
/// and how often answers flicker in sequences, as ImageNet-P does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/robustness/corruption.hpp"

namespace leadline::robustness {

/// Whose errors mCE divides by.
enum class CorruptionReference : std::uint8_t { none, alexnet, given };
constexpr std::array<std::string_view, 3> names_of(std::type_identity<CorruptionReference>) {
  return {"none", "alexnet", "given"};
}

struct CorruptionBenchmarkOptions {
  std::vector<std::string> corruptions{"common"};
  std::vector<double> severities{1, 2, 3, 4, 5};
  CorruptionTable compat = CorruptionTable::imagenet_c;
  CorruptionReference reference = CorruptionReference::none;
  std::vector<double> reference_errors{};
  std::optional<double> reference_clean_error{};
  std::vector<std::string> perturbations{};
  std::vector<double> reference_flips{};
  std::int64_t frames = 31;
  std::int64_t max_samples = 0;
  static Fields fields() {
    using O = CorruptionBenchmarkOptions;
    return {field("corruptions", &O::corruptions,
                  "Names, or families: noise, blur, weather, digital, common, validation, all."),
            field("severities", &O::severities, "From mild to severe.").above(0).at_most(5),
            field("compat", &O::compat, "Whose parameters: of images of 224 or of 32 pixels."),
            field("reference", &O::reference, "Whose errors mCE divides by."),
            field("reference_errors", &O::reference_errors,
                  "Mean error over the severities, one a corruption in the order of the benchmark.")
                .above(0)
                .at_most(1),
            field("reference_clean_error", &O::reference_clean_error,
                  "Error of the reference on clean images, for the relative mCE.")
                .at_least(0)
                .at_most(1),
            field("perturbations", &O::perturbations,
                  "Sequences to measure flips on, by name, or all; empty: none."),
            field("reference_flips", &O::reference_flips,
                  "Flip probability of the reference, one a perturbation in the order of the "
                  "benchmark, for the mean flip rate.")
                .above(0)
                .at_most(1),
            field("frames", &O::frames, "Frames a sequence.").at_least(2).at_most(31),
            field("max_samples", &O::max_samples, "Most samples to visit, chosen by key; 0: all.")
                .at_least(0)};
  }
};

/// Corrupts every image by every kind at every severity and compares the answers with those on the
/// clean image. Works with labels only, on black boxes.
///
/// The corrupted images are those of `corrupt` at the seed of the run.
/// Estimates: clean_accuracy, accuracy (mean over all conditions), accuracy_drop,
///            accuracy{corruption=}, accuracy{corruption=,severity=}, changed{corruption=};
///            mce and relative_mce with a reference: mean over kinds of error / its error;
///            flip_probability{perturbation=}, mean_flip_probability; mean_flip_rate with
///            reference_flips: mean over perturbations of flip probability / that of the reference.
///            Wilson, at the effective size where samples repeat; Student's t for mce,
///            mean_flip_rate and drop. Without labels only what changes is measured.
/// Columns:   <id>.correct, <id>.changed (mean over the conditions)
/// Checks:    severity_zero_equals_clean, inputs_change, accuracy_does_not_rise_with_severity,
///            inputs_fill_the_bounds
class LEADLINE_API CorruptionBenchmark : public Probe {
 public:
  using Options = CorruptionBenchmarkOptions;
  /// Throws ValueError for an unknown name, no or repeated severities, a reference that does not
  /// fit: AlexNet has errors for the common corruptions of imagenet-c at severities 1 to 5.
  explicit CorruptionBenchmark(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override {
    return options_text(options_);
  }
  /// Throws CapabilityError when the inputs are no images or declare no bounds.
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::robustness
