#include "leadline/robustness/corruption.hpp"

#include <cmath>
#include <numeric>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/perturbation.hpp"
#include "leadline/stats/random.hpp"

using namespace leadline;
using robustness::CorruptionTable;
using robustness::CorruptOptions;
using robustness::n_corruptions;
using CorruptionKind = robustness::Corruption;

namespace {

Tensor flat_images(std::vector<std::int64_t> shape, float value) {
  const std::int64_t n =
      std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  return Tensor::own(std::vector<float>(static_cast<std::size_t>(n), value), shape);
}

/// Soft shapes with detail: sums of waves, other ones in each channel and image.
std::vector<float> wavy_values(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
  std::vector<float> out;
  for (std::int64_t i = 0; i < n * c; ++i)
    for (std::int64_t y = 0; y < h; ++y)
      for (std::int64_t x = 0; x < w; ++x)
        out.push_back(
            static_cast<float>(0.5 +
                               0.25 * std::sin(0.7 * static_cast<double>(x + i)) *
                                   std::cos(0.5 * static_cast<double>(y) - static_cast<double>(i)) +
                               0.2 * std::sin(0.11 * static_cast<double>(x * y + 3 * i))));
  return out;
}

Tensor wavy(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
  return Tensor::own(wavy_values(n, c, h, w), {n, c, h, w});
}

Tensor wavy_bytes(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
  std::vector<std::uint8_t> bytes;
  for (const float value : wavy_values(n, c, h, w))
    bytes.push_back(static_cast<std::uint8_t>(std::lround(255 * value)));
  return Tensor::own(std::move(bytes), {n, c, h, w});
}

std::vector<double> values_of(const Tensor& tensor) {
  const Tensor host = tensor.host();
  std::vector<double> out;
  visit(ArrayView(host), [&](const auto* values) {
    for (std::int64_t i = 0; i < host.n_elements(); ++i)
      out.push_back(static_cast<double>(values[i]));
  });
  return out;
}

struct TwoMoments {
  double mean = 0, spread = 0;
};
TwoMoments moments_of(const std::vector<double>& values) {
  TwoMoments out;
  for (const double v : values) out.mean += v / static_cast<double>(values.size());
  for (const double v : values)
    out.spread += (v - out.mean) * (v - out.mean) / static_cast<double>(values.size());
  out.spread = std::sqrt(out.spread);
  return out;
}

}  // namespace

TEST_CASE("a flat image stays flat under every blur and at every size",
          "[robustness][corruption]") {
  for (const CorruptionKind kind :
       {CorruptionKind::defocus_blur, CorruptionKind::glass_blur, CorruptionKind::motion_blur,
        CorruptionKind::zoom_blur, CorruptionKind::gaussian_blur, CorruptionKind::pixelate,
        CorruptionKind::elastic_transform})
    for (const std::int64_t c : {1, 3, 4})
      for (const auto& [h, w] : {std::pair{8, 8}, {9, 21}, {32, 32}})
        for (const double severity : {1.0, 2.5, 5.0})
          for (const auto compat : {CorruptionTable::imagenet_c, CorruptionTable::cifar_c}) {
            const Tensor out = robustness::corrupt(flat_images({1, c, h, w}, 0.6F), kind, severity,
                                                   {}, {.compat = compat});
            INFO(name_of(kind) << " " << c << " x " << h << " x " << w << " at " << severity);
            for (const double v : values_of(out)) REQUIRE_THAT(v, WithinAbs(0.6, 1e-5));
          }
}

TEST_CASE("a bright pixel through a Gaussian blur shows the kernel", "[robustness][corruption]") {
  std::vector<float> x(33 * 33, 0);
  x[16 * 33 + 16] = 1;
  const auto out =
      values_of(robustness::corrupt(Tensor::own(x, {1, 33, 33}), CorruptionKind::gaussian_blur, 2));
  double total = 0;
  for (int i = -8; i <= 8; ++i) total += std::exp(-i * i / 8.0);
  for (int dy = -8; dy <= 8; ++dy)
    for (int dx = -8; dx <= 8; ++dx)
      CHECK_THAT(out[static_cast<std::size_t>((16 + dy) * 33 + 16 + dx)],
                 WithinAbs(std::exp(-(dy * dy + dx * dx) / 8.0) / (total * total), 1e-7));
  CHECK(out[16 * 33 + 16 + 9] == 0);
}

