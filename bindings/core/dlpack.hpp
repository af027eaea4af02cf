/// The part of the DLPack 1.x ABI that is used here (https://dmlc.github.io/dlpack), so that _core
/// builds where no torch is.
#pragma once

#include <cstdint>

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

}  // namespace leadline::bindings::dlpack
