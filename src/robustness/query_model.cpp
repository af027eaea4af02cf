#include "leadline/robustness/query_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <list>
#include <new>
#include <optional>
#include <thread>
#include <unordered_map>

#include "attack_scores.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/fingerprint.hpp"

namespace leadline::robustness {

/// The last answers, by the fingerprint of the row.
class QueryModel::Cache {
 public:
  using Answer = std::vector<std::byte>;

  explicit Cache(std::int64_t rows) : rows_(static_cast<std::size_t>(rows)) {}

  [[nodiscard]] const Answer* find(const std::string& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &found->second->second;
  }
  void put(const std::string& key, const Answer& answer) {
    if (rows_ == 0 || places_.contains(key)) return;
    if (order_.size() == rows_) {
      places_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(key, answer);
    places_[key] = order_.begin();
  }

  // Of an answer, the same for all; known after the first.
  std::optional<std::pair<DType, std::vector<std::int64_t>>> form;

 private:
  std::size_t rows_;
  std::list<std::pair<std::string, Answer>> order_;
  std::unordered_map<std::string, std::list<std::pair<std::string, Answer>>::iterator> places_;
};

namespace {

template <class... E>
bool is_any_of(const std::exception& error) {
  return ((dynamic_cast<const E*>(&error) != nullptr) || ...);
}

/// What fails in Python comes as a plain Error.
bool is_passing_error(const std::exception& error) {
  return !is_any_of<ValueError, TypeError, ShapeError, CapabilityError, StoreError, Cancelled,
                    std::bad_alloc>(error);
}

std::string key_of(const Inputs& inputs, std::int64_t row) {
  Fingerprint print;
  print.add(inputs.primary.rows(row, 1));
  for (const auto& [name, value] : inputs.extras) print.add(name).add(value.rows(row, 1));
  return print.text();
}

Inputs pick(const Inputs& all, std::span<const std::int64_t> rows) {
  Inputs picked(take_rows(all.primary, rows));
  for (const auto& [name, value] : all.extras) picked.extras[name] = take_rows(value, rows);
  return picked;
}

Inputs on_host(const Inputs& inputs) {
  Inputs host(inputs.primary.host());
  for (const auto& [name, value] : inputs.extras) host.extras[name] = value.host();
  return host;
}

}  // namespace

QueryModel::QueryModel(std::shared_ptr<Model> model, QueryModelOptions options)
    : model_(std::move(model)), options_(std::move(options)) {
  if (model_ == nullptr) throw TypeError("QueryModel", "a model", "none", "pass the model to wrap");
  const auto fail = [](const char* expected, const std::string& got) {
    throw ValueError("QueryModel", expected, got, "");
  };
  if (options_.batch_size < 1)
    fail("a batch_size of at least 1", std::to_string(options_.batch_size));
  if (options_.retries < 0) fail("retries of at least 0", std::to_string(options_.retries));
  if (options_.cache_rows < 0)
    fail("cache_rows of at least 0", std::to_string(options_.cache_rows));
  if (!(options_.wait >= 0) || !(options_.longest_wait >= 0))
    fail("waits of at least 0 seconds", fmt::format("{:g}", options_.wait));
  if (!options_.is_passing) options_.is_passing = is_passing_error;
  if (!options_.sleep)
    options_.sleep = [](double seconds) {
      std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    };
  cache_ = std::make_unique<Cache>(options_.cache_rows);
}
QueryModel::~QueryModel() = default;

SubjectInfo QueryModel::info() const {
  SubjectInfo info = model_->info();
  if (options_.labels_only) info.output = OutputKind::labels;
  const bool labels = info.output == OutputKind::labels || !offers(info.access, Access::outputs);
  info.access = labels ? Access::labels : Access::labels | Access::outputs;
  info.layers.clear();
  return info;
}

std::shared_ptr<void> QueryModel::hold() { return model_->hold(); }

std::vector<std::string> QueryModel::notes() const {
  std::vector<std::string> notes = model_->notes();
  const QueryCounts seen = counts();
  if (seen.calls > 0)
    notes.push_back(fmt::format(
        "{} rows were asked of the model in {} calls, {} answered from memory, {} sent again after "
        "an error",
        seen.asked, seen.calls, seen.cached, seen.retried));
  return notes;
}

QueryCounts QueryModel::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

Outputs QueryModel::forward(const Inputs& inputs, std::span<const std::string> taps) {
  if (!taps.empty())
    throw CapabilityError("QueryModel.forward", "a model with reachable layers",
                          "a black box, asked for layer '" + taps.front() + "'",
                          "pass the model itself");
  if (inputs.primary.size(0) == 0) return model_->forward(inputs);
  const std::lock_guard lock(mutex_);
  const Inputs host = on_host(inputs);
  const std::int64_t n = host.primary.size(0);
  std::vector<std::string> keys(static_cast<std::size_t>(n));
  std::vector<Cache::Answer> answers(keys.size());
  std::unordered_map<std::string, std::int64_t> first;  // row asked for a key
  std::vector<std::int64_t> asked;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (options_.cache_rows == 0) {
      asked.push_back(i);
      continue;
    }
    keys[at] = key_of(host, i);
    if (const Cache::Answer* known = cache_->find(keys[at]))
      answers[at] = *known;
    else if (first.try_emplace(keys[at], i).second)
      asked.push_back(i);
  }
  counts_.cached += n - std::ssize(asked);
  for (std::size_t begin = 0; begin < asked.size();
       begin += static_cast<std::size_t>(options_.batch_size)) {
    const auto rows = std::span(asked).subspan(
        begin, std::min(asked.size() - begin, static_cast<std::size_t>(options_.batch_size)));
    const Tensor output = call(pick(host, rows));
    const std::size_t row_bytes =
        static_cast<std::size_t>(output.n_elements()) / rows.size() * bytes_of(output.dtype());
    const auto* bytes = static_cast<const std::byte*>(output.layout().data);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const auto at = static_cast<std::size_t>(rows[k]);
      answers[at].assign(bytes + k * row_bytes, bytes + (k + 1) * row_bytes);
      cache_->put(keys[at], answers[at]);
    }
  }
  std::vector<std::byte> joined;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (answers[i].empty()) answers[i] = answers[static_cast<std::size_t>(first.at(keys[i]))];
    joined.insert(joined.end(), answers[i].begin(), answers[i].end());
  }
  auto [dtype, shape] = *cache_->form;
  shape.insert(shape.begin(), n);
  return {Tensor::copy(joined.data(), dtype, shape), {}, {}};
}

