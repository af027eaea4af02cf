/// What mitigations gain under attack and cost: `mitigate.compare` in Python rests on it.
#include "core/mitigation.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "core/bindings.hpp"
#include "core/stats.hpp"
#include "leadline/mitigate/benefit.hpp"

namespace leadline::bindings {
namespace {

using mitigate::Attacked;
using Flags = std::vector<std::uint8_t>;

py::array_t<bool> flags_out(const Flags& flags) {
  py::array_t<bool> out(static_cast<py::ssize_t>(flags.size()));
  std::transform(flags.begin(), flags.end(), out.mutable_data(), [](auto f) { return f != 0; });
  return out;
}
Flags flags_in(const py::object& values, std::string_view what) {
  const auto given = doubles_in(values, "mitigate.benefits", what);
  Flags flags(given.size());
  std::transform(given.begin(), given.end(), flags.begin(), [](double v) { return v > 0.5; });
  return flags;
}

// name, ids, correct, rejected, fooled_at
using Columns = std::tuple<std::string, py::object, py::object, py::object, py::object>;

Attacked attacked_in(const Columns& given) {
  const auto who = "mitigate.benefits";
  const auto& [name, ids, correct, rejected, fooled_at] = given;
  return {name, ids_in(ids, who), flags_in(correct, "correct"), flags_in(rejected, "rejected"),
          doubles_in(fooled_at, who, "fooled_at")};
}

py::dict benefit_out(const mitigate::Benefit& row) {
  using py::literals::operator""_a;
  return py::dict("name"_a = row.name, "robust_accuracy"_a = row.robust_accuracy,
                  "gain"_a = row.gain, "accuracy"_a = row.accuracy,
                  "accuracy_change"_a = row.accuracy_change,
                  "worst_group_change"_a = row.worst_group_change, "rejections"_a = row.rejections);
}

}  // namespace

void bind_mitigation(py::module_& m) {
  m.def(
      "attacked",
      [](const Report& report, const std::string& name, std::optional<std::int64_t> rejects) {
        const auto seen = mitigate::attacked(name, report, rejects);
        return py::make_tuple(ids_out(seen.ids), flags_out(seen.correct), flags_out(seen.rejected),
                              doubles_out(seen.fooled_at));
      },
      py::arg("report"), py::arg("name"), py::arg("rejects") = py::none(),
      "ids, correct, rejected and fooled_at of the samples that all attacks of a run looked at.");
  m.def(
      "benefits",
      [](const std::vector<Columns>& models, const py::object& groups, double eps, double level,
         std::int64_t replicates, std::uint64_t seed, std::int64_t min_group) {
        std::vector<Attacked> seen;
        for (const auto& model : models) seen.push_back(attacked_in(model));
        py::list rows;
        for (const auto& row :
             mitigate::benefits(seen, {eps, level, replicates, seed, min_group},
                                doubles_in(groups, "mitigate.benefits", "groups")))
          rows.append(benefit_out(row));
        return rows;
      },
      py::arg("models"), py::arg("groups"), py::arg("eps"), py::arg("level") = 0.95,
      py::arg("replicates") = 1000, py::arg("seed") = 0, py::arg("min_group") = 10,
      "A dict of estimates a mitigation; `models`: (name, ids, correct, rejected, fooled_at), the "
      "baseline first.");
}

}  // namespace leadline::bindings
