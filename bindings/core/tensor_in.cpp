/// Arrays from Python: the C exchange table of torch (0.2 us), then `__dlpack__`, then NumPy.
#include <pybind11/numpy.h>

#include <cstring>
#include <unordered_map>

#include "core/bindings.hpp"
#include "core/dlpack.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/tensor.hpp"

namespace leadline::bindings {
namespace {

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
    return keep(dlpack::layout_of(old->array, who, what), py::make_tuple(capsule, array));
  PyErr_Clear();
  auto* now = static_cast<dlpack::ManagedVersioned*>(
      PyCapsule_GetPointer(capsule.ptr(), "dltensor_versioned"));
  if (!now || now->version.major != 1) refuse_layout(array, who, what);
  return keep(dlpack::layout_of(now->array, who, what), py::make_tuple(capsule, array));
}

// ---- NumPy in --------------------------------------------------------------------------------

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
  if (!dtype || type.byteorder() == '>')
    dlpack::refuse_dtype(who, what, py::str(type).cast<std::string>());
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
      return keep(dlpack::layout_of(borrowed, who, what), array);
    }
  }
  if (py::hasattr(array, "__dlpack__")) return from_capsule(array, who, what);
  return from_numpy(as_numpy(array, who, what), who, what);
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
      const auto dtype = dlpack::dtype_of(borrowed.dtype);
      if (!dtype) dlpack::refuse_dtype(who, what, "another type");
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
  if (array.is_none())
    throw TypeError(who, std::string(what) + " as an array", "None",
                    "pass a NumPy array, a torch tensor or a list");
  const Tensor host = tensor_in(array, who, what).host();
  holder = py::cast(host);
  if (host.rank() < 1 || host.rank() > 2)
    throw ShapeError(who, std::string(what) + " of shape [n] or [n, k]", shape_text(host.shape()),
                     "reshape it, e.g. x.reshape(len(x), -1)");
  return ArrayView(holder.cast<const Tensor&>());
}

std::vector<SampleId> ids_in(py::handle ids, std::string_view who) {
  const Tensor host = tensor_in(ids, who, "ids").host(DType::i64);
  const auto* data = host.data<std::int64_t>();
  return {data, data + host.n_elements()};
}

}  // namespace leadline::bindings
