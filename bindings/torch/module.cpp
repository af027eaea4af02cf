/// leadline._torch: everything that needs LibTorch. Import torch first (leadline does).
#include "torch/bindings.hpp"

PYBIND11_MODULE(_torch, m) {
  using namespace leadline::bindings;
  py::module_::import("torch");
  py::module_::import("leadline._core");
  m.doc() = "The LibTorch half of leadline: models, and what touches their graph.";
  bind_errors(m);
  bind_models(m);
}
