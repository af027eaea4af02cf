/// The exhibits a probe keeps: the most severe ones, in constant memory, the same however the run
/// was split.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/finding.hpp"
#include "leadline/core/state.hpp"
#include "leadline/core/tensor.hpp"

namespace leadline {

/// Keeps the `capacity` most severe exhibits, one a sample; ties are broken by a hash of
/// (seed, id). A commutative monoid under `merge`.
///
///     if (kept.wants(id, confidence)) kept.add({.id = id, ..., .severity = confidence});
class LEADLINE_API Exhibits {
 public:
  explicit Exhibits(std::uint64_t seed = 0, int capacity = Finding::max_exhibits)
      : seed_(seed), capacity_(capacity) {}

  /// Whether it would be kept: ask before copying pictures.
  [[nodiscard]] bool wants(SampleId id, double severity) const;
  void add(Exhibit exhibit);
  void merge(const Exhibits& other);
  /// Most severe first.
  [[nodiscard]] const std::vector<Exhibit>& kept() const { return kept_; }

  /// Under the keys `key`.id, `key`.pixels, ...
  void save(State& state, std::string_view key) const;
  /// Throws StoreError on anything inconsistent and leaves what was kept.
  void load(const State& state, std::string_view key);

 private:
  [[nodiscard]] bool before(double severity, SampleId id, const Exhibit& other) const;

  std::uint64_t seed_;
  int capacity_;
  std::vector<Exhibit> kept_;
};

/// Row `row` of a batch of pictures as 8-bit pixels: [n, c, h, w] or [n, h, w, c] with c 1 or 3,
/// or [n, h, w]. `bounds` maps to 0 .. 255; without them the picture's own least and greatest
/// value do. nullopt when the tensor does not hold pictures.
[[nodiscard]] LEADLINE_API std::optional<Image> image_of(
    const Tensor& inputs, std::int64_t row, std::optional<std::pair<double, double>> bounds);

}  // namespace leadline
