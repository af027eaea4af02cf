#include "leadline/robustness/corruption.hpp"

#include <fmt/format.h>

#include "images.hpp"
#include "leadline/core/error.hpp"
#include "parameters.hpp"

namespace leadline::robustness {

Tensor corrupt(const Tensor& images, Corruption kind, double severity,
               std::span<const SampleId> ids, const CorruptOptions& options) {
  using namespace detail::corruption;
  static constexpr std::array<Kernel, n_corruptions> kernels{gaussian_noise,
                                                             shot_noise,
                                                             impulse_noise,
                                                             defocus_blur,
                                                             glass_blur,
                                                             motion_blur,
                                                             zoom_blur,
                                                             snow,
                                                             frost,
                                                             fog,
                                                             brightness,
                                                             contrast,
                                                             elastic_transform,
                                                             pixelate,
                                                             jpeg_compression,
                                                             speckle_noise,
                                                             gaussian_blur,
                                                             spatter,
                                                             saturate};
  if (!(severity >= 0 && severity <= 5))
    throw ValueError("corrupt", "a severity in [0, 5]", fmt::format("{}", severity),
                     "0 is clean, 5 the worst");
  const Kernel kernel = kernels[static_cast<std::size_t>(kind)];
  const Parameters parameters = parameters_at(kind, severity, options.compat);
  const stats::Stream stream(options.seed, "corrupt/" + std::string(name_of(kind)));
  const bool rounds = kind == Corruption::pixelate || kind == Corruption::jpeg_compression;
  std::vector<float> clean;
  const auto change = [&](Picture& picture, std::size_t i) {
    if (severity < 1) clean = picture.values;
    stats::Rng rng = stream.at(ids.empty() ? static_cast<SampleId>(i) : ids[i], options.draw);
    if (severity > 0) kernel(picture, parameters, rng);
    for (std::size_t k = 0; severity < 1 && k < clean.size(); ++k)
      picture.values[k] = clean[k] + static_cast<float>(severity) *
                                         (std::clamp(picture.values[k], 0.0F, 1.0F) - clean[k]);
    return rounds || severity < 1;
  };
  const Tensor changed = each_image("corrupt", images, ids, options.bounds, change);
  return severity > 0 ? changed : images.host();
}

}  // namespace leadline::robustness
