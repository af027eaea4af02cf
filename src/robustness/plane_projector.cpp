#include "leadline/robustness/plane_projector.hpp"

#include <algorithm>
#include <cmath>

namespace leadline::robustness {
namespace {

/// How far a value can go the way that raises s * (its change).
double way_left(double s, double x, double lower, double upper) {
  return std::max(s > 0 ? upper - x : x - lower, 0.0);
}

}  // namespace

/// The level at which sum min(level * slope, cap) is `gap`; the caps sum to more.
double PlaneProjector::level(double gap) {
  constexpr int many = 32;  // passes; each drops what is full at the level so far
  std::size_t n = items_.size();
  double slopes = 0;
  for (const Item& item : items_) slopes += item.slope;
  for (int pass = 0; pass < many && n > 0; ++pass) {
    const double now = gap / slopes;
    std::size_t kept = 0;
    double kept_slopes = 0;
    for (std::size_t k = 0; k < n; ++k) {
      const Item item = items_[k];
      if (item.cap <= now * item.slope) {
        gap -= item.cap;
        continue;
      }
      kept_slopes += item.slope;
      items_[kept++] = item;
    }
    if (kept == n || kept == 0) return now;
    n = kept;
    slopes = kept_slopes;
  }
  const auto end = items_.begin() + static_cast<std::ptrdiff_t>(n);
  std::sort(items_.begin(), end,
            [](const Item& a, const Item& b) { return a.cap * b.slope < b.cap * a.slope; });
  double now = gap / slopes;
  for (auto item = items_.begin(); item != end && item->cap <= now * item->slope; ++item) {
    gap -= item->cap;
    slopes -= item->slope;
    if (slopes > 0) now = gap / slopes;
  }
  return now;
}

/// Fills the values that come first (steepest: l1, most to gain: l0) until the gap is closed.
void PlaneProjector::greedy(Norm norm, double way, std::span<const double> w, double gap,
                            std::span<double> out) {
  const auto later = [norm](const Item& a, const Item& b) {
    const double ka = norm == Norm::l1 ? a.slope : a.cap, kb = norm == Norm::l1 ? b.slope : b.cap;
    return ka != kb ? ka < kb : a.at > b.at;
  };
  std::make_heap(items_.begin(), items_.end(), later);
  while (gap > 0 && !items_.empty()) {
    std::pop_heap(items_.begin(), items_.end(), later);
    const Item item = items_.back();
    items_.pop_back();
    const double gain = std::min(item.cap, gap);
    out[item.at] += std::copysign(gain / item.slope, way * w[item.at]);
    gap -= gain;
  }
}

bool PlaneProjector::operator()(Norm norm, std::span<const double> x, std::span<const double> w,
                                double gap, std::span<const double> lower,
                                std::span<const double> upper, std::span<double> out) {
  std::copy(x.begin(), x.end(), out.begin());
  if (gap == 0) return true;
  const double way = gap > 0 ? 1.0 : -1.0;
  double most = 0;  // slopes are taken relative to the largest: their squares must not vanish
  for (const double v : w) most = std::max(most, std::abs(v));
  if (most == 0) return false;
  const double needed = std::abs(gap) / most;
  double total = 0;
  items_.clear();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double s = way * w[i], r = way_left(s, x[i], lower[i], upper[i]), a = std::abs(s) / most;
    if (a * r == 0) continue;
    items_.push_back({norm == Norm::l2 ? a * a : a, a * r, i});
    total += a * r;
  }
  const bool reaches = total > needed;
  if (!reaches) {
    for (const Item& item : items_)
      out[item.at] = way * w[item.at] > 0 ? upper[item.at] : lower[item.at];
    return total == needed;
  }
  if (norm == Norm::l1 || norm == Norm::l0) {
    greedy(norm, way, w, needed, out);
  } else {
    const double t = level(needed);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double s = way * w[i], r = way_left(s, x[i], lower[i], upper[i]);
      const double move = std::min(norm == Norm::linf ? t : t * std::abs(s) / most, r);
      if (s != 0) out[i] += std::copysign(move, s);
    }
  }
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = std::clamp(out[i], lower[i], upper[i]);
  return true;
}

}  // namespace leadline::robustness
