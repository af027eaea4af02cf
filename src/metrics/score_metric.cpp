#include "leadline/metrics/score_metric.hpp"

namespace leadline::metrics {
namespace {

/// Whether a sample has one label, so that ignoring it drops the sample.
bool one_label(const Rows& rows) {
  const ArrayView* target = rows.find("target");
  return target == nullptr || target->cols == 1;
}

/// Row i as often as its weight says.
std::vector<std::int64_t> repeated_order(std::span<const double> counts) {
  std::vector<std::int64_t> order;
  for (std::size_t i = 0; i < counts.size(); ++i)
    order.insert(order.end(), static_cast<std::size_t>(counts[i]), static_cast<std::int64_t>(i));
  return order;
}

void with_repeated_rows(const Rows& rows, bool repeats, std::string_view who,
                        const std::function<void(const Rows&)>& use) {
  if (!repeats || !rows.counted) return use(rows);
  check_rows(rows, rows.size(), who);
  GatheredRows repeated(rows, repeated_order(rows.weights));
  Rows plain = repeated.rows();
  plain.weights = {};
  plain.counted = false;
  use(plain);
}

}  // namespace

void with_counted_rows(const Rows& rows, std::optional<std::int64_t> ignored, bool repeats,
                       std::string_view who, const std::function<void(const Rows&)>& use) {
  if (!ignored || !one_label(rows)) return with_repeated_rows(rows, repeats, who, use);
  check_rows(rows, rows.at("target", who).rows, who);
  GatheredRows kept(rows, rows_without(rows, *ignored, who));
  with_repeated_rows(kept.rows(), repeats, who, use);
}

}  // namespace leadline::metrics
