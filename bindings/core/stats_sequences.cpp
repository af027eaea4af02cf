#include <pybind11/stl.h>

#include "core/stats.hpp"
#include "leadline/stats/confidence_sequence.hpp"
#include "leadline/stats/e_process.hpp"

namespace leadline::bindings {
namespace {

using namespace stats;  // NOLINT: the room that this file binds

template <class Sequence>
py::class_<Sequence> bind_sequence(py::module_& m, const char* name, const char* method,
                                   const char* doc) {
  const std::string who = std::string(name) + ".add";
  return py::class_<Sequence>(m, name, doc)
      .def(py::init(
               [](double level, double low, double high, std::int64_t tuned_to, std::int64_t grid) {
                 return Sequence({level, low, high, tuned_to, grid});
               }),
           py::kw_only(), py::arg("level") = 0.95, py::arg("low") = 0.0, py::arg("high") = 1.0,
           py::arg("tuned_to") = 1000, py::arg("grid") = 1000)
      .def(
          "add",
          [who](Sequence& sequence, const py::object& values) {
            if (py::isinstance<py::float_>(values) || py::isinstance<py::int_>(values)) {
              sequence.add(values.cast<double>());
              return;
            }
            const auto column = numbers_in(values, who, "values");
            py::gil_scoped_release released;
            sequence.add(column);
          },
          py::arg("values"), "One value or a column [n], in the order in which they came.")
      .def(
          "interval",
          [method](const Sequence& sequence) {
            if (sequence.n() == 0) return Estimate::absent(Status::empty, "no sample", 0);
            return with_interval(sequence.mean(), sequence.interval(), sequence.n(), method,
                                 sequence.level());
          },
          "The mean so far with its interval, valid at every n at once.")
      .def_property_readonly("n", &Sequence::n);
}

PairedCounts counts_of(std::int64_t both, std::int64_t only_first, std::int64_t only_second,
                       std::int64_t neither) {
  return {both, only_first, only_second, neither};
}

}  // namespace

void bind_stats_sequences(py::module_& m) {
  bind_sequence<MixtureSequence>(
      m, "MixtureSequence", "mixture_sequence",
      R"(Confidence sequence from (n, sum) alone: shards merge in any order.

Example:
    >>> from leadline import stats
    >>> a, b = stats.MixtureSequence(), stats.MixtureSequence()
    >>> a.add([0.0, 1.0, 1.0]); b.add([1.0] * 20); a.merge(b)
    >>> a.n, a.interval().lower > 0.5
    (23, True)
)")
      .def("merge", &MixtureSequence::merge, py::arg("other"), "Adds disjoint samples.");
  bind_sequence<NormalMixtureSequence>(
      m, "NormalMixtureSequence", "normal_mixture_sequence",
      "Sub-Gaussian normal mixture (Howard et al. 2021), narrowest at `tuned_to`; merges.")
      .def("merge", &NormalMixtureSequence::merge, py::arg("other"), "Adds disjoint samples.");
  bind_sequence<BernsteinSequence>(
      m, "BernsteinSequence", "bernstein_sequence",
      "Predictable plug-in empirical Bernstein; the order is part of it, it does not merge.");
  bind_sequence<BettingSequence>(
      m, "BettingSequence", "betting_sequence",
      "Hedged capital (Waudby-Smith and Ramdas 2024), the narrowest; it does not merge.");
  m.def(
      "paired_e_value",
      [](std::int64_t both, std::int64_t only_first, std::int64_t only_second, std::int64_t neither,
         double margin) {
        return paired_e_value(counts_of(both, only_first, only_second, neither), margin);
      },
      py::arg("both"), py::arg("only_first"), py::arg("only_second"), py::arg("neither"),
      py::kw_only(), py::arg("margin") = 0.0,
      "E-value against 'the second is worse than the first by at most `margin`'; large when "
      "worse.");
  py::class_<SequentialGate>(m, "SequentialGate",
                             R"(A gate for comparisons that are repeated, such as every night.

Its chance of any false alarm, over all nights together, is at most `alpha`. dependence: 'sequential'
(fresh samples each night; evidence multiplies) or 'arbitrary' (the same samples; evidence adds).
horizon: nights planned, 0 for no end.

Example:
    >>> from leadline import stats
    >>> gate = stats.SequentialGate(alpha=0.05, margin=0.005, horizon=200)
    >>> e = gate.update(both=900, only_first=20, only_second=22, neither=58)
    >>> gate.alarmed, gate.n
    (False, 1)
    >>> e = gate.update(both=860, only_first=70, only_second=12, neither=58)
    >>> gate.alarmed, gate.alarm_at
    (True, 2)
)")
      .def(py::init([](double alpha, double margin, std::int64_t horizon,
                       const std::string& dependence) {
             return SequentialGate(
                 {alpha, margin, horizon,
                  choice_in<Dependence>(dependence, "SequentialGate", "dependence")});
           }),
           py::kw_only(), py::arg("alpha") = 0.05, py::arg("margin") = 0.0, py::arg("horizon") = 0,
           py::arg("dependence") = "sequential")
      .def(
          "update",
          [](SequentialGate& gate, std::int64_t both, std::int64_t only_first,
             std::int64_t only_second, std::int64_t neither) {
            return gate.update(counts_of(both, only_first, only_second, neither));
          },
          py::arg("both"), py::arg("only_first"), py::arg("only_second"), py::arg("neither"),
          "One comparison, the first being the reference; returns its own e-value.")
      .def_property_readonly("evidence", &SequentialGate::evidence, "An alarm at 1 / alpha.")
      .def_property_readonly("p_value", &SequentialGate::p_value, "Valid at any time of looking.")
      .def_property_readonly("alarmed", &SequentialGate::alarmed)
      .def_property_readonly("alarm_at", &SequentialGate::alarm_at, "From 1; 0 without an alarm.")
      .def_property_readonly("n", &SequentialGate::n)
      .def("save", &SequentialGate::save, "The state as five numbers.")
      .def(
          "load", [](SequentialGate& gate, const std::vector<double>& state) { gate.load(state); },
          py::arg("state"));
}

}  // namespace leadline::bindings
