#include "group_scores.hpp"

#include <fmt/format.h>

#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/fairness/group_index.hpp"

namespace leadline::detail::group_scores {

Scores read(const ArrayView* probability, const ArrayView* target, const Table& groups,
            const std::vector<std::string>& attributes, std::string_view who) {
  const std::int64_t n = groups.size();
  for (const auto* view : {probability, target})
    if (view != nullptr && (view->rows != n || view->cols != 1))
      throw ShapeError(who, fmt::format("{} rows, as the groups", n),
                       fmt::format("[{}, {}]", view->rows, view->cols), "pass one value a sample");
  Scores out;
  fairness::GroupIndex index(attributes);
  out.group.resize(static_cast<std::size_t>(n));
  fairness::GroupReader(index, groups, who).leaves(0, n, out.group.data());
  out.attributes = index.attributes();
  for (std::int64_t l = 0; l < index.n_leaves(); ++l) {
    std::string name;
    for (std::size_t a = 0; a < out.attributes.size(); ++a) {
      const auto level = index.leaf(l)[a];
      name += (a == 0 ? "" : ",") + plain::key_value(out.attributes[a]) + "=" +
              (level < 0 ? "missing"
                         : plain::key_value(index.levels(a)[static_cast<std::size_t>(level)]));
    }
    out.names.push_back(name);
  }
  for (std::int64_t i = 0; i < n && probability != nullptr; ++i) {
    out.probability.push_back(probability->at(i));
    if (!(out.probability.back() >= 0 && out.probability.back() <= 1))
      throw ValueError(who, "probability in [0, 1]",
                       fmt::format("{} at row {}", out.probability.back(), i),
                       "pass the probability of the favourable class");
  }
  for (std::int64_t i = 0; i < n && target != nullptr; ++i) {
    const double y = target->at(i);
    if (y != 0 && y != 1)
      throw ValueError(who, "target in {0, 1}", fmt::format("{} at row {}", y, i),
                       "pass 1 for the favourable class");
    out.target.push_back(static_cast<std::int64_t>(y));
  }
  return out;
}

void unseen(std::string_view who, const std::string& group) {
  throw ValueError(who, "groups that were in the fit", "'" + group + "'",
                   "fit on data that holds every group");
}

}  // namespace leadline::detail::group_scores
