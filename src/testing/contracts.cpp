#include "leadline/testing/contracts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::testing {

bool Contract::ok() const {
  return std::all_of(laws.begin(), laws.end(), [](const Law& law) { return law.held; });
}

std::string Contract::text() const {
  std::string out = subject + "\n";
  for (const auto& law : laws)
    out += fmt::format("  {} {}{}{}\n", law.held ? "holds " : "BROKEN", law.name,
                       law.detail.empty() ? "" : ": ", law.detail);
  return out;
}

void Contract::require() const {
  if (ok()) return;
  std::string broken;
  for (const auto& law : laws)
    if (!law.held)
      broken += fmt::format("{}{} ({})", broken.empty() ? "" : "; ", law.name, law.detail);
  throw ValueError(subject, "every law of its contract to hold", broken,
                   "see include/leadline/testing/contracts.hpp for the laws");
}

void ExampleRows::require_size(const std::string& name, std::int64_t rows) {
  if (n_ >= 0 && rows != n_)
    throw ShapeError("ExampleRows.add", fmt::format("{} rows in '{}'", n_, name),
                     std::to_string(rows), "give every column one row a sample");
  n_ = rows;
}

ExampleRows& ExampleRows::add(std::string name, std::vector<double> values, std::int64_t cols) {
  require_size(name, std::ssize(values) / cols);
  floats_[std::move(name)] = {std::move(values), cols};
  return *this;
}

ExampleRows& ExampleRows::add(std::string name, std::vector<std::int64_t> values,
                              std::int64_t cols) {
  require_size(name, std::ssize(values) / cols);
  integers_[std::move(name)] = {std::move(values), cols};
  return *this;
}

ExampleRows ExampleRows::replaced(const std::string& column, std::int64_t row, double value) const {
  ExampleRows out = *this;
  Floats& floats = out.floats_.at(column);
  floats.values.at(row * floats.cols) = value;
  return out;
}

ExampleRows ExampleRows::without(const std::string& column) const {
  ExampleRows out = *this;
  out.floats_.erase(column);
  out.integers_.erase(column);
  return out;
}

void ExampleRows::with(std::int64_t first, std::int64_t n,
                       const std::function<void(const Rows&)>& use) const {
  std::vector<SampleId> ids(n);
  std::iota(ids.begin(), ids.end(), first);
  std::vector<Column> columns;
  const auto lend = [&]<class T>(const std::string& name, const Values<T>& all) {
    ArrayView view(std::span<const T>(all.values.data() + first * all.cols,
                                      static_cast<std::size_t>(n * all.cols)));
    if (all.cols > 1) {
      view.rows = n;
      view.cols = view.row_stride = all.cols;
      view.rank = 2;
    }
    columns.push_back({name, view});
  };
  for (const auto& [name, floats] : floats_) lend(name, floats);
  for (const auto& [name, integers] : integers_) lend(name, integers);
  use(Rows{ids, {}, columns});
}

ExampleRows ExampleRows::regression(std::int64_t n, std::uint64_t seed) {
  std::vector<double> predicted, target, ensemble;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "testing.ExampleRows.regression", i);
    target.push_back(10 + 2 * rng.normal() + (i % 7));
    predicted.push_back(target.back() + rng.normal());
    for (int member = 0; member < 5; ++member) ensemble.push_back(predicted.back() + rng.normal());
  }
  ExampleRows rows;
  rows.add("predicted", std::move(predicted)).add("target", std::move(target));
  return rows.add("ensemble", std::move(ensemble), 5);
}

ExampleRows ExampleRows::labels(std::int64_t n, std::int64_t n_labels, std::uint64_t seed) {
  std::vector<double> scores;
  std::vector<std::int64_t> target;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "testing.ExampleRows.labels", i);
    for (std::int64_t c = 0; c < n_labels; ++c) {
      const bool has = c == i % n_labels || (c != (i + 1) % n_labels && rng.uniform() < 0.3);
      target.push_back(has);
      scores.push_back(rng.normal() + (has ? 1.5 : 0.0));
    }
  }
  ExampleRows rows;
  return rows.add("scores", std::move(scores), n_labels).add("target", std::move(target), n_labels);
}

ExampleRows ExampleRows::distributions(std::int64_t n, std::int64_t k, std::uint64_t seed) {
  std::vector<double> predicted, target;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "testing.ExampleRows.distributions", i);
    std::vector<double> t(static_cast<std::size_t>(k)), p(t.size());
    double of_t = 0, of_p = 0;
    for (std::size_t c = 0; c < t.size(); ++c) {
      const double logit = rng.normal();
      of_t += t[c] = std::exp(logit);
      of_p += p[c] = std::exp(logit + rng.normal() / 2);
    }
    for (const double x : t) target.push_back(x / of_t);
    for (const double x : p) predicted.push_back(x / of_p);
  }
  ExampleRows rows;
  return rows.add("predicted", std::move(predicted), k).add("target", std::move(target), k);
}

ExampleRows ExampleRows::of(const std::vector<std::string>& reads) {
  for (const std::string& name : reads)
    if (name == "predicted" || name == "ensemble") return regression();
  return classification();
}

ExampleRows ExampleRows::classification(std::int64_t n, std::int64_t n_classes,
                                        std::uint64_t seed) {
  std::vector<double> scores, probabilities, confidence, loss;
  std::vector<std::int64_t> prediction, target, correct;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "testing.ExampleRows", i);
    const std::int64_t label = i % n_classes;
    std::vector<double> row(n_classes);
    for (std::int64_t c = 0; c < n_classes; ++c) row[c] = rng.normal() + (c == label ? 1.5 : 0.0);
    const double top = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (const double score : row) sum += std::exp(score - top);
    for (const double score : row) probabilities.push_back(std::exp(score - top) / sum);
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    scores.insert(scores.end(), row.begin(), row.end());
    target.push_back(label);
    prediction.push_back(best);
    correct.push_back(best == label);
    confidence.push_back(1 / sum);
    loss.push_back(top + std::log(sum) - row[label]);
  }
  ExampleRows out;
  out.add("scores", std::move(scores), n_classes);
  out.add("probabilities", std::move(probabilities), n_classes);
  out.add("confidence", std::move(confidence)).add("loss", std::move(loss));
  out.add("prediction", std::move(prediction)).add("target", std::move(target));
  out.add("correct", std::move(correct));
  return out;
}

}  // namespace leadline::testing
