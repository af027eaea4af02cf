/// Functions of the rooms decisions and tradeoffs.
#include <pybind11/stl.h>

#include "core/bindings.hpp"
#include "core/enums.hpp"
#include "core/numbers.hpp"
#include "leadline/decisions/rates.hpp"
#include "leadline/decisions/thresholds.hpp"
#include "leadline/tradeoffs/disagreement.hpp"
#include "leadline/tradeoffs/pareto_front.hpp"

namespace leadline::bindings {
namespace {

// Arrays of one call, on the host in the types the engine reads.
struct ScoredArrays {
  std::vector<double> scores;
  Tensor target;

  ScoredArrays(const py::object& given_scores, const py::object& given_target, std::string_view who)
      : scores(numbers_in(given_scores, who, "scores")),
        target(tensor_in(given_target, who, "target").host()) {
    if (is_floating(target.dtype()))
      throw TypeError(who, "target as integers 0 and 1", target.describe(),
                      "convert it: target.astype(int)");
    target = target.host(DType::i64);
  }
  [[nodiscard]] decisions::Scored view() const {
    return {scores, {target.data<std::int64_t>(), static_cast<std::size_t>(target.n_elements())}};
  }
};

decisions::OperatingPointOptions point_options(const std::string& rule, double at_least,
                                               double false_alarm_cost, double miss_cost,
                                               double level) {
  using decisions::Rule;
  constexpr auto names = names_of(std::type_identity<Rule>{});
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == rule)
      return {static_cast<Rule>(i), at_least, false_alarm_cost, miss_cost, level};
  throw ValueError("operating_point",
                   "rule to be one of 'least_cost', 'sensitivity', 'specificity', 'precision', "
                   "'youden'",
                   "'" + rule + "'", "use one of these words");
}

void bind_thresholds(py::module_& m) {
  m.def(
      "operating_point",
      [](const py::object& scores, const py::object& target, const py::object& judge_scores,
         const py::object& judge_target, const std::string& rule, double at_least,
         double false_alarm_cost, double miss_cost, double level) {
        const ScoredArrays choose(scores, target, "operating_point"),
            judge(judge_scores, judge_target, "operating_point");
        const auto options = point_options(rule, at_least, false_alarm_cost, miss_cost, level);
        return decisions::operating_point(choose.view(), judge.view(), options);
      },
      py::arg("scores"), py::arg("target"), py::arg("judge_scores"), py::arg("judge_target"),
      py::kw_only(), py::arg("rule"), py::arg("at_least"), py::arg("false_alarm_cost"),
      py::arg("miss_cost"), py::arg("level"));
  m.def(
      "cost_curve",
      [](const py::object& scores, const py::object& target, double false_alarm_cost,
         double miss_cost, std::int64_t folds, double level) {
        const ScoredArrays samples(scores, target, "cost_curve");
        decisions::OperatingPointOptions options;
        options.false_alarm_cost = false_alarm_cost;
        options.miss_cost = miss_cost;
        options.level = level;
        return decisions::cost_curve(samples.view(), options, folds);
      },
      py::arg("scores"), py::arg("target"), py::kw_only(), py::arg("false_alarm_cost"),
      py::arg("miss_cost"), py::arg("folds"), py::arg("level"));
  m.def(
      "decision_curve",
      [](const py::object& probabilities, const py::object& target, std::vector<double> thresholds,
         double level) {
        const ScoredArrays samples(probabilities, target, "decision_curve");
        return decisions::decision_curve(samples.view(), std::move(thresholds), level);
      },
      py::arg("probabilities"), py::arg("target"), py::kw_only(), py::arg("thresholds"),
      py::arg("level"));
}

void bind_rates(py::module_& m) {
  m.def("never_events", &decisions::never_events, py::arg("events"), py::arg("n"),
        py::arg("level") = 0.95);
  m.def("never_event_samples", &decisions::never_event_samples, py::arg("limit"),
        py::arg("level") = 0.95);
  m.def("unpaired_difference", &decisions::unpaired_difference, py::arg("first"),
        py::arg("second"));
  m.def(
      "generalization_gap",
      [](const Estimate& train, const Estimate& test, const std::string& better, double allowed) {
        return decisions::generalization_gap(train, test, better_in(better, "generalization_gap"),
                                             allowed);
      },
      py::arg("train"), py::arg("test"), py::kw_only(), py::arg("better") = "higher",
      py::arg("allowed") = 0.05);
  m.def(
      "learning_curve",
      [](const std::vector<std::pair<double, Estimate>>& points, const std::string& better,
         std::optional<double> goal, std::uint64_t seed, std::int64_t draws) {
        std::vector<decisions::SizePoint> sizes;
        for (const auto& [n, value] : points) sizes.push_back({n, value});
        return decisions::learning_curve(std::move(sizes), better_in(better, "learning_curve"),
                                         goal, seed, draws);
      },
      py::arg("points"), py::kw_only(), py::arg("better") = "higher", py::arg("goal") = py::none(),
      py::arg("seed") = 0, py::arg("draws") = 200);
}

void bind_tradeoffs(py::module_& m) {
  m.def(
      "pareto_front",
      [](const std::vector<std::pair<std::string, std::vector<Estimate>>>& candidates,
         const std::vector<std::tuple<std::string, std::string, std::string>>& axes,
         const std::vector<py::object>& draws, std::int64_t n_draws, std::uint64_t seed) {
        std::vector<tradeoffs::Candidate> given;
        for (const auto& [name, values] : candidates) given.push_back({name, values, {}});
        for (std::size_t i = 0; i < draws.size() && i < given.size(); ++i) {
          given[i].draws = doubles_in(draws[i], "pareto_front", "draws");
        }
        std::vector<tradeoffs::Axis> metrics;
        for (const auto& [name, better, unit] : axes)
          metrics.push_back({name, better_in(better, "pareto_front"), unit});
        return tradeoffs::pareto_front(given, metrics, {n_draws, seed, 0.95});
      },
      py::arg("candidates"), py::arg("axes"), py::kw_only(), py::arg("draws"), py::arg("n_draws"),
      py::arg("seed"));
  m.def(
      "disagreement",
      [](const std::vector<std::string>& models,
         const std::vector<std::tuple<std::string, std::string, std::string, py::object>>& given,
         std::int64_t replicates, std::uint64_t seed, double level) {
        std::vector<tradeoffs::Specification> specifications;
        for (const auto& [benchmark, metric, better, values] : given) {
          specifications.push_back({benchmark, metric, better_in(better, "disagreement"),
                                    doubles_in(values, "disagreement", "values")});
        }
        const py::gil_scoped_release free;
        return tradeoffs::disagreement(models, specifications, {replicates, seed, level});
      },
      py::arg("models"), py::arg("specifications"), py::kw_only(), py::arg("replicates"),
      py::arg("seed"), py::arg("level"));
}

}  // namespace

void bind_decisions(py::module_& m) {
  bind_thresholds(m);
  bind_rates(m);
  bind_tradeoffs(m);
}

}  // namespace leadline::bindings
