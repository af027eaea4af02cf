/// Arrays across the border: the C exchange table of torch (0.2 us), then `__dlpack__`, then NumPy.
#include "leadline/core/tensor.hpp"

#include <pybind11/numpy.h>

#include <cstring>
#include <unordered_map>

#include "core/bindings.hpp"
#include "core/dlpack.hpp"
#include "leadline/core/error.hpp"

namespace leadline::bindings {
namespace {

// ---- dtypes ----------------------------------------------------------------------------------

std::optional<DType> dtype_of_dlpack(const dlpack::DataType& type) {
  if (type.lanes != 1) return std::nullopt;
  switch (type.code * 256 + type.bits) {
    case 0 * 256 + 8:
      return DType::i8;
    case 0 * 256 + 16:
      return DType::i16;
    case 0 * 256 + 32:
      return DType::i32;
    case 0 * 256 + 64:
      return DType::i64;
    case 1 * 256 + 8:
      return DType::u8;
    case 2 * 256 + 16:
      return DType::f16;
    case 2 * 256 + 32:
      return DType::f32;
    case 2 * 256 + 64:
      return DType::f64;
    case 4 * 256 + 16:
      return DType::bf16;
    case 6 * 256 + 8:
      return DType::b8;
    default:
      return std::nullopt;
  }
}

dlpack::DataType dlpack_of(DType dtype) {
  const auto bits = static_cast<std::uint8_t>(8 * bytes_of(dtype));
  switch (dtype) {
    case DType::bf16:
      return {4, bits, 1};
    case DType::u8:
      return {1, bits, 1};
    case DType::b8:
      return {6, bits, 1};
    default:
      return {static_cast<std::uint8_t>(is_floating(dtype) ? 2 : 0), bits, 1};
  }
}

std::optional<DType> dtype_of_numpy(char kind, py::ssize_t size) {
  switch (kind) {
    case 'f':
      return size == 8   ? std::optional(DType::f64)
             : size == 4 ? std::optional(DType::f32)
             : size == 2 ? std::optional(DType::f16)
                         : std::nullopt;
    case 'i':
      return size == 8 ? DType::i64 : size == 4 ? DType::i32 : size == 2 ? DType::i16 : DType::i8;
    case 'u':
      return size == 1 ? std::optional(DType::u8) : std::nullopt;
    case 'b':
      return DType::b8;
    default:
      return std::nullopt;
  }
}

[[noreturn]] void refuse_dtype(std::string_view who, std::string_view what,
                               const std::string& got) {
  throw TypeError(who,
                  std::string(what) +
                      " of floats (16, 32, 64 bit, bfloat16), signed integers, "
                      "uint8 or bool",
                  got, "convert it, e.g. x.astype('float32') or x.astype('int64')");
}

// ---- owners ----------------------------------------------------------------------------------

// Contiguous copy of a host layout; `to_host` of everything that lies on the CPU.
Tensor compact(const Tensor& tensor) {
  const auto& layout = tensor.layout();
  const std::size_t size = bytes_of(layout.dtype);
  auto bytes = std::make_shared<std::vector<std::byte>>(
      static_cast<std::size_t>(tensor.n_elements()) * size);
  std::byte* out = bytes->data();
  std::array<std::int64_t, Tensor::max_rank> index{};
  for (std::int64_t i = 0; i < tensor.n_elements(); ++i) {
    std::int64_t offset = 0;
    for (int d = 0; d < layout.rank; ++d) offset += index[d] * layout.strides[d];
    std::memcpy(out, static_cast<const std::byte*>(layout.data) + offset * size, size);
    out += size;
    for (int d = layout.rank - 1; d >= 0 && ++index[d] == layout.shape[d]; --d) index[d] = 0;
  }
  return Tensor::borrow(bytes->data(), layout.dtype, tensor.shape(), bytes);
}

[[noreturn]] void refuse_device(const Tensor& tensor) {
  throw TypeError("Tensor.host", "an array on the CPU", tensor.describe(),
                  "move it, e.g. x.cpu(), or import torch so that leadline can");
}

// A Python object that owns the bytes: dropped under the GIL, from whichever thread.
struct PythonStorage final : Storage {
  explicit PythonStorage(py::object owner) : object(owner.release().ptr()) {}
  ~PythonStorage() override {
    if (!Py_IsInitialized()) return;
    const py::gil_scoped_acquire gil;
    Py_DECREF(object);
  }
  Tensor to_host(const Tensor& tensor) const override {
    if (tensor.device().kind == Device::cpu) return compact(tensor);
    const py::gil_scoped_acquire gil;
    const py::handle self(object);
    if (!py::hasattr(self, "cpu")) refuse_device(tensor);
    return tensor_in(self.attr("detach")().attr("cpu")()).host();
  }
  PyObject* object;
};

// ---- DLPack in -------------------------------------------------------------------------------

Tensor::Layout layout_of(const dlpack::Array& array, std::string_view who, std::string_view what) {
  const auto dtype = dtype_of_dlpack(array.dtype);
  if (!dtype)
    refuse_dtype(who, what,
                 "DLPack type code " + std::to_string(array.dtype.code) + " with " +
                     std::to_string(array.dtype.bits) + " bits");
  if (array.ndim > Tensor::max_rank)
    throw ShapeError(who, std::string(what) + " of at most 8 dimensions",
                     std::to_string(array.ndim), "reshape it");
  Tensor::Layout layout;
  layout.dtype = *dtype;
  const bool host = array.device.type == 1 || array.device.type == 3;
  const bool cuda = array.device.type == 2 || array.device.type == 13;
  layout.device = {host   ? Device::cpu
                   : cuda ? Device::cuda
                          : Device::other,
                   host ? 0 : array.device.index};
  layout.rank = static_cast<std::uint8_t>(array.ndim);
  std::int64_t step = 1;
  for (int d = array.ndim - 1; d >= 0; --d) {
    layout.shape[d] = array.shape[d];
    layout.strides[d] = array.strides ? array.strides[d] : step;
    step *= array.shape[d];
  }
  layout.data = static_cast<const std::byte*>(array.data) + array.byte_offset;
  return layout;
}

/// The exchange table of a type, or null; looked up once a type. Types that have one (torch.Tensor)
/// live as long as the process, so the key cannot be reused.
const dlpack::ExchangeApi* exchange_of(PyTypeObject* type) {
  static auto& known = *new std::unordered_map<PyTypeObject*, const dlpack::ExchangeApi*>();
  if (const auto it = known.find(type); it != known.end()) return it->second;
  const py::handle handle(reinterpret_cast<PyObject*>(type));
  if (!py::hasattr(handle, "__dlpack_c_exchange_api__")) return nullptr;
  const py::object capsule = handle.attr("__dlpack_c_exchange_api__");
  if (!PyCapsule_IsValid(capsule.ptr(), "dlpack_exchange_api")) return nullptr;
  const auto* header = static_cast<const dlpack::ExchangeHeader*>(
      PyCapsule_GetPointer(capsule.ptr(), "dlpack_exchange_api"));
  while (header && header->version.major != 1) header = header->previous;
  Py_INCREF(type);
  return known[type] = reinterpret_cast<const dlpack::ExchangeApi*>(header);
}

// Torch refuses some layouts (sparse, quantised, complex with conjugation) with its own exception.
[[noreturn]] void refuse_layout(py::handle array, std::string_view who, std::string_view what) {
  PyErr_Clear();
  throw TypeError(who, std::string(what) + " with dense, strided memory",
                  describe(array) + " that DLPack cannot describe",
                  "make it dense, e.g. x.to_dense(), x.dequantize() or x.resolve_conj()");
}

Tensor keep(const Tensor::Layout& layout, py::handle owner) {
  return Tensor(layout, std::make_shared<PythonStorage>(py::reinterpret_borrow<py::object>(owner)));
}

Tensor from_capsule(py::handle array, std::string_view who, std::string_view what) {
  py::object capsule;
  try {
    capsule = array.attr("__dlpack__")();
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_BufferError) && !error.matches(PyExc_TypeError) &&
        !error.matches(PyExc_RuntimeError))
      throw;
    refuse_layout(array, who, what);
  }
  // The capsule stays unconsumed: its own destructor frees the view, we keep capsule and array.
  if (auto* old = static_cast<dlpack::Managed*>(PyCapsule_GetPointer(capsule.ptr(), "dltensor")))
    return keep(layout_of(old->array, who, what), py::make_tuple(capsule, array));
  PyErr_Clear();
  auto* now = static_cast<dlpack::ManagedVersioned*>(
      PyCapsule_GetPointer(capsule.ptr(), "dltensor_versioned"));
  if (!now || now->version.major != 1) refuse_layout(array, who, what);
  return keep(layout_of(now->array, who, what), py::make_tuple(capsule, array));
}

