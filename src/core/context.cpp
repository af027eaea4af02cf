#include "leadline/core/context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/core/memory.hpp"

namespace leadline {
namespace detail::context {

[[noreturn]] void not_finite(double value, std::span<const SampleId> ids, std::int64_t row) {
  throw DataError("model output", "finite scores",
                  fmt::format("{} for sample {}", value,
                              row < std::ssize(ids) ? ids[row] : static_cast<SampleId>(row)),
                  "check the model and the input's normalisation");
}

void read_labels(const Tensor& output, Predictions& out) {
  if (is_floating(output.dtype()) || output.rank() > 2 || output.n_elements() != out.n)
    throw TypeError("model output", "integer labels [n]", output.describe(),
                    "return one class number a sample, or declare output='logits'");
  const Tensor labels = output.host(DType::i64);
  const auto* values = labels.data<std::int64_t>();
  out.label.assign(values, values + out.n);
}

/// [n, c] scores as double; a single column is a binary model and becomes two.
void read_scores(const Tensor& output, OutputKind kind, std::span<const SampleId> ids,
                 Predictions& out) {
  if (!is_floating(output.dtype()))
    throw TypeError("model output", "floating scores [n, n_classes]", output.describe(),
                    "a model that returns class numbers declares output='labels'");
  if (output.rank() < 1 || output.rank() > 2 || output.size(0) != out.n)
    throw ShapeError("model output", fmt::format("scores [{}, n_classes]", out.n),
                     output.describe(),
                     output.rank() > 2 ? "reduce the output to one row of scores a sample"
                                       : "return one row a sample");
  const Tensor host = output.host(DType::f64);
  const auto* values = host.data<double>();
  const std::int64_t given = output.rank() == 1 ? 1 : output.size(1);
  if (given == 0) throw ShapeError("model output", "at least one class", output.describe(), "");
  for (std::int64_t i = 0; i < out.n * given; ++i)
    if (!std::isfinite(values[i])) not_finite(values[i], ids, i / given);
  out.n_classes = std::max<std::int64_t>(2, given);
  if (given > 1) {
    out.scores.assign(values, values + out.n * given);
    return;
  }
  out.scores.resize(out.n * 2);
  for (std::int64_t i = 0; i < out.n; ++i) {
    out.scores[2 * i] = kind == OutputKind::probabilities ? 1 - values[i] : 0;
    out.scores[2 * i + 1] = values[i];
  }
}

void check_probabilities(std::span<const double> row, std::span<const SampleId> ids,
                         std::int64_t i) {
  double sum = 0;
  for (const double p : row) {
    if (p < -1e-6 || p > 1 + 1e-6)
      throw DataError("model output", "probabilities in [0, 1]",
                      fmt::format("{} for sample {}", p, ids.empty() ? i : ids[i]),
                      "declare output='logits', or apply softmax in the model");
    sum += p;
  }
  if (std::abs(sum - 1) > 1e-2)
    throw DataError("model output", "probabilities that sum to 1",
                    fmt::format("a sum of {:.6g} for sample {}", sum, ids.empty() ? i : ids[i]),
                    "declare output='logits', or apply softmax in the model");
}

/// Softmax of one row; returns log(sum exp(row - max)) + max.
double softmax(std::span<const double> row, double* to) {
  const double top = *std::max_element(row.begin(), row.end());
  double sum = 0;
  for (std::size_t c = 0; c < row.size(); ++c) sum += to[c] = std::exp(row[c] - top);
  for (std::size_t c = 0; c < row.size(); ++c) to[c] /= sum;
  return top + std::log(sum);
}

void read_target(const Tensor& target, std::span<const SampleId> ids, Predictions& out) {
  if (is_floating(target.dtype()) || target.rank() != 1) return;  // regression: no classes
  if (target.size(0) != out.n)
    throw ShapeError("target", fmt::format("{} labels", out.n), target.describe(), "");
  const Tensor host = target.host(DType::i64);
  const auto* values = host.data<std::int64_t>();
  out.target.assign(values, values + out.n);
  for (std::int64_t i = 0; i < out.n; ++i)
    if (values[i] < 0 || (out.n_classes > 0 && values[i] >= out.n_classes))
      throw DataError("target",
                      out.n_classes > 0
                          ? fmt::format("labels in [0, {}), the model's classes", out.n_classes)
                          : std::string("labels of at least 0"),
                      fmt::format("{} at sample {}", values[i], ids.empty() ? i : ids[i]),
                      "check the number of outputs of the model and the coding of the labels");
}

}  // namespace detail::context

Predictions predictions_of(const Tensor& output, OutputKind kind, const Tensor& target,
                           std::span<const SampleId> ids) {
  namespace impl = detail::context;
  Predictions out;
  out.n = ids.empty() ? output.size(0) : std::ssize(ids);
  if (!output.defined() || output.rank() < 1 || output.size(0) != out.n)
    throw ShapeError("model output", fmt::format("one row for each of {} samples", out.n),
                     output.describe(), "return a tensor whose first dimension is the batch");
  const Tensor host = output.host();
  if (kind == OutputKind::labels) {
    impl::read_labels(host, out);
  } else {
    impl::read_scores(host, kind, ids, out);
    const std::int64_t width = out.n_classes;
    out.probabilities.resize(out.scores.size());
    out.label.resize(out.n);
    out.confidence.resize(out.n);
    out.loss.resize(out.n);
    for (std::int64_t i = 0; i < out.n; ++i) {
      const std::span row(out.scores.data() + i * width, static_cast<std::size_t>(width));
      double* p = out.probabilities.data() + i * width;
      if (kind == OutputKind::probabilities) {
        impl::check_probabilities(row, ids, i);
        for (std::int64_t c = 0; c < width; ++c) p[c] = std::clamp(row[c], 0.0, 1.0);
        out.loss[i] = 0;
      } else {
        out.loss[i] = impl::softmax(row, p);
      }
      out.label[i] = std::max_element(row.begin(), row.end()) - row.begin();
      out.confidence[i] = p[out.label[i]];
    }
  }
  if (target.defined()) impl::read_target(target, ids, out);
  if (out.target.empty()) {
    out.loss.clear();
    return out;
  }
  out.correct.resize(out.n);
  for (std::int64_t i = 0; i < out.n; ++i) {
    out.correct[i] = out.label[i] == out.target[i];
    if (out.scores.empty()) continue;
    const std::int64_t at = i * out.n_classes + out.target[i];
    out.loss[i] = kind == OutputKind::probabilities ? -std::log(out.probabilities[at])
                                                    : std::max(0.0, out.loss[i] - out.scores[at]);
  }
  return out;
}

Context::Context(Session& session, Batch batch, OutputKind kind, std::vector<std::string> taps)
    : session_(session), batch_(std::move(batch)), kind_(kind), taps_(std::move(taps)) {}

const Outputs& Context::outputs() {
  if (!ran_) {
    auto& model = session_.subject_as<Model>();
    auto* limits = dynamic_cast<LimitsRows*>(&session_);
    outputs_ = limits == nullptr ? model.forward(batch_.inputs, taps_)
                                 : forward_within(limits->row_limit(), model, batch_.inputs, taps_);
    ran_ = true;
  }
  return outputs_;
}

const Tensor& Context::activation(std::string_view layer) {
  const auto& activations = outputs().activations;
  if (const auto found = activations.find(layer); found != activations.end()) return found->second;
  throw CapabilityError("Context.activation", "a layer named in PassNeeds.layers",
                        "'" + std::string(layer) + "'", "ask for it in next_pass()");
}

const Predictions& Context::predictions() {
  if (!predictions_)
    predictions_ = std::make_unique<Predictions>(
        predictions_of(outputs().output, kind_, batch_.target, batch_.ids));
  return *predictions_;
}

Rows Context::rows() {
  const auto& p = predictions();
  if (columns_.empty()) {
    const auto matrix = [&](const std::vector<double>& values) {
      ArrayView view(values);
      view.rows = p.n;
      view.cols = p.n_classes;
      view.row_stride = p.n_classes;
      view.rank = 2;
      return view;
    };
    if (!p.scores.empty()) {
      columns_.push_back({"scores", matrix(p.scores)});
      columns_.push_back({"probabilities", matrix(p.probabilities)});
      columns_.push_back({"confidence", ArrayView(p.confidence)});
    }
    columns_.push_back({"prediction", ArrayView(p.label)});
    if (!p.target.empty()) columns_.push_back({"target", ArrayView(p.target)});
    if (!p.correct.empty()) columns_.push_back({"correct", ArrayView(p.correct)});
    if (!p.loss.empty()) columns_.push_back({"loss", ArrayView(p.loss)});
  }
  return {batch_.ids, {}, columns_};
}

}  // namespace leadline
