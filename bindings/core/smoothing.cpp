/// Randomized smoothing and VNN-LIB, for Python.

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "core/bindings.hpp"
#include "core/enums.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/smoothing.hpp"
#include "leadline/robustness/vnnlib.hpp"

namespace leadline::bindings {
namespace {

using robustness::Smoothing;
using robustness::SmoothingDraws;

Smoothing smoothing_in(const std::shared_ptr<Subject>& subject, double sigma,
                       const std::string& output) {
  auto model = std::dynamic_pointer_cast<Model>(subject);
  if (model == nullptr)
    throw CapabilityError("Smoothing", "a model from tensors to scores or labels",
                          "another subject", "text models have no Gaussian noise");
  return {std::move(model), sigma, output_kind_in(output, "Smoothing")};
}

/// One array a field of the records.
template <class Record, class Field>
py::array column(const std::vector<Record>& records, Field Record::*field) {
  py::array_t<Field> out(static_cast<py::ssize_t>(records.size()));
  for (std::size_t i = 0; i < records.size(); ++i)
    out.mutable_at(static_cast<py::ssize_t>(i)) = records[i].*field;
  return out;
}

Inputs inputs_in(const py::object& x) {
  const Tensor tensor = tensor_in(x, "Smoothing", "inputs");
  if (tensor.rank() < 2)
    throw ShapeError("Smoothing", "inputs [n, ...]", tensor.describe(),
                     "give one sample as a batch of one: x[None]");
  return Inputs(tensor);
}

py::dict smoothing_certify(const std::shared_ptr<Subject>& model, const py::object& x, double sigma,
                           const std::string& output, std::int64_t n, std::int64_t n0, double alpha,
                           bool early_stop, std::vector<double> radii, double tolerance,
                           std::uint64_t seed, std::int64_t batch_size,
                           const std::vector<std::int64_t>& ids) {
  const Smoothing smooth = smoothing_in(model, sigma, output);
  const Inputs inputs = inputs_in(x);
  const SmoothingDraws draws{n,         n0,   alpha,     early_stop, std::move(radii),
                             tolerance, seed, batch_size};
  std::vector<robustness::SmoothedCertificate> found;
  {
    const py::gil_scoped_release free;
    found = smooth.certify(inputs, draws, ids);
  }
  using C = robustness::SmoothedCertificate;
  using namespace py::literals;
  return py::dict("label"_a = column(found, &C::label), "radius"_a = column(found, &C::radius),
                  "p_lower"_a = column(found, &C::p_lower), "chosen"_a = column(found, &C::chosen),
                  "agreed"_a = column(found, &C::agreed), "draws"_a = column(found, &C::n));
}

py::dict smoothing_predict(const std::shared_ptr<Subject>& model, const py::object& x, double sigma,
                           const std::string& output, std::int64_t n, double alpha,
                           std::uint64_t seed, std::int64_t batch_size,
                           const std::vector<std::int64_t>& ids) {
  const Smoothing smooth = smoothing_in(model, sigma, output);
  const Inputs inputs = inputs_in(x);
  const SmoothingDraws draws{.n = n, .alpha = alpha, .seed = seed, .batch_size = batch_size};
  std::vector<robustness::SmoothedPrediction> found;
  {
    const py::gil_scoped_release free;
    found = smooth.predict(inputs, draws, ids);
  }
  using P = robustness::SmoothedPrediction;
  using namespace py::literals;
  return py::dict("label"_a = column(found, &P::label), "p_value"_a = column(found, &P::p_value),
                  "first"_a = column(found, &P::first), "second"_a = column(found, &P::second),
                  "draws"_a = column(found, &P::n));
}

}  // namespace

void bind_smoothing(py::module_& m) {
  m.def("smoothing_certify", &smoothing_certify, py::arg("model"), py::arg("x"), py::kw_only(),
        py::arg("sigma"), py::arg("output"), py::arg("n"), py::arg("n0"), py::arg("alpha"),
        py::arg("early_stop"), py::arg("radii"), py::arg("tolerance"), py::arg("seed"),
        py::arg("batch_size"), py::arg("ids"));
  m.def("smoothing_predict", &smoothing_predict, py::arg("model"), py::arg("x"), py::kw_only(),
        py::arg("sigma"), py::arg("output"), py::arg("n"), py::arg("alpha"), py::arg("seed"),
        py::arg("batch_size"), py::arg("ids"));
  m.def("largest_radius", &robustness::largest_radius, py::arg("n"), py::arg("alpha"),
        py::arg("sigma"));
  m.def("draws_needed", &robustness::draws_needed, py::arg("radius"), py::arg("alpha"),
        py::arg("sigma"));
  m.def(
      "to_vnnlib",
      [](std::vector<double> lower, std::vector<double> upper, std::int64_t label,
         std::int64_t n_outputs, const std::string& comment) {
        return robustness::to_vnnlib({std::move(lower), std::move(upper), label, n_outputs},
                                     comment);
      },
      py::arg("lower"), py::arg("upper"), py::arg("label"), py::arg("n_outputs"), py::kw_only(),
      py::arg("comment") = "");
  m.def(
      "from_vnnlib",
      [](const std::string& text) {
        const auto problem = robustness::from_vnnlib(text);
        return py::make_tuple(problem.lower, problem.upper, problem.label, problem.n_outputs);
      },
      py::arg("text"));
}

}  // namespace leadline::bindings
