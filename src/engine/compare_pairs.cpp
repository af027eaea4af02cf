// Joining two runs sample by sample, or saying why they cannot be joined.
#include "engine/compare_pairs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "leadline/core/error.hpp"

namespace leadline::detail::compare {
namespace pairs {

constexpr std::int64_t max_classes = 1000000;
constexpr std::size_t max_values = 64;  // of a column that is sliced by

std::string some(const std::vector<SampleId>& ids) {
  const auto shown = std::min<std::size_t>(ids.size(), 3);
  return fmt::format("{}{}", fmt::join(ids.begin(), ids.begin() + shown, ", "),
                     ids.size() > shown ? ", ..." : "");
}

/// Ids of both, ascending. Throws ValueError when either holds others.
std::vector<SampleId> common_ids(const Observed& a, const Observed& b, std::string_view who) {
  std::vector<SampleId> first(a.samples->ids().begin(), a.samples->ids().end());
  std::vector<SampleId> second(b.samples->ids().begin(), b.samples->ids().end());
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  std::vector<SampleId> only_a, only_b;
  std::set_difference(first.begin(), first.end(), second.begin(), second.end(),
                      std::back_inserter(only_a));
  std::set_difference(second.begin(), second.end(), first.begin(), first.end(),
                      std::back_inserter(only_b));
  if (only_a.empty() && only_b.empty()) return first;
  std::vector<std::string> parts;
  if (!only_a.empty())
    parts.push_back(
        fmt::format("{} samples only in '{}' (ids {})", only_a.size(), a.name, some(only_a)));
  if (!only_b.empty())
    parts.push_back(
        fmt::format("{} samples only in '{}' (ids {})", only_b.size(), b.name, some(only_b)));
  throw ValueError(who, "the same samples in both runs", fmt::format("{}", fmt::join(parts, ", ")),
                   "evaluate both models on the same data set");
}

/// A column in the order of `ids`; empty when a sample lacks it.
std::vector<double> column(const SampleTable& table, std::string_view name,
                           const std::vector<SampleId>& ids) {
  std::vector<double> values;
  if (!table.has(name)) return values;
  values.reserve(ids.size());
  for (const SampleId id : ids) {
    const auto value = table.get(name, id);
    if (!value) return {};
    values.push_back(*value);
  }
  return values;
}

void check_targets(const Observed& a, const Observed& b, const std::vector<SampleId>& ids,
                   const std::vector<double>& first, const std::vector<double>& second,
                   std::string_view who) {
  if (first.empty() || second.empty())
    throw ValueError(who, "labels in both runs",
                     fmt::format("none in '{}'", first.empty() ? a.name : b.name),
                     "evaluate on data with targets");
  std::int64_t n = 0;
  std::size_t at = 0;
  for (std::size_t i = ids.size(); i-- > 0;)
    if (first[i] != second[i]) {
      ++n;
      at = i;
    }
  if (n > 0)
    throw ValueError(who, "the same labels in both runs",
                     fmt::format("{} of {} samples with different labels (first: sample {}, {:g} "
                                 "in '{}' and {:g} in '{}')",
                                 n, ids.size(), ids[at], first[at], a.name, second[at], b.name),
                     "evaluate both models on the same version of the data");
}

/// Scores [n, k] of the rows of `ids`.
std::vector<double> gathered(const Observed& from, const std::vector<double>& values,
                             const std::vector<SampleId>& ids) {
  if (values.empty()) return {};
  const auto order = from.samples->ids();
  const std::size_t k = values.size() / order.size();
  std::unordered_map<SampleId, std::size_t> row;
  for (std::size_t i = 0; i < order.size(); ++i) row[order[i]] = i;
  std::vector<double> out;
  out.reserve(values.size());
  for (const SampleId id : ids) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(row.at(id) * k);
    out.insert(out.end(), first, first + static_cast<std::ptrdiff_t>(k));
  }
  return out;
}

Side side_of(const Observed& from, const std::vector<SampleId>& ids,
             const std::vector<double>& target, bool classes, std::string_view who) {
  const SampleTable& table = *from.samples;
  Side side;
  side.name = from.name;
  side.prediction = column(table, "prediction", ids);
  if (side.prediction.empty())
    throw ValueError(who, "a prediction for each sample", fmt::format("none in '{}'", from.name),
                     "compare models that answer with one class or number a sample");
  side.confidence = column(table, "confidence", ids);
  side.loss = column(table, "loss", ids);
  side.brier = column(table, "brier", ids);
  side.positive = column(table, "positive", ids);
  side.scores = gathered(from, from.scores, ids);
  side.probabilities = gathered(from, from.probabilities, ids);
  if (!classes) return side;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    side.label.push_back(std::llround(side.prediction[i]));
    side.correct.push_back(side.prediction[i] == target[i] ? 1 : 0);
  }
  return side;
}

