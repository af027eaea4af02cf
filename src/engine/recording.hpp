/// What a pass writes to the SampleTable: the columns that compare, flips and slices read.
///
///     target, prediction      class numbers, or values
///     confidence, loss, brier of models with probabilities
///     correct                 0 or 1
///     positive                two classes: the probability of class 1
///     table.<name>            groups and metadata of the data set (codes of categories)
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/context.hpp"
#include "leadline/core/sample_table.hpp"

namespace leadline::detail::engine {

inline constexpr std::string_view table_prefix = "table.";
/// Columns of a data set's table that are kept by sample; the rest stays with the data.
inline constexpr std::size_t max_table_columns = 32;

void record_predictions(SampleTable& table, std::span<const SampleId> ids, const Predictions& seen);
/// Of a model of numbers: target and prediction, where they are one number a sample.
void record_values(SampleTable& table, std::span<const SampleId> ids, const Tensor& output,
                   const Tensor& target);
/// Categories, integers and numbers; texts stay with the data.
void record_table(SampleTable& table, const Batch& batch);

/// Names of the categories by column; {"table.sex", ["f", "m"]}.
using CategoryNames = std::map<std::string, std::vector<std::string>, std::less<>>;
[[nodiscard]] CategoryNames category_names(const Batch& batch);
/// As facts of a provenance (JSON arrays), and back. Facts of other keys are left out.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> to_facts(const CategoryNames& names);
[[nodiscard]] CategoryNames from_facts(
    std::span<const std::pair<std::string, std::string>> provenance);

}  // namespace leadline::detail::engine