/// One batch, with the further calls after an error.
Tensor QueryModel::call(const Inputs& inputs) {
  double wait = options_.wait;
  for (int attempt = 0;; ++attempt) {
    ++counts_.calls;
    try {
      Tensor output = try_call(inputs);
      counts_.asked += inputs.primary.size(0);
      return output;
    } catch (const std::exception& error) {
      if (attempt == options_.retries || !options_.is_passing(error)) throw;
    }
    counts_.retried += inputs.primary.size(0);
    options_.sleep(std::min(wait, options_.longest_wait));
    wait *= 2;
  }
}

Tensor QueryModel::try_call(const Inputs& inputs) {
  const std::int64_t n = inputs.primary.size(0);
  Tensor output = model_->forward(inputs).output.host();
  if (options_.labels_only && model_->info().output != OutputKind::labels) {
    auto label = leadline::detail::attack_scores::read(output, model_->info().output, n).label;
    output = Tensor::own(std::move(label), {n});
  }
  std::vector<std::int64_t> shape(output.shape().begin(), output.shape().end());
  const bool one_a_row = !shape.empty() && shape[0] == n && output.n_elements() > 0;
  if (one_a_row) shape.erase(shape.begin());
  const std::pair form{output.dtype(), shape};
  if (!one_a_row || (cache_->form && *cache_->form != form))
    throw ShapeError("QueryModel.forward",
                     fmt::format("an answer for each of {} rows, alike in every call", n),
                     output.describe(), "return one row of the output for each row of the input");
  cache_->form = form;
  return output;
}

}  // namespace leadline::robustness
