#include <pybind11/stl.h>

#include "core/stats.hpp"
#include "leadline/stats/power.hpp"

namespace leadline::bindings {
namespace {

using namespace stats;  // NOLINT: the room that this file binds

constexpr double alpha = 0.05, power = 0.8, ratio = 1.0;

}  // namespace

void bind_stats_power(py::module_& m) {
  using py::arg;
  const py::kw_only named;
  m.def("power_proportion", &power_proportion, arg("n"), named, arg("rate"), arg("limit"),
        arg("alpha") = alpha, "Chance that Wilson's interval of `rate` excludes `limit`; exact.");
  m.def(
      "sample_size_proportion",
      [](double rate, double limit, double p, double a) {
        return sample_size_proportion(rate, limit, {p, a, 1.0});
      },
      named, arg("rate"), arg("limit"), arg("power") = power, arg("alpha") = alpha,
      R"(Samples from which on the power stays at `power`; None when rate is limit.

Example:
    >>> from leadline import stats
    >>> stats.sample_size_proportion(rate=0.95, limit=0.9)
    254
)");
  m.def("power_difference", &power_difference, arg("n1"), arg("n2"), named, arg("rate1"),
        arg("rate2"), arg("alpha") = alpha, "Score test of two independent rates.");
  m.def(
      "sample_size_difference",
      [](double rate1, double rate2, double p, double a, double r) {
        return sample_size_difference(rate1, rate2, {p, a, r});
      },
      named, arg("rate1"), arg("rate2"), arg("power") = power, arg("alpha") = alpha,
      arg("ratio") = ratio, "Samples in the first group; the second has `ratio` times as many.");
  m.def("power_mcnemar", &power_mcnemar, arg("n"), named, arg("only_first"), arg("only_second"),
        arg("alpha") = alpha, "McNemar's mid-p test, from the shares of discordant pairs; exact.");
  m.def(
      "sample_size_mcnemar",
      [](double only_first, double only_second, double p, double a) {
        return sample_size_mcnemar(only_first, only_second, {p, a, 1.0});
      },
      named, arg("only_first"), arg("only_second"), arg("power") = power, arg("alpha") = alpha,
      "Samples that both models see; None when the shares are equal.");
  m.def("power_mean", &power_mean, arg("n"), named, arg("effect"), arg("alpha") = alpha,
        "t test of a mean `effect` standard deviations away, or of paired differences.");
  m.def(
      "sample_size_mean",
      [](double effect, double p, double a) {
        return sample_size_mean(effect, {p, a, 1.0});
      },
      named, arg("effect"), arg("power") = power, arg("alpha") = alpha, "Values, or pairs.");
  m.def("power_two_means", &power_two_means, arg("n1"), arg("n2"), named, arg("effect"),
        arg("alpha") = alpha, "t test of two means that differ by `effect` standard deviations.");
  m.def(
      "sample_size_two_means",
      [](double effect, double p, double a, double r) {
        return sample_size_two_means(effect, {p, a, r});
      },
      named, arg("effect"), arg("power") = power, arg("alpha") = alpha, arg("ratio") = ratio,
      "Values in the first group; the second has `ratio` times as many.");
  m.def("power_auroc", &power_auroc, arg("n1"), arg("n2"), named, arg("auroc"), arg("limit") = 0.5,
        arg("alpha") = alpha,
        "An AUROC of n1 positives and n2 negatives against a limit (Hanley and McNeil).");
  m.def(
      "sample_size_auroc",
      [](double auroc, double limit, double p, double a, double r) {
        return sample_size_auroc(auroc, limit, {p, a, r});
      },
      named, arg("auroc"), arg("limit") = 0.5, arg("power") = power, arg("alpha") = alpha,
      arg("ratio") = ratio, "Positives; there are `ratio` times as many negatives.");
  m.def("power_non_inferiority", &power_non_inferiority, arg("n1"), arg("n2"), named, arg("rate1"),
        arg("rate2"), arg("margin"), arg("alpha") = alpha,
        "Chance to show that rate2 is not below rate1 by `margin`, independent groups.");
  m.def(
      "sample_size_non_inferiority",
      [](double rate1, double rate2, double margin, double p, double a, double r) {
        return sample_size_non_inferiority(rate1, rate2, margin, {p, a, r});
      },
      named, arg("rate1"), arg("rate2"), arg("margin"), arg("power") = power, arg("alpha") = alpha,
      arg("ratio") = ratio, "Samples in the first group; None when the loss reaches the margin.");
  m.def("power_non_inferiority_paired", &power_non_inferiority_paired, arg("n"), named,
        arg("only_first"), arg("only_second"), arg("margin"), arg("alpha") = alpha,
        "The same for two models on the same samples, the first the reference.");
  m.def(
      "sample_size_non_inferiority_paired",
      [](double only_first, double only_second, double margin, double p, double a) {
        return sample_size_non_inferiority_paired(only_first, only_second, margin, {p, a, 1.0});
      },
      named, arg("only_first"), arg("only_second"), arg("margin"), arg("power") = power,
      arg("alpha") = alpha,
      R"(Samples that both models see; None when the loss reaches the margin.

Example:
    >>> from leadline import stats
    >>> stats.sample_size_non_inferiority_paired(only_first=0.03, only_second=0.03, margin=0.01)
    4710
)");
  m.def("power_equivalence_paired", &power_equivalence_paired, arg("n"), named, arg("only_first"),
        arg("only_second"), arg("margin"), arg("alpha") = alpha,
        "Chance to show that two models on the same samples differ by less than `margin`.");
  m.def(
      "sample_size_equivalence_paired",
      [](double only_first, double only_second, double margin, double p, double a) {
        return sample_size_equivalence_paired(only_first, only_second, margin, {p, a, 1.0});
      },
      named, arg("only_first"), arg("only_second"), arg("margin"), arg("power") = power,
      arg("alpha") = alpha, "Samples that both models see; None when no number shows it.");
}

}  // namespace leadline::bindings