TEST_CASE("defocus spreads a pixel over a disk and motion along a line, and neither loses light",
          "[robustness][corruption]") {
  std::vector<float> x(65 * 65, 0);
  x[32 * 65 + 32] = 1;
  const Tensor spot = Tensor::own(x, {1, 65, 65});
  const auto disk = values_of(robustness::corrupt(spot, CorruptionKind::defocus_blur, 1));
  CHECK_THAT(std::accumulate(disk.begin(), disk.end(), 0.0), WithinAbs(1, 1e-5));
  int inside = 0;  // lattice points within 3 of the middle
  for (int dy = -3; dy <= 3; ++dy)
    for (int dx = -3; dx <= 3; ++dx) inside += dy * dy + dx * dx <= 9;
  CHECK_THAT(disk[32 * 65 + 32], WithinAbs(1.0 / inside, 1e-5));
  CHECK_THAT(disk[32 * 65 + 35], WithinAbs(1.0 / inside, 1e-5));
  CHECK(disk[32 * 65 + 37] < 1e-6);
  const auto line = values_of(robustness::corrupt(spot, CorruptionKind::motion_blur, 1));
  CHECK_THAT(std::accumulate(line.begin(), line.end(), 0.0), WithinAbs(1, 1e-5));
  for (std::size_t y = 0; y < 65; ++y)
    for (std::size_t x = 33; x < 65; ++x) CHECK(line[y * 65 + x] == 0);  // one-sided
}

TEST_CASE("noise has the moments of its parameters", "[robustness][corruption]") {
  const std::int64_t n = 40;
  const double count = 40 * 32 * 32;
  const Tensor grey = flat_images({n, 1, 32, 32}, 0.5F);
  const auto gaussian =
      moments_of(values_of(robustness::corrupt(grey, CorruptionKind::gaussian_noise, 1)));
  CHECK_THAT(gaussian.mean, WithinAbs(0.5, 5 * 0.08 / std::sqrt(count)));
  CHECK_THAT(gaussian.spread, WithinAbs(0.08, 5 * 0.08 / std::sqrt(2 * count)));
  const auto speckle =
      moments_of(values_of(robustness::corrupt(grey, CorruptionKind::speckle_noise, 1)));
  CHECK_THAT(speckle.spread, WithinAbs(0.075, 5 * 0.075 / std::sqrt(2 * count)));
  // Poisson(0.25 c) / c: mean 0.25, variance 0.25 / c; by inversion and by rejection
  const Tensor dark = flat_images({n, 1, 32, 32}, 0.25F);
  for (const auto& [severity, c] : {std::pair{1.0, 60.0}, {2.0, 25.0}, {3.0, 12.0}}) {
    const auto values = values_of(robustness::corrupt(dark, CorruptionKind::shot_noise, severity));
    const auto shot = moments_of(values);
    const double spread = std::sqrt(0.25 / c);
    CHECK_THAT(shot.mean, WithinAbs(0.25, 5 * spread / std::sqrt(count)));
    CHECK_THAT(shot.spread, WithinAbs(spread, 6 * spread / std::sqrt(count)));
    for (std::size_t i = 0; i < 100; ++i)
      CHECK_THAT(values[i] * c, WithinAbs(std::round(values[i] * c), 1e-4));
  }
  const auto impulses = values_of(robustness::corrupt(grey, CorruptionKind::impulse_noise, 5));
  const auto salt = static_cast<double>(std::count(impulses.begin(), impulses.end(), 1.0));
  const auto pepper = static_cast<double>(std::count(impulses.begin(), impulses.end(), 0.0));
  const double tolerance = 5 * std::sqrt(0.135 / count);
  CHECK_THAT(salt / count, WithinAbs(0.135, tolerance));
  CHECK_THAT(pepper / count, WithinAbs(0.135, tolerance));
}

TEST_CASE("Poisson noise has the probabilities of the distribution", "[robustness][corruption]") {
  // 0.6 at c = 60: mean 36, drawn by rejection; 0.1: mean 6, by inversion
  for (const float level : {0.6F, 0.1F}) {
    const auto values = values_of(
        robustness::corrupt(flat_images({60, 1, 32, 32}, level), CorruptionKind::shot_noise, 1));
    std::vector<double> seen(61, 0);
    for (const double v : values) ++seen[static_cast<std::size_t>(std::lround(60 * v))];
    const double mean = static_cast<double>(level) * 60, n = static_cast<double>(values.size());
    double chi2 = 0;
    int cells = 0;
    for (std::size_t k = 0; k < 60; ++k) {  // clipped values pile up at 60
      const double kk = static_cast<double>(k);
      const double expected = n * std::exp(kk * std::log(mean) - mean - std::lgamma(kk + 1));
      if (expected < 10) continue;
      chi2 += (seen[k] - expected) * (seen[k] - expected) / expected;
      ++cells;
    }
    INFO(level << ": " << chi2 << " on " << cells);
    CHECK(chi2 < cells + 4.5 * std::sqrt(2.0 * cells));
  }
}

