/// leadline._torch: everything that needs LibTorch. Import torch first (leadline does).
#include "leadline/torch.hpp"
#include "torch/bindings.hpp"

PYBIND11_MODULE(_torch, m) {
  using namespace leadline::bindings;
  py::module_::import("torch");
  py::module_::import("leadline._core");
  m.doc() = "The LibTorch half of leadline: models, and what touches their graph.";
  bind_models(m);
  bind_weight_faults(m);
  bind_attribution(m);
  bind_certify(m);
  bind_mitigate(m);
  m.def("catalog", &leadline::torch_catalog, py::return_value_policy::reference,
        "Everything shipped: the catalog of the core and that of the LibTorch half.");
}
