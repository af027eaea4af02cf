#include "stored_examples.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "leadline/core/error.hpp"

namespace leadline::detail::stored_examples {
namespace {

std::string_view code_of(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return "<f2";
    case DType::bf16:
      return "<u2";
    case DType::f32:
      return "<f4";
    case DType::f64:
      return "<f8";
    case DType::u8:
      return "|u1";
    default:
      throw CapabilityError("attack", "examples of floats or bytes", std::string(name_of(dtype)),
                            "attack the embeddings of integers");
  }
}

std::string header_of(const Tensor& tensor) {
  std::string shape;
  for (const std::int64_t size : tensor.shape()) shape += fmt::format("{}, ", size);
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                 code_of(tensor.dtype()), shape);
  constexpr std::size_t preamble = 10, line = 64;
  text.append(line - (preamble + text.size() + 1) % line, ' ');
  text += '\n';
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(text.size() & 0xFF);
  out += static_cast<char>(text.size() >> 8);
  return out + text;
}

std::size_t size_of(const Tensor& tensor) {
  return static_cast<std::size_t>(tensor.n_elements()) * bytes_of(tensor.dtype());
}

/// A name that no other process, run or thread uses.
std::filesystem::path fresh_path(const std::string& folder) {
  static std::atomic<std::uint64_t> count{0};
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  const auto where =
      folder.empty() ? std::filesystem::temp_directory_path() : std::filesystem::path(folder);
  return where / fmt::format("leadline-{:x}-{:x}-{}.npy", now,
                             reinterpret_cast<std::uintptr_t>(&count), count++);
}

/// What a path held, which is then removed; nullopt where nothing could be written there.
std::optional<std::string> write_and_read(const std::filesystem::path& path,
                                          const std::string& bytes) {
  {
    std::ofstream out(path, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.flush();
    if (!out) {
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
      return std::nullopt;
    }
  }
  std::ifstream in(path, std::ios::binary);
  std::string read{std::istreambuf_iterator<char>(in), {}};
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return read;
}

}  // namespace

std::string npy_of(const Tensor& tensor) {
  std::string out = header_of(tensor);
  out.append(static_cast<const char*>(tensor.layout().data), size_of(tensor));
  return out;
}

ReadBack through_file(const Tensor& examples, const std::string& folder) {
  const Tensor host = examples.host();
  const std::string bytes = npy_of(host);
  ReadBack out;
  std::optional<std::string> read;
  try {
    read = write_and_read(fresh_path(folder), bytes);
  } catch (const std::filesystem::filesystem_error& error) {
    out.why = error.what();
  }
  if (!read) {
    if (out.why.empty()) out.why = "no file could be written";
    read = bytes;
  }
  const std::string header = header_of(host);
  if (read->size() != bytes.size() || !read->starts_with(header))
    throw StoreError("attack", fmt::format("{} bytes of examples back from disk", bytes.size()),
                     fmt::format("{}", read->size()), "check the disk for temporary files");
  out.examples = Tensor::copy(read->data() + header.size(), host.dtype(), host.shape());
  return out;
}

}  // namespace leadline::detail::stored_examples
