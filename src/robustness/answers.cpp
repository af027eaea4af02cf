#include "answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::answers {

Answers answers_of(const Tensor& output, OutputKind kind, std::span<const SampleId> ids) {
  Answers out;
  out.n = std::ssize(ids);
  out.finite.assign(ids.size(), 1);
  Tensor clean = output.host();
  if (is_floating(clean.dtype()) && clean.rank() > 0 && clean.size(0) == out.n && out.n > 0) {
    const Tensor wide = clean.host(DType::f64);
    const auto matrix = wide.matrix<double>();
    std::vector<double> values(matrix.data(), matrix.data() + matrix.size());
    const auto width = static_cast<std::size_t>(matrix.cols());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto row = std::span(values).subspan(i * width, width);
      if (std::all_of(row.begin(), row.end(), [](double v) { return std::isfinite(v); })) continue;
      out.finite[i] = 0;
      std::fill(row.begin(), row.end(), kind == OutputKind::probabilities ? 1.0 / width : 0.0);
    }
    clean = Tensor::own(std::move(values), wide.shape());
  }
  if (kind == OutputKind::values) {
    out.value = values_of(clean, out.n);
    return out;
  }
  Predictions said = predictions_of(clean, kind, Tensor(), ids);
  out.n_classes = said.n_classes;
  out.label = std::move(said.label);
  out.scores = std::move(said.scores);
  out.probabilities = std::move(said.probabilities);
  return out;
}

bool same_answer(const Answers& a, std::int64_t i, const Answers& b, std::int64_t j,
                 double tolerance) {
  const auto at = [](std::int64_t row) { return static_cast<std::size_t>(row); };
  if (a.finite[at(i)] != b.finite[at(j)]) return false;
  if (!a.finite[at(i)]) return true;
  if (!a.value.empty()) {
    const double x = a.value[at(i)], y = b.value[at(j)];
    return std::abs(x - y) <= tolerance * std::max({1.0, std::abs(x), std::abs(y)});
  }
  if (a.n_classes != b.n_classes) return false;
  if (a.probabilities.empty()) return a.label[at(i)] == b.label[at(j)];
  // Scores tell more than probabilities, which saturate.
  const std::int64_t width = std::ssize(a.scores) / std::max<std::int64_t>(1, a.n);
  for (std::int64_t c = 0; c < width; ++c) {
    const double x = a.scores[at(i * width + c)], y = b.scores[at(j * width + c)];
    if (std::abs(x - y) > tolerance * std::max({1.0, std::abs(x), std::abs(y)})) return false;
  }
  return true;
}

Answers joined(std::span<const Answers> parts) {
  Answers out;
  const auto shape = std::max_element(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
    return a.n_classes < b.n_classes;
  });
  const bool values = std::any_of(parts.begin(), parts.end(),
                                  [](const Answers& part) { return !part.value.empty(); });
  if (shape != parts.end()) out.n_classes = shape->n_classes;
  const bool scored = shape != parts.end() && !shape->probabilities.empty();
  const auto add = [](auto& to, const auto& from, std::int64_t n) {
    to.insert(to.end(), from.begin(), from.end());
    to.resize(static_cast<std::size_t>(n));
  };
  for (const Answers& part : parts) {
    out.n += part.n;
    add(out.finite, part.finite, out.n);
    if (values) add(out.value, part.value, out.n);
    if (!values) add(out.label, part.label, out.n);
    if (scored) add(out.scores, part.scores, out.n * out.n_classes);
    if (scored) add(out.probabilities, part.probabilities, out.n * out.n_classes);
  }
  return out;
}

Inputs take(const Inputs& inputs, std::span<const SampleId> rows) {
  Inputs out(take_rows(inputs.primary.host(), rows));
  for (const auto& [name, extra] : inputs.extras) out.extras[name] = take_rows(extra.host(), rows);
  return out;
}

bool same_row(const Tensor& a, const Tensor& b, std::int64_t i) {
  if (a.dtype() != b.dtype() || a.rank() != b.rank()) return false;
  const auto width = [](const Tensor& t) {
    return t.size(0) == 0
               ? 0
               : static_cast<std::size_t>(t.n_elements() / t.size(0)) * bytes_of(t.dtype());
  };
  const std::size_t wa = width(a), wb = width(b), both = std::min(wa, wb);
  const auto* pa = static_cast<const std::uint8_t*>(a.layout().data) + i * wa;
  const auto* pb = static_cast<const std::uint8_t*>(b.layout().data) + i * wb;
  if (wa != wb && a.dtype() != DType::u8) return false;
  const auto zeros = [](const std::uint8_t* p, std::size_t n) {
    return std::all_of(p, p + n, [](std::uint8_t v) { return v == 0; });
  };
  return std::memcmp(pa, pb, both) == 0 && zeros(pa + both, wa - both) &&
         zeros(pb + both, wb - both);
}

bool same_row(const Inputs& a, const Inputs& b, std::int64_t i) {
  if (!same_row(a.primary, b.primary, i)) return false;
  return std::all_of(b.extras.begin(), b.extras.end(), [&](const auto& extra) {
    const auto it = a.extras.find(extra.first);
    return it != a.extras.end() && same_row(it->second.host(), extra.second.host(), i);
  });
}

std::vector<std::int64_t> labels_of(const Tensor& target, std::int64_t n) {
  const Tensor host = target.host(DType::i64);
  if (host.n_elements() != n)
    throw ShapeError("expectations", fmt::format("{} labels", n), target.describe(),
                     "give one label a row");
  const auto* p = host.data<std::int64_t>();
  return {p, p + n};
}

std::vector<double> values_of(const Tensor& target, std::int64_t n) {
  if (!is_floating(target.dtype())) {
    const auto labels = labels_of(target, n);
    return {labels.begin(), labels.end()};
  }
  const Tensor host = target.host(DType::f64);
  if (host.n_elements() != n)
    throw ShapeError("expectations", fmt::format("{} values, one a row", n), target.describe(),
                     "give a model or target of one number a sample");
  const auto* p = host.data<double>();
  return {p, p + n};
}

}  // namespace leadline::detail::answers
