#include "engine/recording.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace leadline::detail::engine {
namespace recording {

template <class Values>
void put(SampleTable& table, std::string_view name, std::span<const SampleId> ids,
         const Values& values) {
  if (values.size() != ids.size()) return;
  table.put(name, ids, std::vector<double>(values.begin(), values.end()));
}

/// Squared distance of the probabilities from the truth, a sample.
std::vector<double> brier_of(const Predictions& seen) {
  std::vector<double> brier;
  for (std::int64_t i = 0; i < seen.n; ++i) {
    double sum = 0;
    for (std::int64_t c = 0; c < seen.n_classes; ++c) {
      const double miss = seen.probabilities[static_cast<std::size_t>(i * seen.n_classes + c)] -
                          (c == seen.target[static_cast<std::size_t>(i)] ? 1.0 : 0.0);
      sum += miss * miss;
    }
    brier.push_back(sum);
  }
  return brier;
}

/// The kept columns of a table, with their names.
std::vector<const Table::Field*> kept(const Batch& batch) {
  std::vector<const Table::Field*> fields;
  if (batch.table == nullptr) return fields;
  for (const auto& field : batch.table->fields())
    if (!std::holds_alternative<std::vector<std::string>>(field.values) &&
        fields.size() < max_table_columns)
      fields.push_back(&field);
  return fields;
}

std::optional<double> number_at(const Table::Field& field, std::size_t row) {
  if (!field.valid.empty() && field.valid[row] == 0) return std::nullopt;
  if (const auto* numbers = std::get_if<std::vector<double>>(&field.values))
    return std::isnan((*numbers)[row]) ? std::nullopt : std::optional((*numbers)[row]);
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&field.values))
    return static_cast<double>((*integers)[row]);
  const std::int32_t code = std::get<Categories>(field.values).codes[row];
  return code < 0 ? std::nullopt : std::optional<double>(code);
}

}  // namespace recording

void record_predictions(SampleTable& table, std::span<const SampleId> ids,
                        const Predictions& seen) {
  recording::put(table, "target", ids, seen.target);
  recording::put(table, "prediction", ids, seen.label);
  recording::put(table, "confidence", ids, seen.confidence);
  recording::put(table, "loss", ids, seen.loss);
  recording::put(table, "correct", ids, seen.correct);
  if (seen.probabilities.empty()) return;
  if (!seen.target.empty()) recording::put(table, "brier", ids, recording::brier_of(seen));
  if (seen.n_classes != 2) return;
  std::vector<double> positive;
  for (std::size_t i = 1; i < seen.probabilities.size(); i += 2)
    positive.push_back(seen.probabilities[i]);
  recording::put(table, "positive", ids, positive);
}

void record_values(SampleTable& table, std::span<const SampleId> ids, const Tensor& output,
                   const Tensor& target) {
  const auto put = [&](std::string_view name, const Tensor& values) {
    if (!values.defined() || values.n_elements() != std::ssize(ids)) return;
    const Tensor host = values.host(DType::f64);
    table.put(name, ids, {host.data<double>(), ids.size()});
  };
  put("target", target);
  put("prediction", output);
}

void record_table(SampleTable& table, const Batch& batch) {
  for (const Table::Field* field : recording::kept(batch)) {
    std::vector<SampleId> ids;
    std::vector<double> values;
    for (std::size_t i = 0; i < batch.ids.size(); ++i)
      if (const auto value = recording::number_at(*field, i)) {
        ids.push_back(batch.ids[i]);
        values.push_back(*value);
      }
    if (!ids.empty()) table.put(std::string(table_prefix) + field->name, ids, values);
  }
}

CategoryNames category_names(const Batch& batch) {
  CategoryNames names;
  for (const Table::Field* field : recording::kept(batch))
    if (const auto* groups = std::get_if<Categories>(&field->values))
      names[std::string(table_prefix) + field->name] = groups->names;
  return names;
}

std::vector<std::pair<std::string, std::string>> to_facts(const CategoryNames& names) {
  std::vector<std::pair<std::string, std::string>> facts;
  for (const auto& [column, categories] : names) {
    // bytes that are no UTF-8 become U+FFFD
    facts.emplace_back(
        column,
        nlohmann::json(categories).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return facts;
}

CategoryNames from_facts(std::span<const std::pair<std::string, std::string>> provenance) {
  CategoryNames names;
  for (const auto& [key, value] : provenance) {
    if (!key.starts_with(table_prefix)) continue;
    const auto list = nlohmann::json::parse(value, nullptr, false);
    if (!list.is_array()) continue;
    auto& categories = names[key];
    for (const auto& name : list)
      categories.push_back(name.is_string() ? name.get<std::string>() : name.dump());
  }
  return names;
}

}  // namespace leadline::detail::engine