TEST_CASE("colours change by their closed forms", "[robustness][corruption]") {
  const Tensor image = Tensor::own(std::vector<float>{.2F, .4F, .5F, .5F,  // red
                                                      .1F, .4F, .0F, .5F,  // green
                                                      .4F, .4F, .2F, .5F},
                                   {1, 3, 2, 2});
  // brightness adds 0.2 to the largest channel and scales the others with it
  const auto bright = values_of(robustness::corrupt(image, CorruptionKind::brightness, 2));
  CHECK_THAT(bright[0], WithinAbs(.2 * .6 / .4, 1e-6));
  CHECK_THAT(bright[4], WithinAbs(.1 * .6 / .4, 1e-6));
  CHECK_THAT(bright[8], WithinAbs(.6, 1e-6));
  CHECK_THAT(bright[1], WithinAbs(.6, 1e-6));
  // contrast 0.3 about the mean of each channel
  const auto dull = values_of(robustness::corrupt(image, CorruptionKind::contrast, 2));
  CHECK_THAT(dull[0], WithinAbs(.4 + .3 * (.2 - .4), 1e-6));
  CHECK_THAT(dull[6], WithinAbs(.25 + .3 * (0 - .25), 1e-6));
  // saturation times 0.3: every channel moves towards the largest
  const auto pale = values_of(robustness::corrupt(image, CorruptionKind::saturate, 1));
  CHECK_THAT(pale[0], WithinAbs(.4 - .3 * .2, 1e-6));
  CHECK_THAT(pale[8], WithinAbs(.4, 1e-6));
  CHECK_THAT(pale[1], WithinAbs(.4, 1e-6));
}

TEST_CASE("pixelate shows the means of boxes", "[robustness][corruption]") {
  const Tensor image = wavy(1, 1, 16, 16);
  const auto before = values_of(image);
  const auto after =
      values_of(robustness::corrupt(image, CorruptionKind::pixelate, 5));  // 4 x 4 blocks
  for (std::size_t by = 0; by < 4; ++by)
    for (std::size_t bx = 0; bx < 4; ++bx) {
      double mean = 0;
      for (std::size_t i = 0; i < 16; ++i)
        mean += before[(4 * by + i / 4) * 16 + 4 * bx + i % 4] / 16;
      for (std::size_t i = 0; i < 16; ++i)
        CHECK_THAT(after[(4 * by + i / 4) * 16 + 4 * bx + i % 4], WithinAbs(mean, 1e-6));
    }
}

TEST_CASE("JPEG keeps what is smooth and coarsens what is not", "[robustness][corruption]") {
  const auto error = [](const Tensor& image, double severity, CorruptionTable compat) {
    const auto a = values_of(image);
    const auto b = values_of(robustness::corrupt(image, CorruptionKind::jpeg_compression, severity,
                                                 {}, {.compat = compat}));
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
    return sum / static_cast<double>(a.size());
  };
  for (const float level : {0.0F, 127 / 255.0F, 128 / 255.0F, 1.0F})  // the DC step divides these
    CHECK(error(flat_images({1, 1, 20, 12}, level), 1, CorruptionTable::cifar_c) < 1.5 / 255);
  const Tensor image = wavy_bytes(2, 3, 40, 24);
  double last = error(image, 1, CorruptionTable::cifar_c);
  CHECK(error(wavy_bytes(2, 1, 40, 24), 1, CorruptionTable::cifar_c) < 5);
  for (const double severity : {1.0, 3.0, 5.0}) {
    const double now = error(image, severity, CorruptionTable::imagenet_c);
    CHECK(now > last);
    last = now;
  }
}

TEST_CASE("elastic transforms keep the light of an image", "[robustness][corruption]") {
  std::vector<float> soft;
  for (int i = 0; i < 20 * 32 * 32; ++i)
    soft.push_back(static_cast<float>(0.5 + 0.4 * std::sin(0.2 * (i % 32) + i / 1024) *
                                                std::cos(0.2 * (i / 32 % 32))));
  const Tensor image = Tensor::own(soft, {20, 32, 32});
  const auto before = moments_of(values_of(image));
  for (const double severity : {1.0, 3.0, 5.0}) {
    const auto after = moments_of(
        values_of(robustness::corrupt(image, CorruptionKind::elastic_transform, severity)));
    CHECK_THAT(after.mean, WithinAbs(before.mean, 0.02));
    CHECK_THAT(after.spread, WithinAbs(before.spread, 0.25 * before.spread));
  }
}

