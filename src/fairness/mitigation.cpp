#include "leadline/fairness/mitigation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "group_scores.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"

namespace leadline::fairness {
namespace scores_impl = leadline::detail::group_scores;

Reweighing Reweighing::fit(const GroupCounts& counts) {
  if (counts.n() == 0 || !counts.has_target())
    throw ValueError("Reweighing.fit", "samples with targets", "none",
                     "fit on labelled training data");
  Reweighing out;
  out.attributes_ = counts.index().attributes();
  const std::int64_t leaves = counts.index().n_leaves(), classes = counts.n_classes();
  std::vector<double> of_leaf(static_cast<std::size_t>(leaves)),
      of_class(static_cast<std::size_t>(classes)),
      of_both(static_cast<std::size_t>(leaves * classes));
  double total = 0;
  for (std::int64_t l = 0; l < leaves; ++l)
    for (std::int64_t t = 0; t < classes; ++t)
      for (std::int64_t p = 0; p < classes; ++p) {
        const double w = counts.cell(l, t, p).weight;
        of_leaf[static_cast<std::size_t>(l)] += w;
        of_class[static_cast<std::size_t>(t)] += w;
        of_both[static_cast<std::size_t>(l * classes + t)] += w;
        total += w;
      }
  for (std::int64_t l = 0; l < leaves; ++l) {
    std::string name;
    for (std::size_t a = 0; a < out.attributes_.size(); ++a) {
      const auto level = counts.index().leaf(l)[a];
      name +=
          (a == 0 ? "" : ",") + plain::key_value(out.attributes_[a]) + "=" +
          (level < 0 ? "missing"
                     : plain::key_value(counts.index().levels(a)[static_cast<std::size_t>(level)]));
    }
    for (std::int64_t t = 0; t < classes; ++t) {
      const double both = of_both[static_cast<std::size_t>(l * classes + t)];
      if (both > 0)
        out.weights_[{name, t}] = of_leaf[static_cast<std::size_t>(l)] *
                                  of_class[static_cast<std::size_t>(t)] / (total * both);
    }
  }
  return out;
}

std::vector<double> Reweighing::weights(const ArrayView& target, const Table& groups) const {
  const auto scores =
      scores_impl::read(nullptr, nullptr, groups, attributes_, "Reweighing.weights");
  if (target.rows != groups.size() || target.cols != 1)
    throw ShapeError("Reweighing.weights", fmt::format("{} targets, as the groups", groups.size()),
                     fmt::format("[{}, {}]", target.rows, target.cols), "pass one label a sample");
  std::vector<double> out;
  for (std::int64_t i = 0; i < target.rows; ++i) {
    const auto& name =
        scores.names[static_cast<std::size_t>(scores.group[static_cast<std::size_t>(i)])];
    const auto label = static_cast<std::int64_t>(target.at(i));
    const auto it = weights_.find({name, label});
    if (it == weights_.end())
      throw ValueError("Reweighing.weights", "groups and labels that were in the fit together",
                       fmt::format("'{}' with label {}", name, label),
                       "fit on data that holds every combination");
    out.push_back(it->second);
  }
  return out;
}

RejectOption RejectOption::fit(const ArrayView& probability, const ArrayView& target,
                               const Table& groups, const Options& options) {
  if (!(options.limit >= 0 && options.limit <= 1) || options.grid < 1)
    throw ValueError("RejectOption", "limit in [0, 1] and grid >= 1",
                     fmt::format("limit={}, grid={}", options.limit, options.grid),
                     "use the defaults 0.05 and 100");
  const auto s = scores_impl::read(&probability, &target, groups, {}, "RejectOption.fit");
  if (s.names.size() < 2)
    throw ValueError("RejectOption.fit", "at least two groups", fmt::format("{}", s.names.size()),
                     "pass more groups");
  const auto rates = [&](double margin, const std::vector<bool>& favoured) {
    std::vector<double> selected(s.names.size()), n(s.names.size());
    for (std::size_t i = 0; i < s.group.size(); ++i) {
      const auto g = static_cast<std::size_t>(s.group[i]);
      const double p = s.probability[i];
      const bool near = margin > 0 && std::abs(p - 0.5) <= margin + 1e-12;
      selected[g] += near ? favoured[g] : p > 0.5;
      n[g] += 1;
    }
    for (std::size_t g = 0; g < n.size(); ++g) selected[g] /= n[g];
    return selected;
  };
  const std::vector<double> plain_rates = rates(0, std::vector<bool>(s.names.size()));
  double overall = 0;
  for (const double p : s.probability) overall += p > 0.5;
  overall /= static_cast<double>(s.probability.size());
  std::vector<bool> favoured;
  RejectOption out;
  out.attributes_ = s.attributes;
  for (std::size_t g = 0; g < s.names.size(); ++g) {
    favoured.push_back(plain_rates[g] < overall);
    out.favoured_[s.names[g]] = favoured.back();
  }
  double least = 2;
  for (std::int64_t k = 0; k <= options.grid; ++k) {
    const double margin = 0.5 * static_cast<double>(k) / static_cast<double>(options.grid);
    const auto r = rates(margin, favoured);
    const auto [low, high] = std::minmax_element(r.begin(), r.end());
    const double gap = *high - *low;
    if (gap < least) {
      least = gap;
      out.margin_ = margin;
    }
    if (gap <= options.limit) break;
  }
  return out;
}

std::vector<std::int64_t> RejectOption::apply(const ArrayView& probability,
                                              const Table& groups) const {
  const auto s =
      scores_impl::read(&probability, nullptr, groups, attributes_, "RejectOption.apply");
  std::vector<bool> favoured;
  for (const auto& name : s.names) {
    const auto it = favoured_.find(name);
    if (it == favoured_.end()) scores_impl::unseen("RejectOption.apply", name);
    favoured.push_back(it->second);
  }
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < s.group.size(); ++i) {
    const double p = s.probability[i];
    const bool near = margin_ > 0 && std::abs(p - 0.5) <= margin_ + 1e-12;
    out.push_back(near ? favoured[static_cast<std::size_t>(s.group[i])] : p > 0.5);
  }
  return out;
}

}  // namespace leadline::fairness
