/// The part of the DLPack 1.x ABI that is used here (https://dmlc.github.io/dlpack), so that _core
/// builds where no torch is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "leadline/core/tensor.hpp"

namespace leadline::bindings::dlpack {

struct Version {
  std::uint32_t major, minor;
};
struct DeviceId {
  std::int32_t type;  // 1 cpu, 2 cuda, 3 pinned host memory, 13 managed
  std::int32_t index;
};
struct DataType {
  std::uint8_t code;  // 0 int, 1 uint, 2 float, 4 bfloat, 5 complex, 6 bool
  std::uint8_t bits;
  std::uint16_t lanes;
};
struct Array {
  void* data;
  DeviceId device;
  std::int32_t ndim;
  DataType dtype;
  std::int64_t* shape;
  std::int64_t* strides;  // in elements; null before 1.2 means row-major
  std::uint64_t byte_offset;
};
struct Managed {
  Array array;
  void* context;
  void (*deleter)(Managed*);
};
struct ManagedVersioned {
  Version version;
  void* context;
  void (*deleter)(ManagedVersioned*);
  std::uint64_t flags;
  Array array;
};

/// `type(x).__dlpack_c_exchange_api__`: a capsule "dlpack_exchange_api" on this table.
struct ExchangeHeader {
  Version version;
  ExchangeHeader* previous;
};
struct ExchangeApi {
  ExchangeHeader header;
  void* allocator;
  int (*managed_from_object)(void* object, ManagedVersioned** out);
  void* object_from_managed;
  int (*array_from_object)(void* object, Array* out);  // borrows; may be null
  void* current_work_stream;
};

/// nullopt for a type that no tensor of leadline holds.
[[nodiscard]] std::optional<DType> dtype_of(const DataType& type);
[[nodiscard]] DataType type_of(DType dtype);

/// The layout that an array of another library describes. Throws TypeError or ShapeError naming
/// `who` and `what` for what a tensor cannot hold: another dtype, more than 8 dimensions, sizes
/// below 0 or beyond memory.
[[nodiscard]] Tensor::Layout layout_of(const Array& array, std::string_view who,
                                       std::string_view what);

/// Throws the TypeError for a dtype that is none of ours.
[[noreturn]] void refuse_dtype(std::string_view who, std::string_view what, const std::string& got);

}  // namespace leadline::bindings::dlpack
