#include "leadline/core/sample_table.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "leadline/core/error.hpp"
#include "leadline/core/fingerprint.hpp"

namespace leadline {

std::int64_t SampleTable::row_of(SampleId id) {
  const auto [found, added] = rows_.try_emplace(id, std::ssize(ids_));
  if (added) ids_.push_back(id);
  return found->second;
}

void SampleTable::put(std::string_view column, std::span<const SampleId> ids,
                      std::span<const double> values) {
  if (ids.size() != values.size())
    throw ShapeError("SampleTable.put", fmt::format("{} values for '{}'", ids.size(), column),
                     std::to_string(values.size()), "");
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isnan(values[i]))
      throw ValueError("SampleTable.put", fmt::format("numbers in '{}'", column),
                       fmt::format("NaN at sample {}", ids[i]), "leave a missing value out");
  auto found = columns_.find(column);
  if (found == columns_.end()) found = columns_.emplace(std::string(column), Values{}).first;
  auto& target = found->second;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto row = static_cast<std::size_t>(row_of(ids[i]));
    if (target.values.size() <= row) {
      target.values.resize(ids_.size());
      target.present.resize(ids_.size());
    }
    target.values[row] = values[i];
    target.present[row] = 1;
  }
}

std::optional<double> SampleTable::get(std::string_view column, SampleId id) const {
  const auto found = columns_.find(column);
  const auto row = rows_.find(id);
  if (found == columns_.end() || row == rows_.end()) return std::nullopt;
  const auto& from = found->second;
  if (row->second >= std::ssize(from.values) || from.present[row->second] == 0) return std::nullopt;
  return from.values[row->second];
}

bool SampleTable::has(std::string_view column) const {
  return columns_.find(column) != columns_.end();
}

std::vector<std::string> SampleTable::columns() const {
  std::vector<std::string> names;
  for (const auto& [name, values] : columns_) names.push_back(name);
  return names;
}

void SampleTable::merge(const SampleTable& other) {
  for (const auto& [name, from] : other.columns_) {
    for (std::int64_t row = 0; row < std::ssize(from.values); ++row) {
      if (from.present[row] == 0) continue;
      const SampleId id = other.ids_[row];
      const auto mine = get(name, id);
      if (mine && *mine != from.values[row])
        throw ValueError(
            "SampleTable.merge", "one value a sample and column",
            fmt::format("{} and {} for '{}' of sample {}", *mine, from.values[row], name, id),
            "merge shards of one run with disjoint samples");
    }
  }
  for (const auto id : other.ids_) row_of(id);
  for (const auto& [name, from] : other.columns_) {
    std::vector<SampleId> ids;
    std::vector<double> values;
    for (std::int64_t row = 0; row < std::ssize(from.values); ++row) {
      if (from.present[row] == 0) continue;
      ids.push_back(other.ids_[row]);
      values.push_back(from.values[row]);
    }
    put(name, ids, values);
  }
}

namespace detail::sample_table {

constexpr std::string_view magic = "LLSAMPL1";

struct Reader {
  std::string_view bytes;

  void copy(void* to, std::uint64_t n) {
    if (n > bytes.size())
      throw StoreError("SampleTable.load", "a whole file", "a truncated one",
                       "delete it and run again");
    if (n > 0) std::memcpy(to, bytes.data(), n);
    bytes.remove_prefix(n);
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    copy(&value, sizeof value);
    return value;
  }
  template <class T>
  std::vector<T> array(std::uint64_t n) {
    if (n > bytes.size() / sizeof(T)) copy(nullptr, bytes.size() + 1);
    std::vector<T> values(n);
    copy(values.data(), n * sizeof(T));
    return values;
  }
};

template <class T>
void append(std::string& out, const T* values, std::size_t n) {
  out.append(reinterpret_cast<const char*>(values), n * sizeof(T));
}
void append(std::string& out, std::uint64_t value) { append(out, &value, 1); }

}  // namespace detail::sample_table

std::string SampleTable::save() const {
  namespace impl = detail::sample_table;
  std::string out(impl::magic);
  impl::append(out, ids_.size());
  impl::append(out, ids_.data(), ids_.size());
  impl::append(out, columns_.size());
  for (const auto& [name, column] : columns_) {
    impl::append(out, name.size());
    out += name;
    impl::append(out, column.values.size());
    impl::append(out, column.values.data(), column.values.size());
    impl::append(out, column.present.data(), column.present.size());
  }
  return out + Fingerprint().add(out.data(), out.size()).text();
}

SampleTable SampleTable::load(std::string_view bytes) {
  namespace impl = detail::sample_table;
  constexpr std::size_t digest_size = 5 + 32;
  const auto damaged = [](const char* what) {
    return StoreError("SampleTable.load", "per-sample results saved by leadline", what,
                      "delete the file and run again");
  };
  if (bytes.size() < impl::magic.size() + digest_size || !bytes.starts_with(impl::magic))
    throw damaged("another kind of file");
  const auto body = bytes.substr(0, bytes.size() - digest_size);
  if (Fingerprint().add(body.data(), body.size()).text() != bytes.substr(body.size()))
    throw damaged("a file whose checksum does not match");
  impl::Reader reader{body.substr(impl::magic.size())};
  SampleTable table;
  for (const auto id : reader.array<SampleId>(reader.number())) {
    if (table.rows_.contains(id)) throw damaged("the same sample twice");
    table.row_of(id);
  }
  const std::uint64_t n_columns = reader.number();
  for (std::uint64_t c = 0; c < n_columns; ++c) {
    const auto name = reader.array<char>(reader.number());
    Values column;
    const std::uint64_t n = reader.number();
    if (n > table.ids_.size()) throw damaged("more values than samples");
    column.values = reader.array<double>(n);
    column.present = reader.array<std::uint8_t>(n);
    for (const double value : column.values)
      if (std::isnan(value)) throw damaged("a value that is not a number");
    if (!table.columns_.emplace(std::string(name.begin(), name.end()), std::move(column)).second)
      throw damaged("the same column twice");
  }
  if (!reader.bytes.empty()) throw damaged("more bytes than its columns hold");
  return table;
}

}  // namespace leadline
