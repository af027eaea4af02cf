#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "core/stats.hpp"
#include "leadline/stats/bootstrap.hpp"
#include "leadline/stats/resample.hpp"

namespace leadline::bindings {
namespace {

using namespace stats;  // NOLINT: the room that this file binds

BootstrapOptions options_of(std::int64_t replicates, std::uint64_t seed) {
  return {.replicates = replicates, .seed = seed};
}

/// The estimate of `value` from its replicates by the method named.
Estimate from_replicates(double value, const std::vector<double>& replicates, double acceleration,
                         const std::string& method, std::int64_t n, double level) {
  std::optional<Interval> interval;
  if (method == "percentile")
    interval = percentile_interval(replicates, level);
  else if (method == "basic")
    interval = basic_interval(replicates, value, level);
  else if (method == "bca")
    interval = bca_interval(replicates, value, acceleration, level);
  else
    throw ValueError("bootstrap", "method to be one of 'bca', 'percentile', 'basic'",
                     "'" + method + "'", "use one of these words");
  if (interval) return with_interval(value, *interval, n, "bootstrap_" + method, level);
  return Estimate::of(value, n,
                      "the replicates are too few, undefined, or all on one side of the value");
}

Estimate mean(const py::object& first, const py::object& second, const py::object& clusters,
              const py::object& strata, const std::string& method, std::int64_t replicates,
              std::uint64_t seed, double level) {
  auto values = numbers_in(first, "bootstrap_mean", "values");
  if (!second.is_none()) {
    const auto other = numbers_in(second, "bootstrap_mean", "second");
    if (other.size() != values.size())
      throw ShapeError("bootstrap_mean", "second of shape [" + std::to_string(values.size()) + "]",
                       "[" + std::to_string(other.size()) + "]",
                       "pass both columns of the same samples");
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= other[i];
  }
  if (values.empty()) return Estimate::absent(Status::empty, "no sample", 0);
  const auto groups = column_in(clusters, "bootstrap_mean", "clusters");
  const auto layers = column_in(strata, "bootstrap_mean", "strata");
  std::vector<double> draws;
  {
    py::gil_scoped_release released;
    draws = bootstrap_mean(values, options_of(replicates, seed), {groups, layers});
  }
  Moments moments;
  moments.add(values);
  const auto influence = mean_influence(values, groups);
  return from_replicates(moments.mean, draws, acceleration(influence), method, moments.n, level);
}

py::object drawn(std::int64_t n, const py::function& statistic, const py::object& clusters,
                 const py::object& strata, std::int64_t replicates, std::uint64_t seed) {
  const auto groups = column_in(clusters, "resample", "clusters");
  const auto layers = column_in(strata, "resample", "strata");
  return doubles_out(resample(n,
                              [&](std::span<const std::uint32_t> counts) {
                                const py::array_t<std::uint32_t> copy(
                                    static_cast<py::ssize_t>(counts.size()), counts.data());
                                return statistic(copy).cast<double>();
                              },
                              options_of(replicates, seed), {groups, layers}));
}

void bind_poisson(py::module_& m) {
  py::class_<PoissonBootstrap>(m, "PoissonBootstrap",
                               R"(Replicates of the sums of bounded columns, in one pass.

The weight of a sample in a replicate depends on (seed, stream, id, replicate) alone: any order,
batch size and sharding gives the same bits, and states with one seed are paired. A cluster id in
place of the sample id resamples clusters.

Example:
    >>> from leadline import stats
    >>> boot = stats.PoissonBootstrap(replicates=500, columns=2)
    >>> boot.add(range(100), [[float(i % 4 == 0), 1.0] for i in range(100)])
    >>> e = boot.estimate(lambda sums, weight: sums[0] / sums[1], value=0.25)
    >>> e.lower < 0.25 < e.upper
    True
)")
      .def(py::init([](std::int64_t columns, double bound, std::int64_t replicates,
                       std::uint64_t seed, const std::string& stream) {
             return PoissonBootstrap({.replicates = replicates, .seed = seed, .stream = stream},
                                     static_cast<std::size_t>(std::max<std::int64_t>(columns, 0)),
                                     bound);
           }),
           py::kw_only(), py::arg("columns") = 1, py::arg("bound") = 1.0,
           py::arg("replicates") = 1000, py::arg("seed") = 0, py::arg("stream") = "bootstrap")
      .def(
          "add",
          [](PoissonBootstrap& boot, const py::object& ids, const py::object& values) {
            const auto keys = integers_in(ids, "PoissonBootstrap.add", "ids");
            const auto data = doubles_in(values, "PoissonBootstrap.add", "values");
            if (keys.empty() || data.size() % keys.size() != 0) {
              if (keys.empty() && data.empty()) return;
              throw ShapeError(
                  "PoissonBootstrap.add", "values of shape [n, columns]",
                  std::to_string(data.size()) + " for " + std::to_string(keys.size()) + " ids",
                  "pass one row an id");
            }
            const auto width = data.size() / keys.size();
            for (std::size_t i = 0; i < keys.size(); ++i)
              boot.add(keys[i], std::span(data).subspan(i * width, width));
          },
          py::arg("ids"), py::arg("values"), "Samples: ids [n] and values [n, columns].")
      .def("merge", &PoissonBootstrap::merge, py::arg("other"),
           "Adds the state of disjoint samples, made with the same options.")
      .def(
          "replicate",
          [](const PoissonBootstrap& boot, const py::function& statistic) {
            return doubles_out(boot.replicate([&](std::span<const double> sums, double weight) {
              return statistic(
                         py::array_t<double>(static_cast<py::ssize_t>(sums.size()), sums.data()),
                         weight)
                  .cast<double>();
            }));
          },
          py::arg("statistic"), "Values [replicates] of `statistic(sums [columns], weight)`.")
      .def(
          "estimate",
          [](const py::object& self, const py::function& statistic, double value,
             const std::string& method, double level) {
            const auto draws = numbers_in(self.attr("replicate")(statistic),
                                          "PoissonBootstrap.estimate", "replicates");
            return from_replicates(value, draws, 0.0, method,
                                   self.cast<const PoissonBootstrap&>().n(), level);
          },
          py::arg("statistic"), py::kw_only(), py::arg("value"), py::arg("method") = "percentile",
          py::arg("level") = 0.95, "`value` with the interval of the replicates of `statistic`.")
      .def_property_readonly("n", &PoissonBootstrap::n)
      .def("save", &PoissonBootstrap::save, "The state as integers.")
      .def(
          "load",
          [](PoissonBootstrap& boot, const std::vector<std::int64_t>& state) { boot.load(state); },
          py::arg("state"));
}

}  // namespace

void bind_stats_bootstrap(py::module_& m) {
  using py::arg;
  m.def(
      "bootstrap_rate",
      [](std::int64_t successes, std::int64_t n, const std::string& method, std::int64_t replicates,
         std::uint64_t seed, double level) {
        if (n == 0) return Estimate::absent(Status::empty, "no sample", 0);
        const auto draws = bootstrap_rate(successes, n, options_of(replicates, seed));
        return from_replicates(
            static_cast<double>(successes) / static_cast<double>(n), draws,
            acceleration_of_rate(static_cast<double>(successes), static_cast<double>(n)), method, n,
            level);
      },
      arg("successes"), arg("n"), py::kw_only(), arg("method") = "percentile",
      arg("replicates") = 1000, arg("seed") = 0, arg("level") = 0.95,
      R"(A rate with its bootstrap interval: one binomial draw a replicate, whatever n.

Example:
    >>> from leadline import stats
    >>> e = stats.bootstrap_rate(92_000, 100_000)
    >>> 0.917 < e.lower < 0.92 < e.upper < 0.923
    True
)");
  m.def("bootstrap_mean", &mean, arg("values"), arg("second") = py::none(), py::kw_only(),
        arg("clusters") = py::none(), arg("strata") = py::none(), arg("method") = "bca",
        arg("replicates") = 1000, arg("seed") = 0, arg("level") = 0.95,
        R"(Mean of `values` [n], or of `values - second` (paired), with its bootstrap interval.

clusters [n]: drawn together. strata [n]: keep their sizes. The acceleration of BCa comes from the
influence of each value, or of each cluster, in O(n).

Example:
    >>> from leadline import stats
    >>> e = stats.bootstrap_mean([1.0, 0.0, 1.0, 1.0] * 25, [0.0, 0.0, 1.0, 1.0] * 25)
    >>> round(e.value, 6), e.lower > 0.1
    (0.25, True)
)");
  m.def(
      "bootstrap_paired_difference",
      [](std::int64_t both, std::int64_t only_first, std::int64_t only_second, std::int64_t neither,
         const std::string& method, std::int64_t replicates, std::uint64_t seed, double level) {
        const PairedCounts counts{both, only_first, only_second, neither};
        if (counts.n() == 0) return Estimate::absent(Status::empty, "no sample", 0);
        const auto draws = bootstrap_paired_difference(counts, options_of(replicates, seed));
        const double n = static_cast<double>(counts.n());
        const double value = static_cast<double>(only_first - only_second) / n;
        return from_replicates(value, draws, 0.0, method, counts.n(), level);
      },
      arg("both"), arg("only_first"), arg("only_second"), arg("neither"), py::kw_only(),
      arg("method") = "percentile", arg("replicates") = 1000, arg("seed") = 0, arg("level") = 0.95,
      "Difference of two rates on the same samples: one multinomial draw a replicate.");
  m.def("resample", &drawn, arg("n"), arg("statistic"), py::kw_only(), arg("clusters") = py::none(),
        arg("strata") = py::none(), arg("replicates") = 1000, arg("seed") = 0,
        "Values [replicates] of `statistic(counts)`, counts [n] saying how often each sample was "
        "drawn.");
  const auto interval = [](const char* method) {
    return [method](const py::object& replicates, double value, double acceleration, double level) {
      const auto draws = numbers_in(replicates, "bootstrap", "replicates");
      return from_replicates(value, draws, acceleration, method,
                             static_cast<std::int64_t>(draws.size()), level);
    };
  };
  m.def("bca_interval", interval("bca"), arg("replicates"), arg("value"), py::kw_only(),
        arg("acceleration") = 0.0, arg("level") = 0.95,
        "`value` with the BCa interval of its replicates (n is their number).");
  m.def(
      "percentile_interval",
      [interval](const py::object& replicates, double value, double level) {
        return interval("percentile")(replicates, value, 0.0, level);
      },
      arg("replicates"), arg("value"), py::kw_only(), arg("level") = 0.95,
      "`value` with the percentile interval of its replicates (n is their number).");
  m.def(
      "acceleration",
      [](const py::object& influence) {
        return acceleration(numbers_in(influence, "acceleration", "influence"));
      },
      arg("influence"), "Acceleration of BCa from influence values [n], one a sample or cluster.");
  bind_poisson(m);
}

}  // namespace leadline::bindings
