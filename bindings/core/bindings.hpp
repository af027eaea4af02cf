/// What the binding files share: how arrays cross the border, how exceptions do, and one `bind_*`
/// function a file.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/python_error.hpp"
#include "leadline/core/catalog.hpp"
#include "leadline/core/dataset.hpp"
#include "leadline/core/metric.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/core/tensor.hpp"

// Classes of _torch derive from classes of _core: both modules need one pybind11.
static_assert(PYBIND11_VERSION_MAJOR == 3 && PYBIND11_VERSION_MINOR == 0,
              "build with pybind11 3.0, as bundled with torch");

namespace leadline::bindings {

namespace py = pybind11;

// ---- arrays (tensor.cpp) ---------------------------------------------------------------------

/// Any array as a handle that keeps it alive: torch (any device), whatever has `__dlpack__`, NumPy,
/// buffers, nested lists. Zero copy except for lists. None gives an undefined tensor. Throws
/// TypeError naming `who` and `what`.
Tensor tensor_in(py::handle array, std::string_view who = "Tensor",
                 std::string_view what = "an array");
/// A NumPy array over the same memory, read-only; bfloat16 becomes float32, a device tensor is
/// copied to the host. Undefined gives None.
py::object array_out(const Tensor& tensor);
/// A borrowed view of a host array: the caller keeps `array` alive. `holder` receives a temporary
/// when one was needed (a list, a device tensor). The fast path of `Metric.update`.
ArrayView view_in(py::handle array, py::object& holder, std::string_view who,
                  std::string_view what);
/// A NumPy copy of a borrowed view: what Python code may keep.
py::object copy_out(const ArrayView& view);
std::vector<SampleId> ids_in(py::handle ids, std::string_view who);
py::object ids_out(std::span<const SampleId> ids);

std::shared_ptr<const Table> table_in(py::handle table, std::string_view who);
Inputs inputs_in(py::handle value, std::string_view who);
Outputs outputs_in(py::handle value, std::string_view who);

// ---- calls into Python (errors.cpp) ----------------------------------------------------------

/// Python type name and text of a value, for messages: "int 3", "list of 2".
std::string describe(py::handle value);

// ---- objects of the catalog (catalog.cpp) ----------------------------------------------------

std::vector<NamedOption> options_in(py::handle options, std::string_view who);
py::object value_out(const OptionValue& value);

/// A metric made from the catalog, as Python holds it; forwards everything to `inner`.
class CatalogMetric final : public Metric {
 public:
  CatalogMetric(std::shared_ptr<Metric> metric, std::string_view type_name)
      : inner(std::move(metric)),
        reads(inner->info().reads),
        who(std::string(type_name) + ".update") {}
  MetricInfo info() const override { return inner->info(); }
  void update(const Rows& rows) override { inner->update(rows); }
  void merge(const Metric& other) override { inner->merge(unwrap(other)); }
  Estimate compute() const override { return inner->compute(); }
  void describe(Finding& finding, std::string_view prefix) const override {
    inner->describe(finding, prefix);
  }
  std::shared_ptr<Metric> fresh() const override {
    return std::make_shared<CatalogMetric>(inner->fresh(),
                                           std::string_view(who).substr(0, who.size() - 7));
  }
  std::string save() const override { return inner->save(); }
  void load(std::string_view state) override { inner->load(state); }
  std::vector<std::pair<std::string, std::string>> arguments() const override {
    return inner->arguments();
  }
  std::string state_key() const override { return inner->state_key(); }
  void adopt(const Metric& other) override { inner->adopt(unwrap(other)); }
  static const Metric& unwrap(const Metric& metric) {
    const auto* wrapped = dynamic_cast<const CatalogMetric*>(&metric);
    return wrapped ? *wrapped->inner : metric;
  }

  std::shared_ptr<Metric> inner;
  std::vector<std::string> reads;
  std::string who;  // "Accuracy.update"
};

/// A probe made from the catalog, as Python holds it.
class CatalogProbe final : public Probe {
 public:
  explicit CatalogProbe(std::shared_ptr<Probe> probe) : inner(std::move(probe)) {}
  ProbeInfo info() const override { return inner->info(); }
  std::vector<std::pair<std::string, std::string>> options() const override {
    return inner->options();
  }
  std::shared_ptr<ProbeRun> start(Session& session) const override { return inner->start(session); }

  std::shared_ptr<Probe> inner;
};

/// The object that C++ made, without the wrapper: what the engine should hold.
inline std::shared_ptr<Probe> unwrap(std::shared_ptr<Probe> probe) {
  const auto wrapped = std::dynamic_pointer_cast<CatalogProbe>(probe);
  return wrapped ? wrapped->inner : probe;
}
inline std::shared_ptr<Metric> unwrap(std::shared_ptr<Metric> metric) {
  const auto wrapped = std::dynamic_pointer_cast<CatalogMetric>(metric);
  return wrapped ? wrapped->inner : metric;
}

// ---- one a file, called in this order --------------------------------------------------------

void bind_errors(py::module_& m);
void bind_tensor(py::module_& m);
void bind_estimate(py::module_& m);
void bind_finding(py::module_& m);
void bind_report(py::module_& m);
void bind_dataset(py::module_& m);
void bind_subject(py::module_& m);
void bind_metric(py::module_& m);
void bind_session(py::module_& m);
void bind_probe(py::module_& m);
void bind_catalog(py::module_& m);
void bind_engine(py::module_& m);
void bind_compare(py::module_& m);
void bind_decisions(py::module_& m);
void bind_robustness(py::module_& m);
void bind_smoothing(py::module_& m);
void bind_corruptions(py::module_& m);
void bind_black_box(py::module_& m);
void bind_testing(py::module_& m);

}  // namespace leadline::bindings
