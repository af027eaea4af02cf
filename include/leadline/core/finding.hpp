/// What a probe found, in a closed set of blocks. A renderer knows blocks, never probes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "leadline/core/estimate.hpp"
#include "leadline/core/rows.hpp"

namespace leadline {

/// An estimate as it stands in a finding. `name` is local: "accuracy{norm=linf,eps=0.0314}@sex=f";
/// the full name in reports and policies is `<probe id>.<name>`.
struct Named {
  std::string name;
  Estimate estimate;
  Better better = Better::neither;
  std::string unit;   // "" for fractions and pure numbers; "s", "bytes", "nats"
  std::string label;  // in plain words: "share of images read correctly"
};

/// A probe's test of its own validity.
struct Check {
  enum Result : std::uint8_t { pass, fail, not_run };
  std::string name{};  // snake_case, stable: "zero_budget_equals_clean"
  Result result = not_run;
  std::string why{};                      // what was seen, with numbers; for not_run the reason
  std::string remedy{};                   // what to do when it fails
  std::vector<std::string> applies_to{};  // local estimate names; "*" covers the whole finding
  Estimate evidence{};                    // the number behind the result, if there is one
  std::optional<double> p_value{};        // of a statistical check: enters the family-wise control
};
[[nodiscard]] LEADLINE_API std::string_view name_of(Check::Result result);

/// One or more lines over a common x.
struct Curve {
  struct Series {
    std::string name;
    std::vector<double> x, y, lower, upper;  // lower and upper: empty, or one a point
    enum Style : std::uint8_t { line, step, points } style = line;
  };
  std::string title, x_label, y_label, note;
  std::vector<Series> series;
  bool log_x = false;
  bool diagonal = false;  // draw y = x as the reference (reliability)
  double level = 0.95;    // of the bands
};

/// A matrix: confusion counts or a heat map.
struct Grid {
  std::string title, row_label, col_label, note;
  std::vector<std::string> row_names, col_names;
  std::vector<double> values;  // row-major, row_names.size() x col_names.size()
  bool counts = false;         // integers: print them in the cells
};

/// A small table of facts.
struct TableBlock {
  using Cell = std::variant<std::monostate, std::int64_t, double, std::string, Estimate>;
  std::string title, note;
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

/// 8-bit pixels, row-major [height, width, channels]; channels 1 or 3.
struct Image {
  std::int32_t height = 0, width = 0, channels = 1;
  std::vector<std::uint8_t> pixels;
};

/// One sample shown to a person; pictures are copies taken when the sample was flagged.
struct Exhibit {
  enum Kind : std::uint8_t { image, tokens, row } kind = image;
  SampleId id = -1;
  std::string title, caption;
  std::vector<Image> images;        // e.g. original, changed
  std::vector<std::string> labels;  // one an image, or one a token, or one a field of the row
  std::vector<double> overlay;      // signed weights: [height * width] of images[0], or one a label
  std::vector<std::string> values;  // kind row: one a label
  double severity = 0;              // orders what is kept
};

using Block = std::variant<Curve, Grid, TableBlock, Exhibit>;

/// A sample that a person should look at.
struct Flag {
  SampleId id = -1;
  std::string reason;
  double severity = 0;
};

/// A next step: in words, and as the call or page that takes it.
struct Remedy {
  std::string text, call;
};

struct Cost {
  double seconds = 0;
  std::int64_t forwards = 0;   // rows put through the model on this probe's own account
  std::int64_t backwards = 0;  // rows
  std::int64_t peak_bytes = 0;
};

/// The answer of one probe.
struct LEADLINE_API Finding {
  static constexpr int max_exhibits = 24;

  std::string probe;           // id, unique in the suite
  std::string kind;            // catalog name of the probe
  std::string question;        // the safety question, in plain words
  Status status = Status::ok;  // of the finding as a whole
  std::string why;             // when status is not ok
  std::string headline;        // one sentence for a reader without statistics
  std::string consequence;     // what follows if nothing is done
  std::vector<Remedy> remedies;
  std::vector<Named> estimates;
  std::vector<Check> checks;
  std::vector<Block> blocks;
  std::vector<Flag> flags;
  std::vector<std::string> warnings;
  std::vector<std::pair<std::string, std::string>> options;  // as run, name -> text
  Cost cost;

  /// Appends an estimate and returns it for further filling. Throws ValueError on a duplicate.
  Named& add(std::string name, Estimate estimate, Better better = Better::neither,
             std::string label = {}, std::string unit = {});
  [[nodiscard]] const Named* find(std::string_view local_name) const;
  /// Throws ValueError naming the nearest estimate.
  [[nodiscard]] const Estimate& at(std::string_view local_name) const;
  /// The failed checks that cover an estimate; empty: nothing speaks against trusting it.
  [[nodiscard]] std::vector<const Check*> doubts(std::string_view local_name) const;
};

/// An absent finding: not measured, failed, cancelled.
[[nodiscard]] LEADLINE_API Finding absent_finding(std::string probe, std::string kind,
                                                  std::string question, Status status,
                                                  std::string why,
                                                  std::vector<Remedy> remedies = {});

}  // namespace leadline
