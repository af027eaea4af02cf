#include "leadline/metrics/pair_moments.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "leadline/core/error.hpp"
#include "number_rows.hpp"

namespace leadline::detail::pair_moments {
constexpr double choose[5][5] = {
    {1, 0, 0, 0, 0}, {1, 1, 0, 0, 0}, {1, 2, 1, 0, 0}, {1, 3, 3, 1, 0}, {1, 4, 6, 4, 1}};

/// The sums about a point that lies (y, x) below the mean.
std::array<double, 25> shifted(const std::array<double, 25>& sums, double y, double x) {
  std::array<double, 25> out{};
  for (int p = 0; p <= 4; ++p)
    for (int q = 0; p + q <= 4; ++q) {
      double sum = 0, power_y = 1;
      for (int i = 0; i <= p; ++i, power_y *= y) {
        double power_x = 1;
        for (int j = 0; j <= q; ++j, power_x *= x)
          sum += choose[p][i] * choose[q][j] * power_y * power_x *
                 sums[static_cast<std::size_t>((p - i) * 5 + q - j)];
      }
      out[static_cast<std::size_t>(p * 5 + q)] = sum;
    }
  return out;
}
}  // namespace leadline::detail::pair_moments

namespace leadline::metrics {
namespace pair_impl = leadline::detail::pair_moments;

void PairMoments::update(const Rows& rows, std::string_view who) {
  const auto data = leadline::detail::number_rows::pairs(rows, who);
  PairMoments batch;
  const auto weight = [&](std::size_t i) { return rows.weights.empty() ? 1.0 : rows.weights[i]; };
  double sum_y = 0, sum_x = 0;
  for (std::size_t i = 0; i < data.target.size(); ++i) {
    const double w = weight(i);
    batch.n_ += rows.counted ? static_cast<std::int64_t>(w) : 1;
    batch.weight_ += w;
    batch.squared_weights_ += rows.counted ? w : w * w;
    sum_y += w * data.target[i];
    sum_x += w * data.predicted[i];
  }
  if (batch.weight_ > 0) {
    batch.mean_y_ = sum_y / batch.weight_;
    batch.mean_x_ = sum_x / batch.weight_;
  }
  for (std::size_t i = 0; i < data.target.size(); ++i) {
    const double y = data.target[i] - batch.mean_y_, x = data.predicted[i] - batch.mean_x_;
    double power_y = weight(i);
    for (int p = 0; p <= 4; ++p, power_y *= y) {
      double power = power_y;
      for (int q = 0; p + q <= 4; ++q, power *= x)
        batch.sums_[static_cast<std::size_t>(p * 5 + q)] += power;
    }
  }
  batch.sums_[1] = batch.sums_[5] = 0;
  merge(batch);
}

void PairMoments::merge(const PairMoments& given) {
  const PairMoments other = given;
  n_ += other.n_;
  if (other.weight_ <= 0) return;
  const double total = weight_ + other.weight_, share = other.weight_ / total;
  const double y = mean_y_ + (other.mean_y_ - mean_y_) * share;
  const double x = mean_x_ + (other.mean_x_ - mean_x_) * share;
  const auto here = pair_impl::shifted(sums_, mean_y_ - y, mean_x_ - x);
  const auto there = pair_impl::shifted(other.sums_, other.mean_y_ - y, other.mean_x_ - x);
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] = here[i] + there[i];
  sums_[1] = sums_[5] = 0;
  mean_y_ = y;
  mean_x_ = x;
  weight_ = total;
  squared_weights_ += other.squared_weights_;
}

double PairMoments::n_effective() const {
  return squared_weights_ > 0 ? weight_ * weight_ / squared_weights_ : 0.0;
}

double PairMoments::moment(int p, int q) const {
  return weight_ > 0 ? sums_[static_cast<std::size_t>(p * 5 + q)] / weight_ : 0.0;
}

double PairMoments::standard_error(const Slopes& s) const {
  struct Term {
    double slope;
    int p, q;
  };
  const double constant = -(s.yy * moment(2, 0) + s.yx * moment(1, 1) + s.xx * moment(0, 2));
  const std::array<Term, 6> terms{Term{s.yy, 2, 0}, {s.yx, 1, 1}, {s.xx, 0, 2},
                                  {s.y, 1, 0},      {s.x, 0, 1},  {constant, 0, 0}};
  double square = 0, size = 0;
  for (const Term& a : terms)
    for (const Term& b : terms) {
      const double part = a.slope * b.slope * moment(a.p + b.p, a.q + b.q);
      square += part;
      size += std::abs(part);
    }
  // What is left where all cancels is rounding, which is not a spread.
  if (square <= 64 * std::numeric_limits<double>::epsilon() * size) return 0.0;
  const double n = n_effective();
  return n > 1 ? std::sqrt(square / (n - 1)) : 0.0;
}

void PairMoments::save(State& state) const {
  state.set("pairs.n", n_);
  std::vector<double> numbers{weight_, squared_weights_, mean_y_, mean_x_};
  numbers.insert(numbers.end(), sums_.begin(), sums_.end());
  state.set("pairs.numbers", std::move(numbers));
}

void PairMoments::load(const State& state) {
  const auto& numbers = state.numbers("pairs.numbers", 29);
  PairMoments loaded;
  loaded.n_ = state.integer("pairs.n");
  if (loaded.n_ < 0 || loaded.n_ > (std::int64_t{1} << 53) || !(numbers[0] >= 0) ||
      !(numbers[1] >= 0) ||
      !std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); }))
    throw StoreError("PairMoments.load", "finite moments", "others",
                     "the saved state is damaged; run again");
  loaded.weight_ = numbers[0];
  loaded.squared_weights_ = numbers[1];
  loaded.mean_y_ = numbers[2];
  loaded.mean_x_ = numbers[3];
  std::copy(numbers.begin() + 4, numbers.end(), loaded.sums_.begin());
  const double yy = loaded.moment(2, 0), xx = loaded.moment(0, 2), yx = loaded.moment(1, 1);
  if (!(yy >= 0 && xx >= 0 && std::abs(yx) <= std::sqrt(yy) * std::sqrt(xx) * (1 + 1e-6)))
    throw StoreError("PairMoments.load", "moments of some data", "others",
                     "the saved state is damaged; run again");
  *this = loaded;
}

}  // namespace leadline::metrics
