/// Models behind a wire.
#include "core/bindings.hpp"
#include "leadline/core/subject.hpp"
#include "leadline/robustness/query_model.hpp"

namespace leadline::bindings {
namespace {

std::shared_ptr<robustness::QueryModel> query_model(const std::shared_ptr<Model>& model,
                                                    std::int64_t batch_size, int retries,
                                                    double wait, double longest_wait,
                                                    std::int64_t cache_rows, bool labels_only) {
  return std::make_shared<robustness::QueryModel>(
      model, robustness::QueryModelOptions{.batch_size = batch_size,
                                           .retries = retries,
                                           .wait = wait,
                                           .longest_wait = longest_wait,
                                           .cache_rows = cache_rows,
                                           .labels_only = labels_only});
}

py::dict counts_of(const robustness::QueryModel& model) {
  const robustness::QueryCounts seen = model.counts();
  py::dict out;
  out["calls"] = seen.calls;
  out["asked"] = seen.asked;
  out["cached"] = seen.cached;
  out["retried"] = seen.retried;
  return out;
}

}  // namespace

void bind_black_box(py::module_& m) {
  const robustness::QueryModelOptions usual;
  py::classh<robustness::QueryModel, Model>(m, "QueryModel", R"(A model behind a wire.

Every row it is asked for is counted (`counts`), repeated rows are answered from memory, calls that
fail are made again. `leadline.black_box` makes one of a function.)")
      .def(py::init(&query_model), py::arg("model"), py::kw_only(),
           py::arg("batch_size") = usual.batch_size, py::arg("retries") = usual.retries,
           py::arg("wait") = usual.wait, py::arg("longest_wait") = usual.longest_wait,
           py::arg("cache_rows") = usual.cache_rows, py::arg("labels_only") = usual.labels_only)
      .def_property_readonly("counts", &counts_of,
                             "calls of the model; rows asked, cached and retried.");
}

}  // namespace leadline::bindings
