#include "core/stats.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "leadline/stats/coverage.hpp"
#include "leadline/stats/t_tests.hpp"
#include "leadline/stats/wilson_corrected.hpp"

namespace leadline::bindings {

std::vector<std::int64_t> integers_in(py::handle values, std::string_view who,
                                      std::string_view what) {
  const Tensor host = tensor_in(values, who, what).host(DType::i64);
  const auto* data = host.data<std::int64_t>();
  return {data, data + host.n_elements()};
}

std::vector<std::int64_t> column_in(py::handle values, std::string_view who,
                                    std::string_view what) {
  return values.is_none() ? std::vector<std::int64_t>{} : integers_in(values, who, what);
}

stats::Moments moments_in(py::handle values, std::string_view who, std::string_view what) {
  const auto column = numbers_in(values, who, what);
  stats::Moments moments;
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (!std::isfinite(column[i]))
      throw ValueError(who, "finite values",
                       std::to_string(column[i]) + " at position " + std::to_string(i) + " of " +
                           std::string(what),
                       "leave out what is undefined");
    moments.add(column[i]);
  }
  return moments;
}

py::object doubles_out(const std::vector<double>& values) {
  return py::array_t<double>(static_cast<py::ssize_t>(values.size()), values.data());
}

CountTable table_of_counts(py::handle table, std::string_view who) {
  const Tensor tensor = tensor_in(table, who, "table");
  if (tensor.rank() != 2)
    throw ShapeError(who, "a table of counts [rows, columns]", shape_text(tensor.shape()),
                     "pass e.g. [[8, 2], [3, 7]]");
  const Tensor host = tensor.host(DType::i64);
  const auto* data = host.data<std::int64_t>();
  return {{data, data + host.n_elements()}, host.size(0), host.size(1)};
}

Estimate with_interval(double value, const stats::Interval& interval, std::int64_t n,
                       std::string method, double level) {
  return Estimate::with(value, std::min(value, interval.lower), std::max(value, interval.upper), n,
                        std::move(method), level);
}

Estimate effect_out(const stats::Effect& effect, double level) {
  if (effect.value)
    return with_interval(*effect.value, effect.interval, effect.n, std::string(effect.method),
                         level);
  auto absent = Estimate::absent(effect.n == 0 ? Status::empty : Status::undefined,
                                 std::string(effect.why), effect.n);
  if (std::isinf(effect.interval.upper)) {  // one end is known
    absent.facts["lower"] = effect.interval.lower;
    absent.level = level;
    absent.method = std::string(effect.method);
  }
  return absent;
}