// ---- NumPy in --------------------------------------------------------------------------------

py::array as_numpy(py::handle array, std::string_view who, std::string_view what) {
  if (py::isinstance<py::array>(array)) return py::reinterpret_borrow<py::array>(array);
  if (py::isinstance<py::str>(array) || py::isinstance<py::bytes>(array) ||
      py::isinstance<py::dict>(array))
    throw TypeError(who, what, describe(array), "pass a NumPy array, a torch tensor or a list");
  try {
    return py::module_::import("numpy").attr("asarray")(array).cast<py::array>();
  } catch (py::error_already_set& error) {
    if (error.matches(PyExc_KeyboardInterrupt)) throw;
    throw TypeError(who, what, describe(array), "pass a NumPy array, a torch tensor or a list");
  }
}

DType dtype_in(const py::array& array, std::string_view who, std::string_view what) {
  const auto type = array.dtype();
  const auto dtype = dtype_of_numpy(type.kind(), type.itemsize());
  if (!dtype || type.byteorder() == '>') refuse_dtype(who, what, py::str(type).cast<std::string>());
  return *dtype;
}

bool strides_fit(const py::array& array) {
  for (int d = 0; d < array.ndim(); ++d)
    if (array.strides(d) % array.itemsize() != 0) return false;
  return true;
}

