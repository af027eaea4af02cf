#include <pybind11/stl.h>

#include "core/stats.hpp"
#include "leadline/stats/contingency.hpp"
#include "leadline/stats/multiplicity.hpp"
#include "leadline/stats/rank_tests.hpp"
#include "leadline/stats/t_tests.hpp"
#include "leadline/stats/tests.hpp"

namespace leadline::bindings {
namespace {

using namespace stats;  // NOLINT: the room that this file binds

TestResult result_of(double p, double statistic, std::int64_t n, std::string_view method,
                     std::string_view why = {}) {
  TestResult result;
  result.p_value = p;
  result.statistic = statistic;
  result.n = n;
  result.method = method;
  result.why = why;
  return result;
}

TestResult mcnemar(std::int64_t only_first, std::int64_t only_second, const std::string& method) {
  const auto test = mcnemar_test(only_first, only_second);
  const std::string_view why = test.n_discordant == 0 ? "no discordant pair" : "";
  const auto smaller = static_cast<double>(std::min(only_first, only_second));
  if (method == "exact") return result_of(test.exact, smaller, test.n_discordant, "exact", why);
  if (method == "mid_p") return result_of(test.mid_p, smaller, test.n_discordant, "mid_p", why);
  if (method == "chi_square")
    return result_of(test.chi_square, test.statistic, test.n_discordant, "chi_square", why);
  if (method == "chi_square_corrected")
    return result_of(test.chi_square_corrected, test.corrected_statistic, test.n_discordant,
                     "chi_square_corrected", why);
  throw ValueError("mcnemar_test",
                   "method to be one of 'mid_p', 'exact', 'chi_square', 'chi_square_corrected'",
                   "'" + method + "'", "use one of these words");
}

std::vector<double> differences_in(py::handle first, py::handle second, const char* who) {
  auto a = numbers_in(first, who, "first");
  if (second.is_none()) return a;
  const auto b = numbers_in(second, who, "second");
  if (a.size() != b.size())
    throw ShapeError(who, "pairs: second of shape [" + std::to_string(a.size()) + "]",
                     "[" + std::to_string(b.size()) + "]", "pass both columns of the same samples");
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return a;
}

TestResult student(const py::object& first, const py::object& second, bool is_paired, double mean,
                   const std::string& variances, const std::string& alternative) {
  const auto side = choice_in<Alternative>(alternative, "t_test", "alternative");
  const auto spread = choice_in<Variances>(variances, "t_test", "variances");
  if (!is_paired && !second.is_none()) {
    if (mean != 0.0)
      throw ValueError("t_test", "mean with one column or with paired=True", std::to_string(mean),
                       "shift a column instead");
    return t_test(moments_in(first, "t_test", "first"), moments_in(second, "t_test", "second"),
                  spread, side);
  }
  Moments moments;
  moments.add(differences_in(first, second, "t_test"));
  return t_test(moments, mean, side);
}

RankOptions rank_options(const char* who, const std::string& alternative, const std::string& zeros,
                         std::int64_t exact_up_to, bool continuity) {
  return {choice_in<Alternative>(alternative, who, "alternative"),
          choice_in<Zeros>(zeros, who, "zeros"), exact_up_to, continuity};
}

void bind_result(py::module_& m) {
  py::class_<TestResult>(m, "TestResult", R"(A p-value with what it was made from.

A test that the data cannot answer has p_value 1, status "undefined" and says why.

Example:
    >>> from leadline import stats
    >>> test = stats.mcnemar_test(10, 2)
    >>> round(test.p_value, 4), test.method, test.n
    (0.0225, 'mid_p', 12)
)")
      .def_readonly("p_value", &TestResult::p_value)
      .def_readonly("statistic", &TestResult::statistic)
      .def_readonly("df", &TestResult::df, "Degrees of freedom; 0 where there are none.")
      .def_readonly("n", &TestResult::n, "Samples that took part.")
      .def_property_readonly("method", [](const TestResult& t) { return std::string(t.method); })
      .def_property_readonly("why", [](const TestResult& t) { return std::string(t.why); })
      .def_property_readonly("ok", &TestResult::ok)
      .def_property_readonly("status",
                             [](const TestResult& t) { return t.ok() ? "ok" : "undefined"; })
      .def("__repr__", [](const TestResult& t) {
        return "TestResult(p = " + std::to_string(t.p_value) + ", " + std::string(t.method) +
               ", n = " + std::to_string(t.n) +
               (t.ok() ? ")" : ", undefined: " + std::string(t.why) + ")");
      });
  py::class_<ChiSquareResult, TestResult>(m, "ChiSquareResult", "A chi-square test.")
      .def_readonly("least_expected", &ChiSquareResult::least_expected,
                    "Smallest expected count; below 5 the p-value is rough (Cochran).");
}

void bind_counts(py::module_& m) {
  m.def(
      "binomial_test",
      [](std::int64_t successes, std::int64_t n, double p) {
        return result_of(binomial_test(successes, n, p), static_cast<double>(successes), n, "exact",
                         n == 0 ? "no sample" : "");
      },
      py::arg("successes"), py::arg("n"), py::arg("p") = 0.5,
      "Exact two-sided test that the rate is `p` (as scipy.stats.binomtest).");
  m.def(
      "mcnemar_test", &mcnemar, py::arg("only_first"), py::arg("only_second"), py::kw_only(),
      py::arg("method") = "mid_p",
      "Whether two models are right equally often on the same samples, from the discordant pairs. "
      "method: 'mid_p', 'exact', 'chi_square', 'chi_square_corrected'.");
  m.def(
      "fisher_exact_test",
      [](const py::object& table, const std::string& alternative) {
        const auto t = table_of_counts(table, "fisher_exact_test");
        if (t.rows != 2 || t.columns != 2)
          throw ShapeError("fisher_exact_test", "a table [2, 2]",
                           "[" + std::to_string(t.rows) + ", " + std::to_string(t.columns) + "]",
                           "use chi_square_test for larger ones");
        return fisher_exact_test(
            t.counts[0], t.counts[1], t.counts[2], t.counts[3],
            choice_in<Alternative>(alternative, "fisher_exact_test", "alternative"));
      },
      py::arg("table"), py::kw_only(), py::arg("alternative") = "two_sided",
      "Fisher's exact test of a table [2, 2] of counts.");
  m.def(
      "chi_square_test",
      [](const py::object& table, bool continuity) {
        const auto t = table_of_counts(table, "chi_square_test");
        return chi_square_test(t.counts, t.rows, t.columns, continuity);
      },
      py::arg("table"), py::kw_only(), py::arg("continuity") = true,
      "Whether rows and columns of a table of counts are independent; Yates' correction for [2, "
      "2].");
  m.def(
      "chi_square_goodness_test",
      [](const py::object& counts, const py::object& shares, std::int64_t estimated) {
        const auto by = shares.is_none() ? std::vector<double>{}
                                         : numbers_in(shares, "chi_square_goodness_test", "shares");
        return chi_square_goodness_test(integers_in(counts, "chi_square_goodness_test", "counts"),
                                        by, estimated);
      },
      py::arg("counts"), py::arg("shares") = py::none(), py::kw_only(), py::arg("estimated") = 0,
      "Whether counts [k] follow `shares` [k] (scaled to sum to 1; default: all equal).");
}

void bind_values(py::module_& m) {
  m.def("t_test", &student, py::arg("first"), py::arg("second") = py::none(), py::kw_only(),
        py::arg("paired") = false, py::arg("mean") = 0.0, py::arg("variances") = "unequal",
        py::arg("alternative") = "two_sided",
        "Student's t: one column against `mean`, two columns (Welch), or `paired` ones.");
  m.def(
      "wilcoxon_test",
      [](const py::object& first, const py::object& second, const std::string& alternative,
         const std::string& zeros, std::int64_t exact_up_to, bool continuity) {
        return wilcoxon_test(
            differences_in(first, second, "wilcoxon_test"),
            rank_options("wilcoxon_test", alternative, zeros, exact_up_to, continuity));
      },
      py::arg("first"), py::arg("second") = py::none(), py::kw_only(),
      py::arg("alternative") = "two_sided", py::arg("zeros") = "drop", py::arg("exact_up_to") = 50,
      py::arg("continuity") = true,
      "Signed ranks of paired differences, or of `first` minus `second`. zeros: 'drop', 'pratt'.");
  m.def(
      "mann_whitney_test",
      [](const py::object& first, const py::object& second, const std::string& alternative,
         std::int64_t exact_up_to, bool continuity) {
        return mann_whitney_test(
            numbers_in(first, "mann_whitney_test", "first"),
            numbers_in(second, "mann_whitney_test", "second"),
            rank_options("mann_whitney_test", alternative, "drop", exact_up_to, continuity));
      },
      py::arg("first"), py::arg("second"), py::kw_only(), py::arg("alternative") = "two_sided",
      py::arg("exact_up_to") = 50, py::arg("continuity") = true,
      "Whether two groups come from one distribution; statistic / (n1 n2) is the AUROC.");
  m.def(
      "sign_flip_test",
      [](const py::object& first, const py::object& second, std::int64_t replicates,
         std::uint64_t seed) {
        const auto d = differences_in(first, second, "sign_flip_test");
        double mean = 0.0;
        for (const double x : d) mean += x / static_cast<double>(d.size());
        const bool same = std::all_of(d.begin(), d.end(), [](double x) { return x == 0.0; });
        return result_of(sign_flip_test(d, {.replicates = replicates, .seed = seed}), mean,
                         static_cast<std::int64_t>(d.size()), "sign_flip",
                         d.empty() ? "no pair"
                         : same    ? "no pair differs"
                                   : "");
      },
      py::arg("first"), py::arg("second") = py::none(), py::kw_only(), py::arg("replicates") = 9999,
      py::arg("seed") = 0,
      "Whether paired differences are symmetric about 0; p = (k + 1) / (replicates + 1).");
  m.def(
      "permutation_test",
      [](const py::object& first, const py::object& second, std::int64_t replicates,
         std::uint64_t seed) {
        const auto a = numbers_in(first, "permutation_test", "first");
        const auto b = numbers_in(second, "permutation_test", "second");
        const auto n = static_cast<std::int64_t>(a.size() + b.size());
        if (a.empty() || b.empty())
          return result_of(1.0, 0.0, n, "permutation", "a group is empty");
        const double p = permutation_test(a, b, {.replicates = replicates, .seed = seed});
        Moments one, two;
        one.add(a);
        two.add(b);
        return result_of(p, one.mean - two.mean, n, "permutation");
      },
      py::arg("first"), py::arg("second"), py::kw_only(), py::arg("replicates") = 9999,
      py::arg("seed") = 0,
      "Whether two groups come from one distribution, by the difference of their means.");
}

}  // namespace

void bind_stats_tests(py::module_& m) {
  bind_result(m);
  bind_counts(m);
  bind_values(m);
  const auto adjust = [&m](const char* name, auto function, const char* argument, const char* doc) {
    m.def(
        name,
        [function, name, argument](const py::object& values) {
          return doubles_out(function(numbers_in(values, name, argument)));
        },
        py::arg(argument), doc);
  };
  adjust("holm", &holm, "p", "Holm's adjusted p-values [m]: any false rejection.");
  adjust(
      "benjamini_hochberg", &benjamini_hochberg, "p",
      "Adjusted p-values [m]: the share of false rejections, independent or positive dependence.");
  adjust("benjamini_yekutieli", &benjamini_yekutieli, "p",
         "Adjusted p-values [m]: the share of false rejections, any dependence.");
  adjust("e_benjamini_hochberg", &e_benjamini_hochberg, "e",
         "e-BH of e-values [m]: the share of false rejections, any dependence; reject where <= q.");
  const auto effect = [&m](const char* name, auto function, const char* doc) {
    m.def(
        name,
        [function](double k1, double n1, double k2, double n2, double level) {
          return effect_out(function(k1, n1, k2, n2, level), level);
        },
        py::arg("successes1"), py::arg("n1"), py::arg("successes2"), py::arg("n2"), py::kw_only(),
        py::arg("level") = 0.95, doc);
  };
  effect("odds_ratio", &odds_ratio,
         "Odds ratio of two rates (Woolf; half a count added at zeros).");
  effect("cohen_h", &cohen_h, "Cohen's h of two rates, the difference of their arcsines.");
  m.def(
      "cohen_d",
      [](const py::object& first, const py::object& second, double level) {
        const auto a = moments_in(first, "cohen_d", "first");
        return effect_out(second.is_none()
                              ? cohen_d(a, level)
                              : cohen_d(a, moments_in(second, "cohen_d", "second"), level),
                          level);
      },
      py::arg("first"), py::arg("second") = py::none(), py::kw_only(), py::arg("level") = 0.95,
      "Difference of means over the pooled standard deviation; of one column, its mean over its "
      "own.");
  m.def(
      "hedges_g",
      [](const py::object& first, const py::object& second, double level) {
        return effect_out(hedges_g(moments_in(first, "hedges_g", "first"),
                                   moments_in(second, "hedges_g", "second"), level),
                          level);
      },
      py::arg("first"), py::arg("second"), py::kw_only(), py::arg("level") = 0.95,
      "Cohen's d without its upward bias.");
  m.def(
      "cliff_delta",
      [](const py::object& first, const py::object& second, double level) {
        return effect_out(cliff_delta(numbers_in(first, "cliff_delta", "first"),
                                      numbers_in(second, "cliff_delta", "second"), level),
                          level);
      },
      py::arg("first"), py::arg("second"), py::kw_only(), py::arg("level") = 0.95,
      "P(first > second) - P(first < second) = 2 AUROC - 1.");
  m.def(
      "cramer_v",
      [](const py::object& table, double level) {
        const auto t = table_of_counts(table, "cramer_v");
        return effect_out(cramer_v(t.counts, t.rows, t.columns, level), level);
      },
      py::arg("table"), py::kw_only(), py::arg("level") = 0.95,
      "Association of the rows and columns of a table of counts, in [0, 1].");
}

}  // namespace leadline::bindings
