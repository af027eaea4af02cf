/// A model behind a wire: every row it is asked for is counted, repeated rows are answered from
/// memory, calls that fail are made again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "leadline/core/subject.hpp"

namespace leadline::robustness {

struct QueryModelOptions {
  std::int64_t batch_size = 64;  // most rows a call
  int retries = 3;               // further calls after one that failed
  double wait = 1;               // seconds before the first of them; doubles with each
  double longest_wait = 60;
  /// Rows whose answers are remembered, the least recently asked forgotten first; 0: none. Leave it
  /// off for a model that draws random numbers: it would look deterministic.
  std::int64_t cache_rows = 65536;
  /// Hands out decisions in place of scores.
  bool labels_only = false;
  /// Whether an error is worth another call. Default: all but Ctrl-C, lack of memory and those that
  /// say what is wrong with the call (a wrong shape stays wrong).
  std::function<bool(const std::exception&)> is_passing{};
  std::function<void(double seconds)> sleep{};  // default: the thread sleeps
};

struct QueryCounts {
  std::int64_t calls = 0;    // of the model, those that failed included
  std::int64_t asked = 0;    // rows answered by the model
  std::int64_t cached = 0;   // rows answered from memory, or by an equal row of the same call
  std::int64_t retried = 0;  // rows sent again after an error
};

/// Wraps a model so that it can be attacked as a black box: it offers labels, and scores where the
/// model gives them, never gradients.
///
///     auto model = std::make_shared<QueryModel>(service, QueryModelOptions{.batch_size = 16});
///     HopSkipJump({.queries = 2000}).perturb(*model, x, y);
///     model->counts().asked;
///
/// Rows are told apart by their bytes (XXH3-128 of dtype, shape and values, named inputs
/// included). Calls may come from several threads; they are answered one after another. When the
/// last call fails too, its error is passed on.
class LEADLINE_API QueryModel : public Model {
 public:
  /// Throws ValueError on options out of range, TypeError without a model.
  explicit QueryModel(std::shared_ptr<Model> model, QueryModelOptions options = {});
  ~QueryModel() override;

  [[nodiscard]] SubjectInfo info() const override;
  [[nodiscard]] std::shared_ptr<void> hold() override;
  /// How many rows were asked, for the report.
  [[nodiscard]] std::vector<std::string> notes() const override;
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps = {}) override;

  [[nodiscard]] QueryCounts counts() const;
  [[nodiscard]] const QueryModelOptions& options() const { return options_; }

 private:
  class Cache;

  [[nodiscard]] Tensor call(const Inputs& inputs);
  [[nodiscard]] Tensor try_call(const Inputs& inputs);

  std::shared_ptr<Model> model_;
  QueryModelOptions options_;
  std::unique_ptr<Cache> cache_;
  QueryCounts counts_;
  mutable std::mutex mutex_;
};

}  // namespace leadline::robustness