Tensor from_numpy(py::array array, std::string_view who, std::string_view what) {
  Tensor::Layout layout;
  layout.dtype = dtype_in(array, who, what);
  if (array.ndim() > Tensor::max_rank)
    throw ShapeError(who, std::string(what) + " of at most 8 dimensions",
                     std::to_string(array.ndim()), "reshape it");
  if (!strides_fit(array))  // a field of a structured array
    array = py::module_::import("numpy").attr("ascontiguousarray")(array).cast<py::array>();
  layout.rank = static_cast<std::uint8_t>(array.ndim());
  for (int d = 0; d < array.ndim(); ++d) {
    layout.shape[d] = array.shape(d);
    layout.strides[d] = array.strides(d) / array.itemsize();
  }
  layout.data = array.data();
  return keep(layout, array);
}

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
           dlpack_of(layout.dtype),
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

Tensor tensor_in(py::handle array, std::string_view who, std::string_view what) {
  if (array.is_none()) return {};
  if (py::isinstance<Tensor>(array)) return array.cast<const Tensor&>();
  if (py::isinstance<py::array>(array))
    return from_numpy(py::reinterpret_borrow<py::array>(array), who, what);
  if (const auto* api = exchange_of(Py_TYPE(array.ptr()))) {
    dlpack::Array borrowed{};
    if (api->array_from_object) {
      if (api->array_from_object(array.ptr(), &borrowed) != 0) refuse_layout(array, who, what);
      return keep(layout_of(borrowed, who, what), array);
    }
  }
  if (py::hasattr(array, "__dlpack__")) return from_capsule(array, who, what);
  return from_numpy(as_numpy(array, who, what), who, what);
}

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

ArrayView view_in(py::handle array, py::object& holder, std::string_view who,
                  std::string_view what) {
  ArrayView view;
  if (py::isinstance<py::array>(array)) {
    const auto numpy = py::reinterpret_borrow<py::array>(array);
    if (numpy.ndim() >= 1 && numpy.ndim() <= 2 && strides_fit(numpy)) {
      view.data = numpy.data();
      view.dtype = dtype_in(numpy, who, what);
      view.rank = static_cast<int>(numpy.ndim());
      view.rows = numpy.shape(0);
      view.row_stride = numpy.strides(0) / numpy.itemsize();
      if (view.rank == 2) {
        view.cols = numpy.shape(1);
        view.col_stride = numpy.strides(1) / numpy.itemsize();
      }
      return view;
    }
  } else if (const auto* api = exchange_of(Py_TYPE(array.ptr())); api && api->array_from_object) {
    dlpack::Array borrowed{};
    if (api->array_from_object(array.ptr(), &borrowed) != 0) refuse_layout(array, who, what);
    if (borrowed.device.type == 1 && borrowed.ndim >= 1 && borrowed.ndim <= 2) {
      const auto dtype = dtype_of_dlpack(borrowed.dtype);
      if (!dtype) refuse_dtype(who, what, "another type");
      view.data = static_cast<const std::byte*>(borrowed.data) + borrowed.byte_offset;
      view.dtype = *dtype;
      view.rank = borrowed.ndim;
      view.rows = borrowed.shape[0];
      view.row_stride = borrowed.strides[0];
      if (view.rank == 2) {
        view.cols = borrowed.shape[1];
        view.col_stride = borrowed.strides[1];
      }
      return view;
    }
  }
  const Tensor host = tensor_in(array, who, what).host();
  holder = py::cast(host);
  if (host.rank() < 1 || host.rank() > 2)
    throw ShapeError(who, std::string(what) + " of shape [n] or [n, k]", shape_text(host.shape()),
                     "reshape it, e.g. x.reshape(len(x), -1)");
  return ArrayView(holder.cast<const Tensor&>());
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

std::vector<SampleId> ids_in(py::handle ids, std::string_view who) {
  const Tensor host = tensor_in(ids, who, "ids").host(DType::i64);
  const auto* data = host.data<std::int64_t>();
  return {data, data + host.n_elements()};
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
