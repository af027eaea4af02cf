/// The probe `expectations`: tests of behaviour that a person writes down, one syntax for tables,
/// images and texts (minimum functionality, invariance, direction; CheckList, Ribeiro et al. 2020,
/// arXiv:2005.04118).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::robustness {

enum class ExpectationKind : std::uint8_t {
  minimum_function,  // the label given must be the answer
  invariance,        // the change must not change the answer
  direction          // the change must not lower (raise) the score of a class
};
constexpr std::array<std::string_view, 3> names_of(std::type_identity<ExpectationKind>) {
  return {"minimum_function", "invariance", "direction"};
}
enum class Expect : std::uint8_t { not_fall, not_rise };
constexpr std::array<std::string_view, 2> names_of(std::type_identity<Expect>) {
  return {"not_fall", "not_rise"};
}

/// What a change sees: the batch, what is known of the data, and random numbers by sample id.
struct ChangeContext {
  const Batch& batch;
  const DataInfo& data;
  stats::Stream random;
};
/// What it gives: as many rows, and to which of them it applies.
struct Changed {
  Inputs inputs;
  std::vector<std::uint8_t> applies{};  // [n]; empty: all
  Tensor target{};  // [n] the answers now expected (minimum_function); undefined: as before
};
using Change = std::function<Changed(const ChangeContext&)>;

struct Expectation {
  std::string name;
  ExpectationKind kind = ExpectationKind::invariance;
  Change change{};                         // empty: the inputs as they are (minimum_function)
  std::shared_ptr<const Dataset> cases{};  // fixed inputs in place of the test data
  double tolerance = 0;  // in probability (in units of the output for a model of values);
                         // invariance with 0: the answer itself must stay
  Expect expect = Expect::not_fall;
  std::int64_t of_class = -1;      // direction: whose score; -1: of the class answered before
  double max_failure_rate = 0.05;  // what the verdict compares with
};

/// Changes a column of a table, by its name in `DataInfo::feature_names` or its position.
[[nodiscard]] LEADLINE_API Change edit(std::string column, std::function<double(double)> change);
[[nodiscard]] LEADLINE_API Change edit(std::int64_t column, std::function<double(double)> change);
/// Changes one row of numbers in place, with the random numbers of its sample; false: the test
/// does not apply to this row. Inputs of float32 or float64.
[[nodiscard]] LEADLINE_API Change
on_rows(std::function<bool(std::span<double> row, stats::Rng& random)> change);
/// Changes one text of `text_rows`; nullopt: the test does not apply to it.
[[nodiscard]] LEADLINE_API Change on_text(
    std::function<std::optional<std::string>(const std::string& text, stats::Rng& random)> change);

struct ExpectationsOptions {
  std::int64_t min_samples = 30;  // fewer rows to which a test applies fail a check
  std::string version{};          // of the changes: part of the run identity
};

/// Runs every test over the test data, or over its fixed cases.
///
/// A row counts where the change applies and did change the input. The clean answers come from the
/// pass that all probes share; each test costs one more forward of the rows that count.
/// Estimates: failure_rate{test=} (Wilson, each for itself); n_not_met (tests whose limit is
///            exceeded for sure)
/// Verdicts:  in the table, by Clopper-Pearson intervals at 1 - (1 - level) / tests: all of them
///            hold together with probability `level` (Bonferroni)
/// Columns:   <id>.failed{test=} of the rows that counted (not of fixed cases)
/// Checks:    perturbation_changes_input{test=}; enough_applicable_samples{test=}; answers_repeat
/// Access:    labels; outputs where a test reads scores
class LEADLINE_API Expectations : public Probe {
 public:
  using Options = ExpectationsOptions;
  /// Throws ValueError for no test, an empty or repeated name, invariance or direction without a
  /// change, a tolerance below 0 or a limit outside [0, 1].
  explicit Expectations(std::vector<Expectation> tests, Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  std::shared_ptr<const std::vector<Expectation>> tests_;
  Options options_;
};

}  // namespace leadline::robustness
