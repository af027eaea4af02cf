#include "attack_exhibit.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "leadline/core/exhibits.hpp"

namespace leadline::detail::attack_exhibit {
namespace {

std::string class_name(const DataInfo& about, std::int64_t label) {
  if (label < 0) return "no class (the output was not finite)";
  if (label < std::ssize(about.class_names))
    return about.class_names[static_cast<std::size_t>(label)];
  return "class " + std::to_string(label);
}

void add_pictures(Exhibit& exhibit, const DataInfo& about, const at::Tensor& original,
                  const at::Tensor& changed) {
  const at::Tensor delta = changed - original;
  const double most = std::max(delta.abs().max().item<double>(), 1e-12);
  const auto add = [&](const at::Tensor& x, std::optional<std::pair<double, double>> bounds,
                       const char* label) {
    if (auto image = image_of(from_aten(x.contiguous()), 0, bounds)) {
      exhibit.images.push_back(std::move(*image));
      exhibit.labels.emplace_back(label);
    }
  };
  add(original, about.bounds, "original");
  add(changed, about.bounds, "changed");
  add(delta / most, std::pair{-1.0, 1.0}, "difference");
}

void add_fields(Exhibit& exhibit, const DataInfo& about, const at::Tensor& original,
                const at::Tensor& changed) {
  const at::Tensor a = original.flatten().to(at::kDouble), b = changed.flatten().to(at::kDouble);
  const auto n = a.numel();
  std::vector<std::int64_t> fields(static_cast<std::size_t>(n));
  std::iota(fields.begin(), fields.end(), 0);
  const auto* before = a.const_data_ptr<double>();
  const auto* after = b.const_data_ptr<double>();
  std::stable_sort(fields.begin(), fields.end(), [&](auto i, auto j) {
    return std::abs(after[i] - before[i]) > std::abs(after[j] - before[j]);
  });
  fields.resize(std::min<std::size_t>(fields.size(), 24));
  for (const auto i : fields) {
    exhibit.labels.push_back(i < std::ssize(about.feature_names)
                                 ? about.feature_names[static_cast<std::size_t>(i)]
                                 : "x" + std::to_string(i));
    exhibit.values.push_back(digits(before[i], 4) + " -> " + digits(after[i], 4));
    exhibit.overlay.push_back(after[i] - before[i]);
  }
}

}  // namespace

std::string digits(double value, int n) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*g", n, value);
  return text.data();
}

Exhibit make(const Dataset& data, const robustness::AttackResult& result,
             const at::Tensor& adversarial, double severity) {
  const DataInfo about = data.info();
  Exhibit exhibit;
  exhibit.id = result.row.id;
  exhibit.severity = severity;
  exhibit.title =
      class_name(about, result.row.label) + " read as " + class_name(about, result.decision);
  exhibit.caption = "changed by at most " + digits(result.fooled_at) + " after " +
                    std::to_string(result.steps) + (result.steps == 1 ? " step" : " steps") +
                    "; confidence in the wrong answer " + digits(result.confidence);
  const Batch batch = data.batch({&result.row.id, 1});
  const at::Tensor changed = adversarial.to(at::kCPU);
  const at::Tensor original = to_aten(batch.inputs.primary).to(at::kCPU, changed.scalar_type());
  if (about.modality == Modality::image) add_pictures(exhibit, about, original, changed);
  if (exhibit.images.empty()) {
    exhibit.kind = Exhibit::row;
    exhibit.labels.clear();
    add_fields(exhibit, about, original, changed);
  }
  return exhibit;
}

}  // namespace leadline::detail::attack_exhibit