TEST_CASE("every corruption stays in bounds, changes the image and repeats, at all sizes",
          "[robustness][corruption]") {
  for (std::size_t k = 0; k < n_corruptions; ++k)
    for (const std::int64_t c : {1, 3, 4})
      for (const auto& [h, w] : {std::pair{8, 8}, {9, 21}, {33, 17}}) {
        const CorruptionKind kind = static_cast<CorruptionKind>(k);
        const Tensor bytes = wavy_bytes(2, c, h, w);
        for (const auto compat : {CorruptionTable::imagenet_c, CorruptionTable::cifar_c}) {
          const CorruptOptions options{.compat = compat, .seed = 5};
          INFO(name_of(kind) << " " << c << " x " << h << " x " << w);
          const auto once = values_of(robustness::corrupt(bytes, kind, 4, {}, options));
          CHECK((once == values_of(robustness::corrupt(bytes, kind, 4, {}, options))));
          if (kind != CorruptionKind::saturate || c > 1) {
            // drops may miss the smallest images
            if (kind != CorruptionKind::spatter) CHECK((once != values_of(bytes)));
          }
        }
        const Tensor floats = wavy(2, c, h, w);
        for (const double v : values_of(robustness::corrupt(floats, kind, 5)))
          REQUIRE((v >= 0 && v <= 1));
      }
}

TEST_CASE("a corruption depends on seed, id and draw and not on batch, order or layout",
          "[robustness][corruption]") {
  const Tensor images = wavy(4, 3, 12, 10);
  const auto row = [](const std::vector<double>& all, std::size_t i) {
    return std::vector<double>(all.begin() + static_cast<std::ptrdiff_t>(i * 360),
                               all.begin() + static_cast<std::ptrdiff_t>((i + 1) * 360));
  };
  for (std::size_t k = 0; k < n_corruptions; ++k) {
    const CorruptionKind kind = static_cast<CorruptionKind>(k);
    INFO(name_of(kind));
    const std::vector<SampleId> ids{7, 3, 11, 5};
    const auto all = values_of(robustness::corrupt(images, kind, 3, ids, {.seed = 2}));
    const std::vector<SampleId> third{11};
    CHECK((row(all, 2) ==
           values_of(robustness::corrupt(images.rows(2, 1), kind, 3, third, {.seed = 2}))));
  }
  const auto noise = [&](CorruptOptions options) {
    return values_of(robustness::corrupt(images, CorruptionKind::gaussian_noise, 3, {}, options));
  };
  CHECK((noise({}) == noise({})));
  CHECK((noise({}) != noise({.seed = 1})));
  CHECK((noise({}) != noise({.draw = 1})));
  // channels last: the same pictures in another order
  std::vector<float> last(4 * 360);
  const auto first = wavy_values(4, 3, 12, 10);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t p = 0; p < 120; ++p)
        last[i * 360 + p * 3 + c] = first[i * 360 + c * 120 + p];
  const auto there =
      values_of(robustness::corrupt(Tensor::own(last, {4, 12, 10, 3}), CorruptionKind::snow, 3));
  const auto here = values_of(robustness::corrupt(images, CorruptionKind::snow, 3));
  for (std::size_t p = 0; p < 120; ++p) CHECK(there[p * 3 + 1] == here[120 + p]);
}

TEST_CASE("severity is continuous, 0 is clean, and severities share their draws",
          "[robustness][corruption]") {
  const Tensor bytes = wavy_bytes(1, 3, 24, 24);
  const auto clean = values_of(bytes);
  const auto distance = [&](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
    return sum / static_cast<double>(a.size());
  };
  for (std::size_t k = 0; k < n_corruptions; ++k) {
    const CorruptionKind kind = static_cast<CorruptionKind>(k);
    INFO(name_of(kind));
    CHECK((values_of(robustness::corrupt(bytes, kind, 0)) == clean));
    const auto mild = values_of(robustness::corrupt(bytes, kind, 0.01));
    CHECK(distance(mild, clean) < 1.6);
    const auto at = values_of(robustness::corrupt(bytes, kind, 1));
    CHECK(distance(values_of(robustness::corrupt(bytes, kind, 0.999)), at) < 1.1);
  }
  const Tensor grey = flat_images({1, 1, 16, 16}, 0.5F);
  const auto one = values_of(robustness::corrupt(grey, CorruptionKind::gaussian_noise, 1));
  const auto two = values_of(robustness::corrupt(grey, CorruptionKind::gaussian_noise, 1.5));
  for (std::size_t i = 0; i < one.size(); ++i)
    CHECK_THAT(two[i] - 0.5, WithinAbs((one[i] - 0.5) * 0.10 / 0.08, 1e-6));
}

