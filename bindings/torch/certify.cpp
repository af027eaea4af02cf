/// Linear bounds as a class, for Python.
#include <ATen/ATen.h>
#include <pybind11/stl.h>
#include <torch/csrc/utils/pybind.h>

#include "leadline/core/error.hpp"
#include "leadline/torch/robustness/certify.hpp"
#include "torch/bindings.hpp"

namespace leadline::bindings {
namespace detail_certify {

using robustness::BoundOptions;
using robustness::LinearBounds;

template <class Enum>
Enum named(const std::string& name, const char* what) {
  constexpr auto names = names_of(std::type_identity<Enum>{});
  std::string known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
    known += (known.empty() ? "" : ", ") + std::string(names[i]);
  }
  throw ValueError("LinearBounds", std::string(what) + " to be one of " + known, "'" + name + "'",
                   "use one of these words");
}

/// The bounds and the model that they were read from.
struct Bounds {
  LinearBounds bounds;
  std::shared_ptr<models::TorchModel> model;

  [[nodiscard]] at::Tensor on_device(const at::Tensor& x) const {
    return models::input_for(*model, from_aten(x.detach()));
  }
};

std::shared_ptr<Bounds> make(const py::object& model, const at::Tensor& example) {
  auto subject = torch_model_in(model, "LinearBounds");
  const py::gil_scoped_release free;
  const at::Tensor x = models::input_for(*subject, from_aten(example.detach()));
  return std::make_shared<Bounds>(Bounds{LinearBounds(*subject, x), subject});
}

BoundOptions options_in(const std::string& method, const std::string& norm,
                        std::optional<std::pair<double, double>> bounds, int alpha_steps,
                        bool alpha_inner, bool rounding) {
  return {named<robustness::BoundMethod>(method, "method"),
          named<robustness::Norm>(norm, "norm"),
          bounds,
          alpha_steps,
          alpha_inner,
          rounding};
}

at::Tensor margins(const Bounds& self, const at::Tensor& x, const at::Tensor& y,
                   const at::Tensor& eps, const std::string& method, const std::string& norm,
                   std::optional<std::pair<double, double>> bounds, int alpha_steps,
                   bool alpha_inner, bool rounding) {
  const BoundOptions how = options_in(method, norm, bounds, alpha_steps, alpha_inner, rounding);
  const py::gil_scoped_release free;
  return self.bounds.margins(self.on_device(x), y, eps, how).to(x.device());
}

std::pair<at::Tensor, at::Tensor> outputs(const Bounds& self, const at::Tensor& x,
                                          const at::Tensor& eps, const std::string& method,
                                          const std::string& norm,
                                          std::optional<std::pair<double, double>> bounds,
                                          int alpha_steps, bool alpha_inner, bool rounding) {
  const BoundOptions how = options_in(method, norm, bounds, alpha_steps, alpha_inner, rounding);
  const py::gil_scoped_release free;
  const auto [lower, upper] = self.bounds.outputs(self.on_device(x), eps, how);
  return {lower.to(x.device()), upper.to(x.device())};
}

at::Tensor radius(const Bounds& self, const at::Tensor& x, const at::Tensor& y, double largest,
                  int steps, const std::string& method, const std::string& norm,
                  std::optional<std::pair<double, double>> bounds, int alpha_steps,
                  bool alpha_inner, bool rounding) {
  const BoundOptions how = options_in(method, norm, bounds, alpha_steps, alpha_inner, rounding);
  const py::gil_scoped_release free;
  return self.bounds.radius(self.on_device(x), y, largest, steps, how).to(x.device());
}

}  // namespace detail_certify

void bind_certify(py::module_& m) {
  using namespace detail_certify;
  py::class_<Bounds, std::shared_ptr<Bounds>>(m, "LinearBounds")
      .def(py::init(&make), py::arg("model"), py::arg("example"))
      .def("margins", &margins, py::arg("x"), py::arg("y"), py::arg("eps"), py::kw_only(),
           py::arg("method"), py::arg("norm"), py::arg("bounds"), py::arg("alpha_steps"),
           py::arg("alpha_inner"), py::arg("rounding"))
      .def("outputs", &outputs, py::arg("x"), py::arg("eps"), py::kw_only(), py::arg("method"),
           py::arg("norm"), py::arg("bounds"), py::arg("alpha_steps"), py::arg("alpha_inner"),
           py::arg("rounding"))
      .def("radius", &radius, py::arg("x"), py::arg("y"), py::kw_only(), py::arg("largest"),
           py::arg("steps"), py::arg("method"), py::arg("norm"), py::arg("bounds"),
           py::arg("alpha_steps"), py::arg("alpha_inner"), py::arg("rounding"))
      .def_property_readonly("n_classes", [](const Bounds& b) { return b.bounds.n_classes(); });
}

}  // namespace leadline::bindings
