/// Corruptions of images and other stress.
#include <pybind11/stl.h>

#include "core/bindings.hpp"
#include "core/corruptions.hpp"
#include "core/python_object.hpp"
#include "leadline/robustness/corruption.hpp"
#include "leadline/robustness/perturbation.hpp"
#include "leadline/robustness/stress.hpp"

namespace leadline::bindings {
namespace {

using robustness::Corruption;
using robustness::CorruptionTable;

/// The enumerator that `name` names. Throws ValueError with the nearest one.
template <class Enum>
Enum named(const std::string& name, std::string_view who, const char* what) {
  constexpr auto known = names_of(std::type_identity<Enum>{});
  std::string all;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i] == name) return static_cast<Enum>(i);
    all += (i ? ", " : "") + std::string(known[i]);
  }
  const auto nearest = nearest_name(name, known);
  throw ValueError(
      who, what, "'" + name + "'",
      nearest.empty() ? "one of " + all : "did you mean '" + std::string(nearest) + "'?");
}

std::vector<SampleId> some_ids(const py::object& ids, std::string_view who) {
  return ids.is_none() ? std::vector<SampleId>{} : ids_in(ids, who);
}

/// A Python function of (inputs, ids, severity, seed) as a change; the GIL is taken for each call.
robustness::Transformation transformation_in(const std::string& name, const py::object& given) {
  const std::string who = "transformation '" + name + "'";
  if (!PyCallable_Check(given.ptr()))
    throw TypeError(who, "a function of (inputs, ids, severity, seed)", describe(given), "");
  const auto function = hold(given);
  return {name,
          [function, who](const Tensor& inputs, std::span<const SampleId> ids, double severity,
                          std::uint64_t seed) {
            const py::gil_scoped_acquire gil;
            try {
              return tensor_in(py::handle(function.get())(array_out(inputs.host()), ids_out(ids),
                                                          severity, seed),
                               who, "the changed inputs")
                  .host();
            } catch (py::error_already_set& error) {
              rethrow(error, who, "inputs like those given", "fix the function", true);
            }
          },
          ""};
}

void bind_stress(py::module_& m) {
  m.def(
      "apply_stress",
      [](const py::object& inputs, const std::string& name, double severity, const py::object& ids,
         std::uint64_t seed, std::optional<std::pair<double, double>> bounds,
         std::vector<double> means, std::vector<double> spreads) {
        const Tensor in = tensor_in(inputs, "apply_stress", "inputs");
        const auto kind =
            named<robustness::StressKind>(name, "apply_stress", "the name of a kind of stress");
        const auto which = some_ids(ids, "apply_stress");
        const robustness::StressSettings settings{seed, bounds, std::move(means),
                                                  std::move(spreads)};
        Tensor out;
        {
          const py::gil_scoped_release release;
          out = robustness::stress(in, kind, severity, which, settings);
        }
        return array_out(out);
      },
      py::arg("inputs"), py::arg("name"), py::arg("severity"), py::arg("ids"), py::arg("seed"),
      py::arg("bounds"), py::arg("means"), py::arg("spreads"), "The inputs under stress.");
  m.def(
      "stress_text",
      [](const std::vector<std::string>& texts, const std::string& name, double severity,
         const py::object& ids, std::uint64_t seed) {
        const auto kind =
            named<robustness::StressKind>(name, "stress_text", "the name of a kind of stress");
        return robustness::stress_text(texts, kind, severity, some_ids(ids, "stress_text"), seed);
      },
      py::arg("texts"), py::arg("name"), py::arg("severity"), py::arg("ids"), py::arg("seed"),
      "The texts with errors of one kind.");
  m.def(
      "transformation_stress",
      [](const std::vector<std::pair<std::string, py::object>>& functions,
         std::vector<double> severities, std::int64_t max_samples) {
        std::vector<robustness::Transformation> all;
        for (const auto& [name, function] : functions)
          all.push_back(transformation_in(name, function));
        return std::make_shared<CatalogProbe>(std::make_shared<robustness::Stress>(
            std::move(all), robustness::StressOptions{{}, std::move(severities), max_samples}));
      },
      py::arg("transformations"), py::arg("severities"), py::arg("max_samples"),
      "The probe `stress` with changes of one's own.");
}

}  // namespace

void bind_corruptions(py::module_& m) {
  bind_stress(m);
  m.def(
      "corrupt",
      [](const py::object& images, const std::string& name, double severity, const py::object& ids,
         std::uint64_t seed, std::uint64_t draw, std::optional<std::pair<double, double>> bounds,
         const std::string& compat) {
        const Tensor in = tensor_in(images, "corrupt", "images");
        const auto kind = named<Corruption>(name, "corrupt", "the name of a corruption");
        const auto which = some_ids(ids, "corrupt");
        const robustness::CorruptOptions options{
            named<CorruptionTable>(compat, "corrupt", "compat to name a table"), seed, draw,
            bounds};
        Tensor out;
        {
          const py::gil_scoped_release release;
          out = robustness::corrupt(in, kind, severity, which, options);
        }
        return array_out(out);
      },
      py::arg("images"), py::arg("name"), py::arg("severity"), py::arg("ids"), py::arg("seed"),
      py::arg("draw"), py::arg("bounds"), py::arg("compat"), "The images, corrupted.");
  m.def(
      "corruption_names",
      [](const std::vector<std::string>& subset) {
        std::vector<std::string> out;
        for (const Corruption kind : robustness::corruptions_of("corruption_names", subset))
          out.emplace_back(name_of(kind));
        return out;
      },
      py::arg("subset"));
  m.def(
      "corruption_parameters",
      [](const std::string& name, double severity, const std::string& compat) {
        const char* who = "corruption_parameters";
        return robustness::corruption_parameters(
            named<Corruption>(name, who, "the name of a corruption"), severity,
            named<CorruptionTable>(compat, who, "compat to name a table"));
      },
      py::arg("name"), py::arg("severity"), py::arg("compat"));
  m.def(
      "perturb",
      [](const py::object& images, const std::string& name, int frame, const py::object& ids,
         std::uint64_t seed, std::optional<std::pair<double, double>> bounds) {
        const Tensor in = tensor_in(images, "perturb", "images");
        const auto kind =
            named<robustness::Perturbation>(name, "perturb", "the name of a perturbation");
        const auto which = some_ids(ids, "perturb");
        Tensor out;
        {
          const py::gil_scoped_release release;
          out = robustness::perturb(in, kind, frame, which, seed, bounds);
        }
        return array_out(out);
      },
      py::arg("images"), py::arg("name"), py::arg("frame"), py::arg("ids"), py::arg("seed"),
      py::arg("bounds"), "One frame of the sequence of each image.");
}

}  // namespace leadline::bindings