TEST_CASE("parameters are the published ones", "[robustness][corruption]") {
  using robustness::corruption_parameters;
  CHECK(corruption_parameters(CorruptionKind::snow, 3) ==
        std::vector<double>{.55, .3, 4, .9, 12, 8, .7});
  CHECK(corruption_parameters(CorruptionKind::motion_blur, 5, CorruptionTable::cifar_c) ==
        std::vector<double>{9, 2.5});
  CHECK_THAT(corruption_parameters(CorruptionKind::contrast, 4.5)[0], WithinAbs(0.075, 1e-12));
  CHECK_THROWS_AS(corruption_parameters(CorruptionKind::fog, 0.5), ValueError);
  const std::vector<std::string> names{"validation", "fog"};
  const auto some = robustness::corruptions_of("test", names);
  CHECK(some == std::vector<CorruptionKind>{CorruptionKind::fog, CorruptionKind::speckle_noise,
                                            CorruptionKind::gaussian_blur, CorruptionKind::spatter,
                                            CorruptionKind::saturate});
}

TEST_CASE("corrupt refuses what is no image in bounds", "[robustness][corruption][errors]") {
  const Tensor image = flat_images({1, 1, 8, 8}, 0.5F);
  CHECK_THROWS_AS(robustness::corrupt(image, CorruptionKind::fog, 5.5), ValueError);
  CHECK_THROWS_AS(robustness::corrupt(image, CorruptionKind::fog, std::nan("")), ValueError);
  CHECK_THROWS_AS(robustness::corrupt(flat_images({4, 8}, 0), CorruptionKind::fog, 1), ShapeError);
  CHECK_THROWS_AS(robustness::corrupt(flat_images({1, 1, 1, 8}, 0), CorruptionKind::fog, 1),
                  ShapeError);
  CHECK_THROWS_AS(robustness::corrupt(Tensor(), CorruptionKind::fog, 1), TypeError);
  const std::vector<SampleId> two{0, 1};
  CHECK_THROWS_AS(robustness::corrupt(image, CorruptionKind::fog, 1, two), ShapeError);
  CHECK_THROWS_AS(
      robustness::corrupt(image, CorruptionKind::fog, 1, {}, {.bounds = std::pair{1.0, 1.0}}),
      ValueError);
  CHECK_THROWS_AS(robustness::corrupt(Tensor::own(std::vector<std::int64_t>(64, 1), {1, 8, 8}),
                                      CorruptionKind::fog, 1),
                  TypeError);
  CHECK_THROWS_WITH(robustness::corrupt(flat_images({1, 1, 8, 8}, -2.1F), CorruptionKind::fog, 1),
                    ContainsSubstring("-2.1 in sample 0"));
  CHECK_THROWS_AS(
      robustness::corrupt(flat_images({1, 8, 8}, std::nanf("")), CorruptionKind::fog, 1),
      DataError);
}

TEST_CASE("sequences start clean or pass through the clean image, step by small steps",
          "[robustness][perturbation]") {
  using robustness::Perturbation;
  const Tensor image = wavy_bytes(1, 3, 24, 30);
  const auto frame = [&](Perturbation kind, int i) {
    return values_of(robustness::perturb(image, kind, i));
  };
  const auto clean = values_of(image);
  for (const auto kind :
       {Perturbation::gaussian_noise, Perturbation::shot_noise, Perturbation::zoom_blur})
    CHECK((frame(kind, 0) == clean));
  for (const auto kind : {Perturbation::brightness, Perturbation::translate, Perturbation::rotate})
    CHECK((frame(kind, 15) == clean));
  CHECK((frame(Perturbation::scale, 24) == clean));
  // one pixel to the right a frame
  const auto moved = frame(Perturbation::translate, 17);
  for (std::size_t x = 2; x < 30; ++x) CHECK(moved[30 * 5 + x] == clean[30 * 5 + x - 2]);
  CHECK((frame(Perturbation::gaussian_noise, 1) != frame(Perturbation::gaussian_noise, 2)));
  CHECK_THROWS_AS(frame(Perturbation::snow, 31), ValueError);
  for (std::size_t k = 0; k < robustness::n_perturbations; ++k) {
    const auto a = frame(static_cast<Perturbation>(k), 10),
               b = frame(static_cast<Perturbation>(k), 11);
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
    INFO(name_of(static_cast<Perturbation>(k)));
    CHECK(sum > 0);
    CHECK(sum / static_cast<double>(a.size()) < 40);
  }
}