namespace {

using namespace stats;  // NOLINT: the room that this file binds
using Level = double;

Estimate empty(std::int64_t n = 0) { return Estimate::absent(Status::empty, "no sample", n); }

Estimate two_rates(double k1, double n1, double k2, double n2, const std::string& method,
                   Level level) {
  const auto by = choice_in<DifferenceMethod>(method, "difference_interval", "method");
  const auto interval = difference_interval(k1, n1, k2, n2, level, by);
  if (n1 == 0 || n2 == 0) return empty(static_cast<std::int64_t>(n1 + n2));
  return with_interval(k1 / n1 - k2 / n2, interval, static_cast<std::int64_t>(n1 + n2), method,
                       level);
}

Estimate two_rates_ratio(double k1, double n1, double k2, double n2, const std::string& method,
                         Level level) {
  const auto ratio = ratio_interval(k1, n1, k2, n2, level,
                                    choice_in<RatioMethod>(method, "ratio_interval", "method"));
  const auto n = static_cast<std::int64_t>(n1 + n2);
  if (n1 == 0 || n2 == 0) return empty(n);
  if (ratio.value)
    return with_interval(*ratio.value, {ratio.lower, ratio.upper}, n, choice_out(ratio.method),
                         level);
  auto absent = Estimate::absent(
      Status::undefined,
      k1 == 0 ? "0 / 0: no success in either group" : "infinite: no success in the second group",
      n);
  absent.facts["lower"] = ratio.lower;
  absent.method = choice_out(ratio.method);
  absent.level = level;
  return absent;
}

Estimate paired(const PairedCounts& counts, const std::string& method, Level level) {
  const auto by = choice_in<PairedMethod>(method, "paired_difference", "method");
  const auto interval = by == PairedMethod::tango ? tango_difference(counts, level)
                                                  : stats::paired_difference(counts, level);
  if (counts.n() == 0) return empty();
  return with_interval(
      static_cast<double>(counts.only_first - counts.only_second) / static_cast<double>(counts.n()),
      interval, counts.n(), method, level);
}

Estimate mean_of(const py::object& values, const std::string& method, std::optional<double> low,
                 std::optional<double> high, Level level) {
  const auto moments = moments_in(values, "mean_interval", "values");
  if (method != "t" && method != "bernstein")
    throw ValueError("mean_interval", "method to be one of 't', 'bernstein'", "'" + method + "'",
                     "use one of these words");
  if (method == "bernstein" && !(low && high))
    throw ValueError("mean_interval", "low and high with method 'bernstein'", "none",
                     "pass the bounds that no value can leave");
  if (moments.n == 0) return empty();
  if (method == "bernstein")
    return with_interval(moments.mean, mean_interval_bernstein(moments, *low, *high, level),
                         moments.n, method, level);
  const auto interval = mean_interval_t(moments, level);
  if (interval) return with_interval(moments.mean, *interval, moments.n, method, level);
  return Estimate::of(moments.mean, moments.n, "one value has no spread");
}

Estimate mean_difference(const py::object& first, const py::object& second, Level level) {
  const auto a = moments_in(first, "mean_difference_interval", "first");
  const auto b = moments_in(second, "mean_difference_interval", "second");
  if (a.n == 0 || b.n == 0) return empty(a.n + b.n);
  const auto interval = mean_difference_interval(a, b, level);
  if (!interval)
    return Estimate::of(a.mean - b.mean, a.n + b.n, "fewer than two values, or no spread");
  return with_interval(a.mean - b.mean, *interval, a.n + b.n, "welch", level);
}

std::optional<std::int64_t> to_decide(const Estimate& estimate, double limit) {
  if (!estimate.ok() || !estimate.lower) return std::nullopt;
  for (const std::string_view method : names_of(std::type_identity<ProportionMethod>{}))
    if (estimate.method == method) {
      const auto n = static_cast<double>(estimate.n);
      return n_to_decide(estimate.value() * n, n, limit, estimate.level, proportion_method(method));
    }
  return n_to_decide(estimate.value(), {*estimate.lower, *estimate.upper}, estimate.n, limit);
}

template <class E>
bool is_one(const std::string& method) {
  constexpr auto names = names_of(std::type_identity<E>{});
  return std::find(names.begin(), names.end(), method) != names.end();
}

[[noreturn]] void unknown(const char* who, const std::string& method) {
  throw ValueError(who,
                   "method to be one of 'wilson', 'clopper_pearson', 'jeffreys'; "
                   "for pairs of groups 'newcombe', 'miettinen_nurminen', "
                   "'katz', 'koopman'",
                   "'" + method + "'", "use one of these words");
}

using Pair = std::array<std::int64_t, 2>;
using Rates = std::array<double, 2>;

Validity valid_two(const std::string& method, const Pair& k, const Pair& n, Level level,
                   double tolerance) {
  if (is_one<DifferenceMethod>(method))
    return interval_is_valid_here(
        choice_in<DifferenceMethod>(method, "interval_is_valid_here", "method"), k[0], n[0], k[1],
        n[1], level, tolerance);
  if (!is_one<RatioMethod>(method)) unknown("interval_is_valid_here", method);
  return interval_is_valid_here(choice_in<RatioMethod>(method, "interval_is_valid_here", "method"),
                                k[0], n[0], k[1], n[1], level, tolerance);
}

double coverage_two(const std::string& method, const Pair& n, const Rates& rate, Level level) {
  if (is_one<DifferenceMethod>(method))
    return exact_coverage(choice_in<DifferenceMethod>(method, "exact_coverage", "method"), n[0],
                          rate[0], n[1], rate[1], level);
  if (!is_one<RatioMethod>(method)) unknown("exact_coverage", method);
  return exact_coverage(choice_in<RatioMethod>(method, "exact_coverage", "method"), n[0], rate[0],
                        n[1], rate[1], level);
}

Validity valid_mean(const py::object& values, Level level, double tolerance) {
  const auto column = numbers_in(values, "mean_interval_is_valid_here", "values");
  const auto m = moments_in(values, "mean_interval_is_valid_here", "values");
  double third = 0.0, fourth = 0.0;
  for (const double x : column) {
    const double gap = x - m.mean;
    third += gap * gap * gap;
    fourth += gap * gap * gap * gap;
  }
  const auto n = static_cast<double>(m.n);
  const double variance = m.n > 0 ? m.m2 / n : 0.0;
  const bool flat = !(variance > 0.0);
  return mean_interval_is_valid_here(m.n, flat ? 0.0 : third / n / std::pow(variance, 1.5),
                                     flat ? 0.0 : fourth / n / (variance * variance) - 3.0, level,
                                     tolerance);
}

}  // namespace

