/// What a comparison reads: one model's answers, and two models' answers sample by sample.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/recording.hpp"
#include "leadline/engine/compare.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::detail::compare {

/// One model on one data set.
struct Observed {
  std::string name, digest;
  OutputKind kind = OutputKind::unknown;
  std::string data_name, fingerprint;
  std::shared_ptr<const SampleTable> samples;
  engine::CategoryNames categories;
  // in memory only, in the order of `samples->ids()`; empty: not kept
  std::vector<double> scores, probabilities;
  std::int64_t n_classes = 0;
};

/// Runs the models over the data: one pass, each batch through all of them.
struct Pass {
  std::vector<Observed> models;
  std::int64_t forwards = 0;  // rows, all models
  std::string cut_short;      // why the pass ended early; "" : it is whole
};
[[nodiscard]] Pass observe(const NamedSubjects& subjects, const Dataset& data,
                           const CompareOptions& options, bool keep_scores);

[[nodiscard]] Observed stored(const Report& report, const std::string& name);

/// Columns of one model, by position in `Pairs::ids`; empty: not all samples have one.
struct Side {
  std::string name;
  std::vector<double> prediction, confidence, loss, brier, positive;
  std::vector<std::int64_t> label;  // the prediction as a class
  std::vector<std::uint8_t> correct;
  std::vector<double> scores, probabilities;  // [n, n_classes]
};

/// A column to slice by.
struct Slicing {
  std::string name;
  std::vector<std::int32_t> code;  // -1: missing
  std::vector<std::string> values;
};

struct Pairs {
  std::vector<SampleId> ids;  // ascending
  std::vector<double> target;
  std::vector<std::int64_t> label;  // the target as a class
  bool classes = true;              // false: models of numbers
  std::int64_t n_classes = 0, n_columns = 0;
  Side a, b;
  std::vector<Slicing> slicings;
  std::vector<std::string> not_sliced;  // columns with too many values
  std::vector<std::string> class_names;

  [[nodiscard]] std::int64_t n() const { return std::ssize(ids); }
  [[nodiscard]] std::string class_text(std::int64_t label) const;
};

/// Joins by sample id. Throws ValueError when the samples, labels or data differ.
[[nodiscard]] Pairs join(const Observed& a, const Observed& b, const CompareOptions& options,
                         std::string_view who);

/// How many of the pairs at `rows` (empty: all) each model has right.
[[nodiscard]] stats::PairedCounts count_pairs(const Pairs& pairs,
                                              std::span<const std::int64_t> rows = {});

}  // namespace leadline::detail::compare