/// Codes of one column: its categories, or its distinct values; nullopt when there are too many.
std::optional<Slicing> slicing_of(const Observed& from, const std::string& column,
                                  const std::vector<SampleId>& ids) {
  Slicing out{column.substr(engine::table_prefix.size()), {}, {}};
  const auto named = from.categories.find(column);
  std::map<double, std::int32_t> codes;
  std::set<double> values;
  for (const SampleId id : ids)
    if (const auto value = from.samples->get(column, id)) {
      values.insert(*value);
      if (values.size() > max_values) return std::nullopt;
    }
  for (const double value : values) {
    codes[value] = static_cast<std::int32_t>(out.values.size());
    const auto index = static_cast<std::size_t>(value);
    const bool has_name = named != from.categories.end() && value >= 0 &&
                          value < static_cast<double>(named->second.size());
    out.values.push_back(has_name ? named->second[index] : fmt::format("{:g}", value));
  }
  for (const SampleId id : ids) {
    const auto value = from.samples->get(column, id);
    out.code.push_back(value ? codes.at(*value) : -1);
  }
  return out;
}

/// The columns asked for, else all with few values; then the classes.
std::vector<Slicing> slicings_of(const Observed& from, Pairs& pairs, const CompareOptions& options,
                                 std::string_view who) {
  std::vector<std::string> known;
  for (const auto& name : from.samples->columns())
    if (name.starts_with(engine::table_prefix))
      known.push_back(name.substr(engine::table_prefix.size()));
  std::vector<Slicing> out;
  for (const auto& name : options.slices.empty() ? known : options.slices) {
    if (name == "class" && pairs.classes) continue;
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw ValueError(
          who,
          known.empty() ? "slices by columns of the data's table"
                        : fmt::format("slices out of {}", fmt::join(known, ", ")),
          known.empty() ? fmt::format("'{}', and the data has no table", name) : "'" + name + "'",
          "pass Dataset(..., table={\"" + name + "\": values})");
    auto slicing = slicing_of(from, std::string(engine::table_prefix) + name, pairs.ids);
    if (slicing) {
      out.push_back(std::move(*slicing));
    } else if (!options.slices.empty()) {
      throw ValueError(who, fmt::format("a slicing column of at most {} values", max_values),
                       "'" + name + "' with more", "put its values into bands first");
    } else {
      pairs.not_sliced.push_back(name);
    }
  }
  const bool asked =
      std::find(options.slices.begin(), options.slices.end(), "class") != options.slices.end();
  if (pairs.classes && (options.slices.empty() || asked)) {
    Slicing classes{"class", {}, {}};
    for (std::int64_t k = 0; k < pairs.n_classes; ++k)
      classes.values.push_back(pairs.class_text(k));
    classes.code.assign(pairs.label.begin(), pairs.label.end());
    out.push_back(std::move(classes));
  }
  return out;
}

}  // namespace pairs

std::string Pairs::class_text(std::int64_t label) const {
  return label >= 0 && label < std::ssize(class_names)
             ? class_names[static_cast<std::size_t>(label)]
             : std::to_string(label);
}

Pairs join(const Observed& a, const Observed& b, const CompareOptions& options,
           std::string_view who) {
  Pairs out;
  out.classes = a.kind != OutputKind::values && a.kind != OutputKind::unknown;
  const bool second = b.kind != OutputKind::values && b.kind != OutputKind::unknown;
  if (out.classes != second)
    throw ValueError(who, "two models of one task",
                     fmt::format("'{}' that gives {} and '{}' that gives {}", a.name,
                                 name_of(a.kind), b.name, name_of(b.kind)),
                     "say output='logits', 'probabilities', 'labels' or 'values'");
  out.ids = pairs::common_ids(a, b, who);
  out.target = pairs::column(*a.samples, "target", out.ids);
  pairs::check_targets(a, b, out.ids, out.target, pairs::column(*b.samples, "target", out.ids),
                       who);
  if (!a.fingerprint.empty() && !b.fingerprint.empty() && a.fingerprint != b.fingerprint)
    throw ValueError(who, "the same data in both runs",
                     fmt::format("data '{}' {} in '{}' and '{}' {} in '{}'", a.data_name,
                                 a.fingerprint, a.name, b.data_name, b.fingerprint, b.name),
                     "evaluate both models on the same data set");
  out.a = pairs::side_of(a, out.ids, out.target, out.classes, who);
  out.b = pairs::side_of(b, out.ids, out.target, out.classes, who);
  if (out.classes) {
    for (const double target : out.target) out.label.push_back(std::llround(target));
    for (const auto* labels : {&out.label, &out.a.label, &out.b.label})
      for (const std::int64_t label : *labels) {
        if (label < 0 || label >= pairs::max_classes)
          throw ValueError(who, fmt::format("classes in [0, {})", pairs::max_classes),
                           std::to_string(label), "number the classes from 0");
        out.n_classes = std::max(out.n_classes, label + 1);
      }
    out.n_columns = std::max(a.n_classes, b.n_classes);
  }
  out.slicings = pairs::slicings_of(a, out, options, who);
  return out;
}

stats::PairedCounts count_pairs(const Pairs& pairs, std::span<const std::int64_t> rows) {
  stats::PairedCounts counts;
  const auto add = [&](std::size_t i) {
    const bool a = pairs.a.correct[i] != 0, b = pairs.b.correct[i] != 0;
    ++(a ? (b ? counts.both : counts.only_first) : (b ? counts.only_second : counts.neither));
  };
  if (rows.empty())
    for (std::size_t i = 0; i < pairs.ids.size(); ++i) add(i);
  else
    for (const std::int64_t row : rows) add(static_cast<std::size_t>(row));
  return counts;
}

}  // namespace leadline::detail::compare
