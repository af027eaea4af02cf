/// What goes wrong with inputs in use: lost values, wrong units, worn sensors, typing errors. And
/// the probe `stress` that measures what a model makes of them.
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
#include <utility>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::robustness {

/// At severity s in [0, 5], of
///   tables [n, d]
///     missing_values   each value is lost with probability 0.05 s: the column's mean stands there
///     unit_errors      with probability 0.1 s one value of the row is 10, 100, 1000 times too
///     large
///                      or too small
///     shift            every column moves by 0.1 s standard deviations, up or down for all rows
///     outliers         each value lies with probability 0.01 s at 6 standard deviations
///     swapped_columns  with probability 0.1 s two columns of the row change places
///   series [n, t] or [n, t, c]
///     dropouts         a stretch of 0.05 s of the time repeats the last value before it
///     noise            N(0, (0.1 s)^2) standard deviations on each value
///     clock_drift      time runs 1 + 0.02 s too fast; the end repeats the last value
///   images
///     resolution       1 + 0.5 s times fewer pixels a side, shown at the old size
///     compression      JPEG of quality 80 - 14 s
///     dead_pixels      each pixel is dark or saturated with probability 0.01 s
///     stuck_rows       each row repeats the one above with probability 0.04 s
///     lost_channel     with probability 0.2 s one channel is zero
///   texts, each letter (gaps: whitespace) with probability 0.04 s
///     typos            is dropped, doubled, swapped with the next, or a neighbour on the keyboard
///     letter_case      is in the other case
///     whitespace       a space is doubled, dropped, or becomes a tab or a no-break space
///     lookalikes       becomes a Cyrillic or Greek one that looks the same
enum class StressKind : std::uint8_t {
  missing_values,
  unit_errors,
  shift,
  outliers,
  swapped_columns,
  dropouts,
  noise,
  clock_drift,
  resolution,
  compression,
  dead_pixels,
  stuck_rows,
  lost_channel,
  typos,
  letter_case,
  whitespace,
  lookalikes,
};
inline constexpr std::size_t n_stress_kinds = 17;
constexpr std::array<std::string_view, n_stress_kinds> names_of(std::type_identity<StressKind>) {
  return {"missing_values", "unit_errors", "shift",        "outliers",   "swapped_columns",
          "dropouts",       "noise",       "clock_drift",  "resolution", "compression",
          "dead_pixels",    "stuck_rows",  "lost_channel", "typos",      "letter_case",
          "whitespace",     "lookalikes"};
}
[[nodiscard]] constexpr std::string_view name_of(StressKind kind) {
  return names_of(std::type_identity<StressKind>{})[static_cast<std::size_t>(kind)];
}

/// Kinds by name or family ("table", "series", "image", "text"), each once, in the order of the
/// enum. Throws ValueError naming the nearest name.
[[nodiscard]] LEADLINE_API std::vector<StressKind> stress_kinds_of(
    std::string_view who, std::span<const std::string> names);

struct StressSettings {
  std::uint64_t seed = 0;
  std::optional<std::pair<double, double>> bounds{};  // images: as for `corrupt`; others: clipped
  /// A column (the last dimension); empty: of the given inputs.
  std::vector<double> means{}, spreads{};
};

/// The inputs under stress: same shape and dtype (texts: rows of bytes as of `text_rows`, as wide
/// as they need), keyed by (seed, kind, id) alone. Severity 0 gives them back. Throws ShapeError
/// when the kind does not fit the rank, TypeError for integers other than the bytes of images,
/// ValueError for a severity outside [0, 5].
[[nodiscard]] LEADLINE_API Tensor stress(const Tensor& inputs, StressKind kind, double severity,
                                         std::span<const SampleId> ids = {},
                                         const StressSettings& settings = {});

/// UTF-8 in, UTF-8 out; bytes that are not ASCII are left alone. Keyed as `stress`. Throws
/// ValueError for a kind that is not for texts.
[[nodiscard]] LEADLINE_API std::vector<std::string> stress_text(std::span<const std::string> texts,
                                                                StressKind kind, double severity,
                                                                std::span<const SampleId> ids = {},
                                                                std::uint64_t seed = 0);

/// A change of one's own. Draws from stats::Rng(seed, name, id), so that results depend on nothing
/// else; gives its inputs back at severity 0; keeps shape and dtype.
struct Transformation {
  std::string name;
  std::function<Tensor(const Tensor& inputs, std::span<const SampleId> ids, double severity,
                       std::uint64_t seed)>
      change;
  std::string version{};  // part of the run identity
};

struct StressOptions {
  std::vector<std::string> stresses{};
  std::vector<double> severities{1, 3, 5};
  std::int64_t max_samples = 0;
  static Fields fields() {
    using O = StressOptions;
    return {field("stresses", &O::stresses,
                  "Names, or families: table, series, image, text; empty: what fits the data."),
            field("severities", &O::severities, "From mild to severe.").above(0).at_most(5),
            field("max_samples", &O::max_samples, "Most samples to visit, chosen by key; 0: all.")
                .at_least(0)};
  }
};

/// Puts every sample under every kind of stress at every severity and compares the answers with
/// those on the clean sample. Works with labels only, on black boxes. A `TextModel` is asked the
/// texts of rows of bytes; its answers are compared as texts, without case, spaces and the marks at
/// their ends, so only what changes is measured: a `TextClassifier` around it reads labels.
///
/// Estimates, columns, checks: those of `CorruptionBenchmark` with the key `stress`, and the check
/// inputs_stay_in_bounds. Column means
/// and spreads come from up to 2000 samples of the role "train", else of the data themselves.
class LEADLINE_API Stress : public Probe {
 public:
  using Options = StressOptions;
  /// Throws ValueError for an unknown name or severities that repeat.
  explicit Stress(Options options = {});
  /// Only these changes. Throws TypeError for none, ValueError for a name twice.
  Stress(std::vector<Transformation> transformations, Options options);
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
  std::shared_ptr<const std::vector<Transformation>> own_;
};

}  // namespace leadline::robustness
