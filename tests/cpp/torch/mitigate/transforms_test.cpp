#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/torch/mitigate/transforms.hpp"
#include "torch/small_models.hpp"

using namespace leadline;
using namespace leadline::mitigate;

namespace {

at::Tensor fixed_pictures(std::int64_t h = 11, std::int64_t w = 13) {
  return (0.5 + test::fixed_tensor({2, 2, h, w}, 0.5)).to(at::kFloat);
}

/// Gradient of sum(weights * f(x)) at x.
template <class F>
at::Tensor pulled(const F& f, const at::Tensor& x, const at::Tensor& weights) {
  const at::Tensor leaf = x.clone().set_requires_grad(true);
  (f(leaf) * weights).sum().backward();
  return leaf.grad();
}

}  // namespace

TEST_CASE("bit depth rounds to its levels and passes gradients straight through",
          "[torch][mitigate][transforms]") {
  const at::Tensor x = at::tensor({0.0, 0.1, 0.4, 0.6, 1.0}).view({1, 5});
  CHECK(at::allclose(bit_depth(x, 1), at::tensor({0.0, 0.0, 0.0, 1.0, 1.0}).view({1, 5})));
  CHECK(at::allclose(bit_depth(x * 4 - 2, 2, {-2, 2}),
                     at::tensor({-2.0, -2.0, -2.0 + 4.0 / 3, -2.0 + 8.0 / 3, 2.0}).view({1, 5})));
  const at::Tensor w = at::arange(5, at::kDouble).view({1, 5});
  CHECK(pulled([](const at::Tensor& at) { return bit_depth(at, 3); }, x, w).allclose(w));
  CHECK_THROWS_AS(bit_depth(x, 0), ValueError);
  CHECK_THROWS_AS(bit_depth(x, 3, {1, 0}), ValueError);
}

TEST_CASE("the median filter takes the middle of each window", "[torch][mitigate][transforms]") {
  const at::Tensor x = fixed_pictures();
  const at::Tensor out = median_filter(x, 3);
  for (const auto& [i, j] : {std::pair{0, 0}, std::pair{5, 7}, std::pair{10, 12}}) {
    std::vector<float> window;
    for (int di = -1; di <= 1; ++di)
      for (int dj = -1; dj <= 1; ++dj)
        window.push_back(
            x[1][0][std::clamp(i + di, 0, 10)][std::clamp(j + dj, 0, 12)].item<float>());
    std::nth_element(window.begin(), window.begin() + 4, window.end());
    CHECK(out[1][0][i][j].item<float>() == window[4]);
  }
  CHECK_THROWS_AS(median_filter(x, 2), ValueError);
  CHECK_THROWS_AS(median_filter(at::rand({3, 4})), ShapeError);
}

TEST_CASE("the jpeg of a flat block is exact to half a step of its table",
          "[torch][mitigate][transforms]") {
  // The constant part of a block has the weight 8 and the step 16 * 0.5 at quality 75: 1/255 a
  // value.
  const at::Tensor x = at::full({1, 1, 8, 8}, 0.4);
  CHECK((jpeg_like(x, 75) - x).abs().max().item<double>() <= 0.5 / 255 + 1e-6);
  const at::Tensor pictures = fixed_pictures();
  const auto error = [&](int quality) {
    return (jpeg_like(pictures, quality) - pictures).abs().mean().item<double>();
  };
  CHECK(jpeg_like(pictures, 75).sizes() == pictures.sizes());
  CHECK(error(100) < 0.01);
  CHECK(error(100) < error(75));
  CHECK(error(75) < error(20));
  CHECK_THROWS_AS(jpeg_like(pictures, 0), ValueError);
}

TEST_CASE("the gradient of jpeg is that of its linear part", "[torch][mitigate][transforms]") {
  // The cosine transform and back is the identity; no value is at its bounds.
  const at::Tensor x = 0.5 + 0.1 * (fixed_pictures(16, 8) - 0.5), w = fixed_pictures(16, 8);
  CHECK(
      pulled([](const at::Tensor& at) { return jpeg_like(at, 50); }, x, w).allclose(w, 1e-4, 1e-5));
}

TEST_CASE("resizing keeps constants and its gradient is its own", "[torch][mitigate][transforms]") {
  const at::Tensor x = fixed_pictures().to(at::kDouble);
  CHECK(at::allclose(resize(at::full({1, 1, 9, 9}, 0.3), 0.5), at::full({1, 1, 9, 9}, 0.3)));
  const at::Tensor w = fixed_pictures(11, 13).to(at::kDouble);
  const at::Tensor gradient = pulled([](const at::Tensor& at) { return resize(at, 0.5); }, x, w);
  at::Tensor step = at::zeros_like(x);
  step[1][1][4][6] = 1e-3;
  const double change = ((resize(x + step, 0.5) - resize(x, 0.5)) * w).sum().item<double>();
  CHECK_THAT(gradient[1][1][4][6].item<double>() * 1e-3, WithinAbs(change, 1e-9));
  CHECK_THROWS_AS(resize(x, 1.5), ValueError);
}

TEST_CASE("the class of rejection wins exactly above the threshold",
          "[torch][mitigate][detector]") {
  const at::Tensor logits = test::fixed_tensor({6, 3}, 2.0);
  const at::Tensor score = at::tensor({0.0, 1.0, 0.49, 0.51, 0.5, 9.0}, at::kDouble);
  const at::Tensor label = with_rejection(logits, score, 0.5, 4).argmax(1);
  const at::Tensor plain = logits.argmax(1);
  for (std::int64_t i = 0; i < 6; ++i)
    CHECK(label[i].item<std::int64_t>() ==
          (score[i].item<double>() > 0.5 ? 3 : plain[i].item<std::int64_t>()));
  CHECK_THROWS_AS(with_rejection(logits, score.slice(0, 0, 3), 0.5), ShapeError);
}

TEST_CASE("a threshold of rejection holds its rate on further samples",
          "[torch][mitigate][detector]") {
  const at::Tensor ten = at::arange(19, at::kDouble);
  CHECK(rejection_threshold(ten, 0.1) == 17);   // 1 of 19 above: (1 + 1) / 20
  CHECK(rejection_threshold(ten, 0.05) == 18);  // none above
  CHECK_THROWS_AS(rejection_threshold(ten, 0.04), ValueError);
  CHECK_THROWS_AS(rejection_threshold(ten, 1.0), ValueError);
  CHECK_THROWS_AS(rejection_threshold(ten + std::numeric_limits<double>::infinity(), 0.1),
                  ValueError);
  // Over many calibration sets the mean rate among new samples is at most the stated one.
  at::manual_seed(0);
  double above = 0;
  const int sets = 400;
  for (int i = 0; i < sets; ++i) {
    const double threshold = rejection_threshold(at::randn({59}, at::kDouble), 0.1);
    above += (at::randn({100}, at::kDouble) > threshold).to(at::kDouble).mean().item<double>();
  }
  CHECK(above / sets < 0.1 + 3 * 0.04 / 20);
  CHECK(above / sets > 0.08);
}
