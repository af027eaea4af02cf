/// Pairs of models with planted answers: the inputs hold what each says.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/engine/compare.hpp"
#include "leadline/stats/random.hpp"

namespace compare_toys {

using namespace leadline;

/// One sample: the truth, what the first and the second model say, and a group.
struct Case {
  std::int64_t target = 0, a = 0, b = 0;
  std::int32_t group = 0;
};

inline DatasetPtr dataset(const std::vector<Case>& cases, const std::vector<std::string>& groups,
                          TensorDataset::Options options = {}) {
  std::vector<float> said;
  std::vector<std::int64_t> target;
  Categories categories;
  categories.names = groups;
  for (const Case& one : cases) {
    said.push_back(static_cast<float>(one.a));
    said.push_back(static_cast<float>(one.b));
    target.push_back(one.target);
    categories.codes.push_back(one.group);
  }
  std::shared_ptr<Table> table;
  if (!groups.empty()) {
    table = std::make_shared<Table>();
    table->add("group", categories);
  }
  const auto n = std::ssize(cases);
  return std::make_shared<TensorDataset>(Tensor::own(std::move(said), {n, 2}),
                                         Tensor::own(std::move(target), {n}), std::move(options),
                                         table);
}

/// The model that says column `which`; counts the rows it was shown.
struct Says {
  std::shared_ptr<Subject> model;
  std::shared_ptr<std::int64_t> rows = std::make_shared<std::int64_t>(0);
};
inline Says says(int which, std::string name) {
  Says out;
  SubjectInfo info;
  info.name = std::move(name);
  info.output = OutputKind::labels;
  info.access = Access::labels;
  const auto rows = out.rows;
  out.model = std::make_shared<FunctionModel>(
      [which, rows](const Inputs& inputs) {
        const Tensor host = inputs.primary.host(DType::f64);
        const auto x = host.matrix<double>();
        *rows += x.rows();
        std::vector<std::int64_t> labels;
        for (Eigen::Index i = 0; i < x.rows(); ++i)
          labels.push_back(static_cast<std::int64_t>(x(i, which)));
        const std::int64_t n = std::ssize(labels);
        return Outputs{Tensor::own(std::move(labels), {n}), {}, {}};
      },
      info);
  return out;
}

/// Cases with given counts of the four outcomes; the truth is 1.
inline std::vector<Case> counts(int both, int only_a, int only_b, int neither) {
  std::vector<Case> cases;
  for (int i = 0; i < both; ++i) cases.push_back({1, 1, 1});
  for (int i = 0; i < only_a; ++i) cases.push_back({1, 1, 0});
  for (int i = 0; i < only_b; ++i) cases.push_back({1, 0, 1});
  for (int i = 0; i < neither; ++i) cases.push_back({1, 0, 0});
  return cases;
}

inline ModelComparison compared(const std::vector<Case>& cases, CompareOptions options = {},
                                const std::vector<std::string>& groups = {}) {
  return compare(says(0, "old").model, says(1, "new").model, dataset(cases, groups), options);
}

/// Random cases: `loss` more mistakes of the second model inside `group` 0 of `n_groups`, `noise`
/// flips each way everywhere.
inline std::vector<Case> drawn(std::int64_t n, double accuracy, double noise, double loss,
                               int n_groups, std::uint64_t seed) {
  std::vector<Case> cases;
  const stats::Stream stream(seed, "cases");
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng = stream.at(i);
    Case one;
    one.group = static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(n_groups)));
    one.target = static_cast<std::int64_t>(rng.below(2));
    const double u = rng.uniform();
    const double worse = noise + (one.group == 0 ? loss : 0);
    const bool a = u < accuracy;
    bool b = a;
    if (a && u < worse) b = false;
    if (!a && u > 1 - noise) b = true;
    one.a = a ? one.target : 1 - one.target;
    one.b = b ? one.target : 1 - one.target;
    cases.push_back(one);
  }
  return cases;
}

inline std::vector<std::string> group_names(int n) {
  std::vector<std::string> names;
  for (int i = 0; i < n; ++i) names.push_back("g" + std::to_string(i));
  return names;
}

}  // namespace compare_toys
