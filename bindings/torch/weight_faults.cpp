/// One flipped bit of a torch tensor, as a context manager.
#include <ATen/ATen.h>
#include <torch/csrc/utils/pybind.h>

#include <optional>

#include "leadline/torch/robustness/weight_faults.hpp"
#include "torch/bindings.hpp"

namespace leadline::bindings {
namespace detail_weight_faults {

/// Flips on entry and puts back on exit; may be entered again.
struct Flip {
  at::Tensor parameter;
  std::int64_t element;
  int bit;
  std::optional<robustness::FlippedBit> flipped{};
};

}  // namespace detail_weight_faults

void bind_weight_faults(py::module_& m) {
  using detail_weight_faults::Flip;
  py::class_<Flip>(m, "FlippedBit",
                   R"(One bit of one value of a floating tensor, flipped inside a `with` block.

The bits as they were are put back at its end, also after an exception. `element` counts row-major,
`bit` from the least significant.)")
      .def(py::init([](const at::Tensor& parameter, std::int64_t element, int bit) {
             return std::make_unique<Flip>(parameter, element, bit);
           }),
           py::arg("parameter"), py::arg("element"), py::arg("bit"))
      .def(
          "__enter__",
          [](Flip& self) -> Flip& {
            self.flipped.emplace(self.parameter, self.element, self.bit);
            return self;
          },
          py::return_value_policy::reference)
      .def("__exit__", [](Flip& self, const py::args&) { self.flipped.reset(); });
}

}  // namespace leadline::bindings
