#include <cmath>

#include "leadline/stats/clones.hpp"
#include "picture.hpp"

namespace leadline::detail::corruption {
namespace {

/// log k!, exact to 1e-11.
double log_factorial(double k) {
  static constexpr std::array<double, 10> small{0.0,
                                                0.0,
                                                0.69314718055994531,
                                                1.7917594692280550,
                                                3.1780538303479458,
                                                4.7874917427820458,
                                                6.5792512120101012,
                                                8.5251613610654147,
                                                10.604602902745251,
                                                12.801827480081469};
  if (k < 10) return small[static_cast<std::size_t>(k)];
  const double n = k + 1, inverse = 1 / (n * n);
  return (n - 0.5) * std::log(n) - n + 0.91893853320467274 +
         (1.0 / 12 - inverse * (1.0 / 360 - inverse / 1260)) / n;
}

/// Poisson: products of uniforms for small means, else transformed rejection (Hoermann 1993, PTRS).
class PoissonDraw {
 public:
  explicit PoissonDraw(double mean) : mean_(mean) {
    if (mean < 10) {
      threshold_ = std::exp(-mean);
      return;
    }
    log_mean_ = std::log(mean);
    b_ = 0.931 + 2.53 * std::sqrt(mean);
    a_ = -0.059 + 0.02483 * b_;
    inverse_alpha_ = 1.1239 + 1.1328 / (b_ - 3.4);
    v_ = 0.9277 - 3.6224 / (b_ - 2);
  }
  double operator()(stats::Rng& rng) const { return mean_ < 10 ? few(rng) : many(rng); }

 private:
  /// Inversion: walks up the distribution until it passes one uniform.
  [[nodiscard]] double few(stats::Rng& rng) const {
    const double u = rng.uniform();
    double term = threshold_, sum = threshold_, k = 0;
    while (u >= sum && k < 100) {
      k += 1;
      term *= mean_ / k;
      sum += term;
    }
    return k;
  }
  [[nodiscard]] double many(stats::Rng& rng) const {
    for (;;) {
      const double u = rng.uniform() - 0.5, v = rng.uniform();
      const double us = 0.5 - std::abs(u);
      const double k = std::floor((2 * a_ / us + b_) * u + mean_ + 0.43);
      if (us >= 0.07 && v <= v_) return k;
      if (k < 0 || (us < 0.013 && v > us)) continue;
      if (std::log(v) + std::log(inverse_alpha_) - std::log(a_ / (us * us) + b_) <=
          k * log_mean_ - mean_ - log_factorial(k))
        return k;
    }
  }

  double mean_, threshold_ = 0, log_mean_ = 0, b_ = 0, a_ = 0, inverse_alpha_ = 0, v_ = 0;
};

LEADLINE_CLONES
void add_scaled(float* x, const float* z, float base, float slope, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] += (base + slope * x[i]) * z[i];
}

LEADLINE_CLONES
void add_impulses(float* x, const float* u, float half, float amount, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] = u[i] < half ? 1.0F : u[i] < amount ? 0.0F : x[i];
}

}  // namespace

void gaussian_noise(Picture& picture, const Parameters& c, stats::Rng& rng) {
  std::vector<float> z(picture.values.size());
  rng.fill_normal(std::span<float>(z));
  add_scaled(picture.values.data(), z.data(), static_cast<float>(c[0]), 0, z.size());
}

void speckle_noise(Picture& picture, const Parameters& c, stats::Rng& rng) {
  std::vector<float> z(picture.values.size());
  rng.fill_normal(std::span<float>(z));
  add_scaled(picture.values.data(), z.data(), 0, static_cast<float>(c[0]), z.size());
}

void impulse_noise(Picture& picture, const Parameters& c, stats::Rng& rng) {
  std::vector<float> u(picture.values.size());
  rng.fill_uniform(std::span<float>(u));
  add_impulses(picture.values.data(), u.data(), static_cast<float>(c[0] / 2),
               static_cast<float>(c[0]), u.size());
}

void shot_noise(Picture& picture, const Parameters& c, stats::Rng& rng) {
  if (!picture.bytes) {
    for (float& value : picture.values)
      value = static_cast<float>(PoissonDraw(value * c[0])(rng) / c[0]);
    return;
  }
  std::vector<PoissonDraw> levels;  // one a grey level: what depends on the mean is computed once
  for (int level = 0; level < 256; ++level) levels.emplace_back(level / 255.0 * c[0]);
  for (float& value : picture.values)
    value =
        static_cast<float>(levels[static_cast<std::size_t>(std::lround(255 * value))](rng) / c[0]);
}

}  // namespace leadline::detail::corruption
