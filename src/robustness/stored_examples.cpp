#include "stored_examples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "core/file.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/fingerprint.hpp"

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
    case DType::i64:
      return "<i8";
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

namespace {

/// What `npy_of(host)` reads as.
Tensor parse(const std::string& bytes, const Tensor& host) {
  const std::string header = header_of(host);
  if (bytes.size() != header.size() + size_of(host) || !bytes.starts_with(header))
    throw StoreError(
        "attack", fmt::format("{} bytes of examples back from disk", header.size() + size_of(host)),
        fmt::format("{}", bytes.size()), "check the disk");
  return Tensor::copy(bytes.data() + header.size(), host.dtype(), host.shape());
}

Artefact keep(const Tensor& host, const std::filesystem::path& path, std::string name) {
  const std::string bytes = npy_of(host);
  file::write_atomically(path.string(), bytes, "attack");
  return {std::move(name), host.size(0), Fingerprint().add(bytes.data(), bytes.size()).text()};
}

}  // namespace

ReadBack through_artefacts(const Tensor& examples, std::span<const SampleId> ids,
                           const std::string& folder, const std::string& probe, Artefacts& kept) {
  const Tensor host = examples.host();
  const std::string part = kept.empty() ? "" : fmt::format("_{}", 1 + kept.size() / 2);
  const std::filesystem::path where(folder);
  const auto store = [&](const Tensor& tensor, const std::string& stem) {
    const std::string file = stem + part + ".npy";
    return keep(tensor, where / file, fmt::format("artefacts/{}/{}", probe, file));
  };
  try {
    const Artefact rows = store(host, "examples");
    const Artefact names =
        store(Tensor::own(std::vector<SampleId>(ids.begin(), ids.end()), {std::ssize(ids)}), "ids");
    const std::string read =
        file::read((where / ("examples" + part + ".npy")).string(), "attack", std::size_t{1} << 36);
    ReadBack out{parse(read, host), {}};
    kept.push_back(rows);
    kept.push_back(names);
    return out;
  } catch (const StoreError& error) {
    ReadBack out = through_file(host);
    out.why = error.what();
    return out;
  }
}

TableBlock table_of(const Artefacts& kept) {
  TableBlock table;
  table.title = "Adversarial examples that were kept";
  table.note =
      "Files in the run directory, for numpy.load: row i of the examples is what the sample of row "
      "i of the ids was changed to. The examples were read back from there before they were "
      "verified. The fingerprint is that of the whole file (XXH3-128).";
  table.columns = {"file", "samples", "fingerprint"};
  for (const Artefact& a : kept) table.rows.push_back({a.name, a.samples, a.fingerprint});
  return table;
}

void save(const Artefacts& kept, State& state) {
  std::vector<std::string> names, fingerprints;
  std::vector<std::int64_t> samples;
  for (const Artefact& a : kept) {
    names.push_back(a.name);
    samples.push_back(a.samples);
    fingerprints.push_back(a.fingerprint);
  }
  state.set("artefacts", std::move(names)).set("artefact_samples", std::move(samples));
  state.set("artefact_fingerprints", std::move(fingerprints));
}

Artefacts load(const State& state) {
  const auto& names = state.texts("artefacts");
  const auto& fingerprints = state.texts("artefact_fingerprints");
  const auto& samples = state.integers("artefact_samples", std::ssize(names));
  if (fingerprints.size() != names.size() ||
      std::ranges::any_of(samples, [](auto n) { return n < 0; }))
    throw StoreError("attack", "a name, a count and a fingerprint for each file kept",
                     "something else", "the saved state is damaged; run again");
  Artefacts kept;
  for (std::size_t i = 0; i < names.size(); ++i)
    kept.push_back({names[i], samples[i], fingerprints[i]});
  return kept;
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
  out.examples = parse(*read, host);
  return out;
}

}  // namespace leadline::detail::stored_examples
