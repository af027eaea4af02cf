/// Arrays to Python, and the class Tensor.
#include "leadline/core/tensor.hpp"

#include <pybind11/numpy.h>

#include "core/bindings.hpp"
#include "core/dlpack.hpp"
#include "leadline/core/error.hpp"

namespace leadline::bindings {
namespace {

py::dtype numpy_dtype(DType dtype) { return py::dtype(std::string(name_of(dtype))); }

// ---- DLPack out ------------------------------------------------------------------------------

struct Exported {
  dlpack::ManagedVersioned managed{};
  dlpack::Managed old{};
  Tensor tensor;
};

void fill(dlpack::Array& array, const Tensor& tensor) {
  const auto& layout = tensor.layout();
  auto& shape = const_cast<Tensor::Layout&>(layout);  // DLPack has no const
  array = {const_cast<void*>(layout.data),
           {layout.device.kind == Device::cpu    ? 1
            : layout.device.kind == Device::cuda ? 2
                                                 : 12,
            layout.device.index},
           layout.rank,
           dlpack::type_of(layout.dtype),
           shape.shape.data(),
           shape.strides.data(),
           0};
}

template <class Managed>
void destroy_capsule(PyObject* capsule, const char* name) {
  if (!PyCapsule_IsValid(capsule, name)) return;  // consumed
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, name));
  managed->deleter(managed);
}

py::object to_dlpack(const Tensor& tensor, const py::object& max_version) {
  auto* out = new Exported{{}, {}, tensor};
  const bool versioned =
      !max_version.is_none() && max_version.cast<py::tuple>()[0].cast<int>() >= 1;
  if (versioned) {
    fill(out->managed.array, out->tensor);
    out->managed.version = {1, 0};
    out->managed.context = out;
    out->managed.deleter = [](dlpack::ManagedVersioned* m) {
      delete static_cast<Exported*>(m->context);
    };
    return py::reinterpret_steal<py::object>(PyCapsule_New(
        &out->managed, "dltensor_versioned",
        [](PyObject* c) { destroy_capsule<dlpack::ManagedVersioned>(c, "dltensor_versioned"); }));
  }
  fill(out->old.array, out->tensor);
  out->old.context = out;
  out->old.deleter = [](dlpack::Managed* m) { delete static_cast<Exported*>(m->context); };
  return py::reinterpret_steal<py::object>(PyCapsule_New(
      &out->old, "dltensor", [](PyObject* c) { destroy_capsule<dlpack::Managed>(c, "dltensor"); }));
}

}  // namespace

py::object array_out(const Tensor& tensor) {
  if (!tensor.defined()) return py::none();
  Tensor host = tensor;
  if (tensor.dtype() == DType::bf16)
    host = tensor.host(DType::f32);
  else if (tensor.device().kind != Device::cpu)
    host = tensor.host();
  const auto& layout = host.layout();
  const auto size = static_cast<py::ssize_t>(bytes_of(layout.dtype));
  std::vector<py::ssize_t> shape(layout.shape.begin(), layout.shape.begin() + layout.rank);
  std::vector<py::ssize_t> strides;
  for (int d = 0; d < layout.rank; ++d) strides.push_back(layout.strides[d] * size);
  const py::object owner = py::cast(host);
  py::array out(numpy_dtype(layout.dtype), std::move(shape), std::move(strides), layout.data,
                owner);
  out.attr("flags").attr("writeable") = false;
  return out;
}

py::object copy_out(const ArrayView& view) {
  const auto size = static_cast<py::ssize_t>(bytes_of(view.dtype));
  std::vector<py::ssize_t> shape{view.rows}, strides{view.row_stride * size};
  if (view.rank == 2) {
    shape.push_back(view.cols);
    strides.push_back(view.col_stride * size);
  }
  if (view.dtype == DType::bf16)
    throw TypeError("Rows", "a column that NumPy can hold", "bfloat16", "convert it to float32");
  return py::array(numpy_dtype(view.dtype), std::move(shape), std::move(strides), view.data);
}

py::object ids_out(std::span<const SampleId> ids) {
  return py::array_t<SampleId>(static_cast<py::ssize_t>(ids.size()), ids.data());
}

void bind_tensor(py::module_& m) {
  py::class_<Tensor>(m, "Tensor", R"(An immutable handle on an array of any dtype on any device.

`numpy.asarray(t)`, `t.numpy()` and `torch.from_dlpack(t)` read it without a copy.)")
      .def(py::init([](const py::object& array) { return tensor_in(array); }), py::arg("array"),
           "Takes NumPy, torch, anything with `__dlpack__`, or nested lists.")
      .def_property_readonly("shape",
                             [](const Tensor& t) {
                               py::tuple shape(static_cast<std::size_t>(t.rank()));
                               for (int d = 0; d < t.rank(); ++d) shape[d] = t.size(d);
                               return shape;
                             })
      .def_property_readonly("dtype",
                             [](const Tensor& t) { return std::string(name_of(t.dtype())); })
      .def_property_readonly("device", [](const Tensor& t) { return name_of(t.device()); })
      .def("numpy", &array_out, "A read-only NumPy view; bfloat16 as float32, devices copied.")
      .def(
          "__array__",
          [](const Tensor& t, const py::object& dtype, const py::object& copy) {
            py::object out = array_out(t);
            if (!dtype.is_none()) out = out.attr("astype")(dtype);
            return !copy.is_none() && copy.cast<bool>() ? py::object(out.attr("copy")()) : out;
          },
          py::arg("dtype") = py::none(), py::arg("copy") = py::none())
      .def(
          "__dlpack__",
          [](const Tensor& t, const py::kwargs& options) {
            const py::object version =
                options.contains("max_version") ? py::object(options["max_version"]) : py::none();
            return to_dlpack(t, version);
          },
          "For `from_dlpack` of NumPy, torch, JAX.")
      .def("__dlpack_device__",
           [](const Tensor& t) {
             const auto device = t.device();
             const int kind = device.kind == Device::cpu ? 1 : device.kind == Device::cuda ? 2 : 12;
             return py::make_tuple(kind, device.index);
           })
      .def("__len__", [](const Tensor& t) { return t.size(0); })
      .def("__repr__", [](const Tensor& t) {
        return "Tensor(" + (t.defined() ? t.describe() : std::string("undefined")) + ")";
      });
}

}  // namespace leadline::bindings
