#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kinds.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/text_rows.hpp"
#include "robustness/corruption/images.hpp"

namespace leadline::detail::stress {
namespace {

using robustness::StressKind;
using robustness::StressSettings;

/// Means and spreads of the last dimension.
void add_moments(const Tensor& host, StressSettings& settings) {
  const auto columns = static_cast<std::size_t>(host.size(host.rank() - 1));
  std::vector<double> mean(columns), square(columns);
  const auto n = static_cast<std::size_t>(host.n_elements());
  visit(ArrayView(host), [&](const auto* values) {
    double count = 0;
    for (std::size_t i = 0; i < n; i += columns) {
      count += 1;
      for (std::size_t c = 0; c < columns; ++c) {
        const double delta = static_cast<double>(values[i + c]) - mean[c];
        mean[c] += delta / count;
        square[c] += delta * (static_cast<double>(values[i + c]) - mean[c]);
      }
    }
    for (double& value : square) value = count > 0 ? std::sqrt(value / count) : 0;
  });
  settings.means = std::move(mean);
  settings.spreads = std::move(square);
}

template <class T>
Tensor each_sample(const Tensor& host, std::span<const SampleId> ids, StressKind kind,
                   double severity, const StressSettings& settings) {
  const stats::Stream stream(settings.seed, "stress/" + std::string(name_of(kind)));
  const auto n = static_cast<std::size_t>(host.size(0));
  const auto size = static_cast<std::size_t>(host.n_elements()) / std::max<std::size_t>(1, n);
  const bool table = is_table(kind);
  const std::size_t columns =
      table || host.rank() == 3 ? static_cast<std::size_t>(host.size(host.rank() - 1)) : 1;
  // A series [n, t] has one column: what the moments call columns are its steps.
  std::vector<double> means = settings.means, spreads = settings.spreads;
  if (!table && host.rank() == 2 && means.size() > 1) {
    double total = 0, square = 0;
    for (std::size_t c = 0; c < means.size(); ++c) {
      total += means[c];
      square += means[c] * means[c] + spreads[c] * spreads[c];
    }
    const auto count = static_cast<double>(means.size());
    means = {total / count};
    spreads = {std::sqrt(std::max(0.0, square / count - means[0] * means[0]))};
  }
  std::vector<T> out(static_cast<std::size_t>(host.n_elements()));
  std::vector<double> values(size);
  for (std::size_t i = 0; i < n; ++i) {
    const T* from = host.data<T>() + i * size;
    std::transform(from, from + size, values.begin(),
                   [](T value) { return static_cast<double>(value); });
    stats::Rng rng = stream.at(ids.empty() ? static_cast<SampleId>(i) : ids[i]);
    change_sample(kind, severity, {values, size / columns, columns, means, spreads}, rng,
                  stream.key());
    for (std::size_t k = 0; k < size; ++k) {
      const double value =
          settings.bounds ? std::clamp(values[k], settings.bounds->first, settings.bounds->second)
                          : values[k];
      out[i * size + k] = static_cast<T>(value);
    }
  }
  return Tensor::own(std::move(out), host.shape());
}

struct StressFamily {
  std::string_view name;
  std::size_t first, last;
};
constexpr std::array<StressFamily, 4> families{
    {{"table", 0, 5}, {"series", 5, 8}, {"image", 8, 13}, {"text", 13, 17}}};

}  // namespace
}  // namespace leadline::detail::stress

namespace leadline::robustness {

std::vector<StressKind> stress_kinds_of(std::string_view who, std::span<const std::string> names) {
  constexpr auto known = names_of(std::type_identity<StressKind>{});
  std::array<bool, n_stress_kinds> wanted{};
  for (const std::string& name : names) {
    bool found = false;
    for (const auto& family : detail::stress::families)
      for (std::size_t i = family.first; i < family.last; ++i)
        if (family.name == name || known[i] == name) found = wanted[i] = true;
    if (found) continue;
    std::vector<std::string_view> all(known.begin(), known.end());
    for (const auto& family : detail::stress::families) all.push_back(family.name);
    const auto nearest = nearest_name(name, all);
    throw ValueError(who, "a kind of stress, or table, series, image or text", "'" + name + "'",
                     nearest.empty() ? fmt::format("missing_values is one")
                                     : fmt::format("did you mean '{}'?", nearest));
  }
  std::vector<StressKind> out;
  for (std::size_t i = 0; i < n_stress_kinds; ++i)
    if (wanted[i]) out.push_back(static_cast<StressKind>(i));
  return out;
}

Tensor stress(const Tensor& inputs, StressKind kind, double severity, std::span<const SampleId> ids,
              const StressSettings& settings) {
  using namespace detail::stress;
  if (!(severity >= 0 && severity <= 5))
    throw ValueError("stress", "a severity in [0, 5]", fmt::format("{}", severity), "");
  if (!inputs.defined()) throw TypeError("stress", "inputs", "nothing", "pass an array");
  if (severity == 0) return inputs.host();
  if (is_text(kind))
    return text_rows(stress_text(texts_of(inputs), kind, severity, ids, settings.seed));
  if (is_image(kind)) {
    const stats::Stream stream(settings.seed, "stress/" + std::string(name_of(kind)));
    return detail::corruption::each_image(
        "stress", inputs, ids, settings.bounds,
        [&](detail::corruption::Picture& picture, std::size_t i) {
          stats::Rng rng = stream.at(ids.empty() ? static_cast<SampleId>(i) : ids[i]);
          change_picture(kind, severity, picture, rng);
          return true;
        });
  }
  const int most = is_table(kind) ? 2 : 3;
  if (inputs.rank() < 2 || inputs.rank() > most || inputs.n_elements() == 0)
    throw ShapeError(fmt::format("stress '{}'", name_of(kind)),
                     is_table(kind) ? "rows [n, d]" : "series [n, t] or [n, t, c]",
                     inputs.describe(), "choose a kind that fits the inputs");
  if (!ids.empty() && std::ssize(ids) != inputs.size(0))
    throw ShapeError("stress", fmt::format("{} ids, one a sample", inputs.size(0)),
                     fmt::format("{}", ids.size()), "pass one id a sample, or none");
  const Tensor host = inputs.host();
  if (host.dtype() != DType::f32 && host.dtype() != DType::f64)
    throw TypeError("stress", "numbers of float32 or float64", host.describe(),
                    "convert them; codes of categories have no mean");
  StressSettings known = settings;
  if (known.means.empty()) add_moments(host, known);
  const auto columns = static_cast<std::size_t>(host.size(host.rank() - 1));
  if (known.means.size() != columns || known.spreads.size() != columns)
    throw ShapeError("stress", fmt::format("means and spreads of {} columns", columns),
                     fmt::format("{} and {}", known.means.size(), known.spreads.size()), "");
  return host.dtype() == DType::f32 ? each_sample<float>(host, ids, kind, severity, known)
                                    : each_sample<double>(host, ids, kind, severity, known);
}

}  // namespace leadline::robustness