void bind_stats_intervals(py::module_& m) {
  m.def(
      "proportion_interval",
      [](double successes, double n, const std::string& method, double level) {
        const auto interval =
            method == "wilson_corrected"
                ? wilson_corrected_interval(successes, n, level)
                : stats::proportion_interval(successes, n, level, proportion_method(method));
        if (n == 0) return empty();
        return with_interval(successes / n, interval, static_cast<std::int64_t>(n), method, level);
      },
      py::arg("successes"), py::arg("n"), py::kw_only(), py::arg("method") = "wilson",
      py::arg("level") = 0.95,
      R"(A rate with its interval: `successes` of `n`, which may be fractional (weights).

method: 'wilson' (score), 'clopper_pearson' (never below the level), 'jeffreys', 'wilson_corrected'.

Example:
    >>> from leadline import stats
    >>> e = stats.proportion_interval(7, 50, method="wilson")
    >>> round(e.lower, 4), round(e.upper, 4)
    (0.0695, 0.2619)
)");
  m.def("difference_interval", &two_rates, py::arg("successes1"), py::arg("n1"),
        py::arg("successes2"), py::arg("n2"), py::kw_only(), py::arg("method") = "newcombe",
        py::arg("level") = 0.95,
        R"(p1 - p2 of two independent rates. method: 'newcombe' or 'miettinen_nurminen'.

Example:
    >>> from leadline import stats
    >>> e = stats.difference_interval(56, 70, 48, 80)
    >>> round(e.value, 4), round(e.lower, 4), round(e.upper, 4)
    (0.2, 0.0524, 0.3339)
)");
  m.def("ratio_interval", &two_rates_ratio, py::arg("successes1"), py::arg("n1"),
        py::arg("successes2"), py::arg("n2"), py::kw_only(), py::arg("method") = "katz",
        py::arg("level") = 0.95,
        R"(p1 / p2 of two independent rates. method: 'katz' or 'koopman'.

With a zero cell the limits are Koopman's, and the estimate's method says so. Without a success in
the second group there is no value; `facts["lower"]` holds the lower end.

Example:
    >>> from leadline import stats
    >>> e = stats.ratio_interval(56, 70, 48, 80)
    >>> round(e.lower, 3), round(e.upper, 3)
    (1.077, 1.651)
    >>> stats.ratio_interval(5, 50, 0, 50).status
    'undefined'
)");
  m.def(
      "paired_difference",
      [](std::int64_t both, std::int64_t only_first, std::int64_t only_second, std::int64_t neither,
         const std::string& method, double level) {
        return paired({both, only_first, only_second, neither}, method, level);
      },
      py::arg("both"), py::arg("only_first"), py::arg("only_second"), py::arg("neither"),
      py::kw_only(), py::arg("method") = "newcombe", py::arg("level") = 0.95,
      R"(Rate of the first minus rate of the second on the same samples. method: 'newcombe', 'tango'.

Example:
    >>> from leadline import stats
    >>> e = stats.paired_difference(900, 40, 20, 40)
    >>> round(e.value, 4), round(e.lower, 4), round(e.upper, 4)
    (0.02, 0.0047, 0.0359)
)");
  m.def(
      "mean_interval", &mean_of, py::arg("values"), py::kw_only(), py::arg("method") = "t",
      py::arg("low") = py::none(), py::arg("high") = py::none(), py::arg("level") = 0.95,
      R"(Mean of a column [n]. method: 't', or 'bernstein' for columns inside [low, high], which covers
whatever the distribution (Maurer and Pontil 2009).

Example:
    >>> from leadline import stats
    >>> stats.mean_interval([1.0, 2.0, 3.0, 4.0]).value
    2.5
)");
  m.def(
      "mean_difference_interval", &mean_difference, py::arg("first"), py::arg("second"),
      py::kw_only(), py::arg("level") = 0.95,
      "Mean of `first` minus mean of `second`, independent columns [n1], [n2]; Welch's interval.");
  m.def(
      "n_to_decide", &to_decide, py::arg("estimate"), py::arg("limit"),
      R"(About how many further samples make the interval of `estimate` exclude `limit`, if the value
stays; 0 when it does already, None when no number does.

Example:
    >>> from leadline import stats
    >>> stats.n_to_decide(stats.proportion_interval(90, 100), 0.85)
    96
)");
  py::class_<Validity>(m, "Validity",
                       "Whether an interval method can be trusted where the data are.")
      .def_readonly("valid", &Validity::valid)
      .def_readonly("least_coverage", &Validity::least_coverage,
                    "Over the true rates that the data leave plausible.")
      .def_readonly("at", &Validity::at, "The rate that has it.")
      .def("__bool__", [](const Validity& v) { return v.valid; })
      .def("__repr__", [](const Validity& v) {
        return std::string("Validity(") + (v.valid ? "valid" : "not valid") + ", coverage " +
               std::to_string(v.least_coverage) + " at " + std::to_string(v.at) + ")";
      });
  m.def("interval_is_valid_here", &valid_two, py::arg("method"), py::arg("successes"), py::arg("n"),
        py::kw_only(), py::arg("level") = 0.95, py::arg("tolerance") = 0.03);
  m.def(
      "interval_is_valid_here",
      [](const std::string& method, std::int64_t successes, std::int64_t n, double level,
         double tolerance) {
        if (!is_one<ProportionMethod>(method)) unknown("interval_is_valid_here", method);
        return interval_is_valid_here(proportion_method(method), successes, n, level, tolerance);
      },
      py::arg("method"), py::arg("successes"), py::arg("n"), py::kw_only(), py::arg("level") = 0.95,
      py::arg("tolerance") = 0.03,
      R"(Whether the coverage of `method` falls short of the level by at most `tolerance` at every true
rate that `successes` of `n` leave plausible (Clopper-Pearson at 99 %). For the methods of two groups
pass pairs.

Example:
    >>> from leadline import stats
    >>> bool(stats.interval_is_valid_here("wilson", 50, 1000))
    True
    >>> bool(stats.interval_is_valid_here("wilson", 1, 1000))
    False
    >>> bool(stats.interval_is_valid_here("newcombe", (90, 80), (100, 100)))
    True
)");
  m.def(
      "mean_interval_is_valid_here", &valid_mean, py::arg("values"), py::kw_only(),
      py::arg("level") = 0.95, py::arg("tolerance") = 0.03,
      "The same for the t interval of the mean of `values` [n], from their skewness (Hall 1992).");
  m.def("exact_coverage", &coverage_two, py::arg("method"), py::arg("n"), py::arg("rate"),
        py::kw_only(), py::arg("level") = 0.95);
  m.def(
      "exact_coverage",
      [](const std::string& method, std::int64_t n, double rate, double level) {
        if (!is_one<ProportionMethod>(method)) unknown("exact_coverage", method);
        return exact_coverage(proportion_method(method), n, rate, level);
      },
      py::arg("method"), py::arg("n"), py::arg("rate"), py::kw_only(), py::arg("level") = 0.95,
      R"(P(the interval of `method` holds the true `rate`) at `n` samples, summed over every outcome; for
the methods of two groups pass pairs.

Example:
    >>> from leadline import stats
    >>> round(stats.exact_coverage("wilson", 100, 0.1), 3)
    0.936
)");
  m.def(
      "exact_coverage_paired",
      [](const std::string& method, std::int64_t n, double both, double only_first,
         double only_second, double level) {
        return exact_coverage(choice_in<PairedMethod>(method, "exact_coverage_paired", "method"), n,
                              both, only_first, only_second, level);
      },
      py::arg("method"), py::arg("n"), py::kw_only(), py::arg("both"), py::arg("only_first"),
      py::arg("only_second"), py::arg("level") = 0.95,
      "The same for a paired difference, from the shares of the four outcomes.");
}

void bind_stats(py::module_& m) {
  bind_stats_intervals(m);
  bind_stats_bootstrap(m);
  bind_stats_tests(m);
  bind_stats_power(m);
  bind_stats_sequences(m);
}

}  // namespace leadline::bindings
