/// The probe `permutation_importance`: which columns of a table the model leans on.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <type_traits>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::explain {

/// The loss whose rise is the importance.
enum class ImportanceLoss : std::uint8_t {
  automatic,  // log loss for scores, zero-one for labels, squared error for values
  log_loss,
  zero_one,
  squared_error,
};
[[nodiscard]] constexpr auto names_of(std::type_identity<ImportanceLoss>) {
  return std::array<std::string_view, 4>{"automatic", "log_loss", "zero_one", "squared_error"};
}

struct PermutationImportanceOptions {
  ImportanceLoss loss = ImportanceLoss::automatic;
  std::int64_t repeats = 5;
  std::int64_t max_samples = 0;
  static Fields fields() {
    return {
        field("loss", &PermutationImportanceOptions::loss, "The loss whose rise is measured."),
        field("repeats", &PermutationImportanceOptions::repeats, "Shuffles a column.").at_least(1),
        field("max_samples", &PermutationImportanceOptions::max_samples,
              "Most samples to visit, chosen by key; 0: all.")
            .at_least(0)};
  }
};

/// Importance of a column = mean rise of the loss when its values come from other, random rows
/// (Breiman 2001; Fisher, Rudin, Dominici 2019). For any model, on inputs [n, n_features].
///
/// The row that lends its value is a keyed permutation of all rows, so shards agree without
/// talking. For a linear model and squared error the mean over all permutations is exactly
/// 2 w_i^2 Var(x_i). Correlated columns stand in for each other and share their importance.
/// Estimates: importance{feature=}, t interval that counts the rows that lend values as well as
///            those that borrow (dyadic-robust); baseline_loss
/// Memory:    n_features doubles a sample
/// Checks:    shadow_column_is_unimportant (a random column that the model cannot read: what
///            running it again changes), repeats_agree, model_beats_chance
/// Throws:    CapabilityError (not measured) for streams and for inputs that are not a table
class LEADLINE_API PermutationImportance : public Probe {
 public:
  using Options = PermutationImportanceOptions;
  explicit PermutationImportance(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override {
    return options_text(options_);
  }
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::explain
