#include "engine/checkpoint.hpp"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "engine/text.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/fingerprint.hpp"

namespace leadline::detail::checkpoint {

using engine::Checkpoint;
using engine::SavedSlot;

constexpr std::string_view magic = "LEADLINE-CKPT-2\n";
constexpr std::size_t digest_size = 37;  // "xxh3:" and 32 hex digits

[[noreturn]] void malformed(std::string_view where, std::string_view got) {
  throw StoreError(where, "an intact checkpoint of leadline", got,
                   "delete the run directory to start again, or restore the file");
}

/// Appends values in a fixed order; `Reader` takes them back in the same order.
class Writer {
 public:
  template <class T>
  requires std::is_arithmetic_v<T> Writer& operator<<(T value) {
    const auto* bytes = reinterpret_cast<const char*>(&value);
    out.append(bytes, sizeof value);
    return *this;
  }
  Writer& operator<<(const std::string& text) {
    *this << static_cast<std::uint64_t>(text.size());
    out += text;
    return *this;
  }
  template <class T>
  Writer& operator<<(const std::vector<T>& list) {
    *this << static_cast<std::uint64_t>(list.size());
    for (const auto& item : list) *this << item;
    return *this;
  }
  std::string out;
};

class Reader {
 public:
  Reader(std::string_view bytes, std::string_view where) : left_(bytes), where_(where) {}

  template <class T>
  requires std::is_arithmetic_v<T> Reader& operator>>(T& value) {
    if (left_.size() < sizeof value) malformed(where_, "the end of the file in a value");
    if constexpr (std::is_same_v<T, bool>) {
      const char byte = left_.front();
      if (byte != 0 && byte != 1) malformed(where_, "a flag that is neither 0 nor 1");
      value = byte == 1;
    } else {
      std::memcpy(&value, left_.data(), sizeof value);
    }
    left_.remove_prefix(sizeof value);
    return *this;
  }
  Reader& operator>>(std::string& text) {
    const auto size = count(1);
    text.assign(left_.substr(0, size));
    left_.remove_prefix(size);
    return *this;
  }
  template <class T>
  Reader& operator>>(std::vector<T>& list) {
    list.clear();
    for (auto n = count(1); n > 0; --n) *this >> list.emplace_back();
    return *this;
  }
  /// A count of items of at least `bytes` bytes each: never more than the file can hold.
  std::uint64_t count(std::uint64_t bytes) {
    std::uint64_t n = 0;
    *this >> n;
    if (n > left_.size() / bytes) malformed(where_, fmt::format("a count of {}", n));
    return n;
  }
  void end() const {
    if (!left_.empty()) malformed(where_, fmt::format("{} bytes too many", left_.size()));
  }

 private:
  std::string_view left_, where_;
};

Writer& operator<<(Writer& to, const SavedSlot& slot) {
  to << slot.id << slot.passes_done << slot.worked << slot.needs.has_value();
  const PassNeeds needs = slot.needs.value_or(PassNeeds{});
  to << needs.over << needs.layers << slot.cursor << slot.seen << slot.warnings << slot.failures
     << slot.cost.seconds << slot.cost.forwards << slot.cost.backwards << slot.cost.peak_bytes
     << slot.state << slot.finding;
  return to;
}

Reader& operator>>(Reader& from, SavedSlot& slot) {
  bool has_needs = false;
  PassNeeds needs;
  from >> slot.id >> slot.passes_done >> slot.worked >> has_needs >> needs.over >> needs.layers >>
      slot.cursor >> slot.seen >> slot.warnings >> slot.failures >> slot.cost.seconds >>
      slot.cost.forwards >> slot.cost.backwards >> slot.cost.peak_bytes >> slot.state >>
      slot.finding;
  if (has_needs) slot.needs = std::move(needs);
  return from;
}

std::string digest_of(std::string_view body) { return Fingerprint().add(body).text(); }

}  // namespace leadline::detail::checkpoint

namespace leadline::detail::engine {

using checkpoint::malformed;

std::string encode(const Checkpoint& saved) {
  checkpoint::Writer body;
  body << saved.complete << static_cast<std::uint8_t>(saved.kind) << saved.recorded
       << saved.pass_forwards << saved.seconds << saved.resumed;
  body << static_cast<std::uint64_t>(saved.pass_rows.size());
  for (const auto& [role, rows] : saved.pass_rows) body << role << rows;
  body << saved.slots << saved.table;
  return std::string(checkpoint::magic) + checkpoint::digest_of(body.out) + body.out;
}

Checkpoint decode(std::string_view bytes, std::string_view where) {
  if (!bytes.starts_with(checkpoint::magic)) malformed(where, "a file that begins otherwise");
  bytes.remove_prefix(checkpoint::magic.size());
  if (bytes.size() < checkpoint::digest_size) malformed(where, "a file cut off in its header");
  const auto digest = bytes.substr(0, checkpoint::digest_size);
  bytes.remove_prefix(checkpoint::digest_size);
  if (checkpoint::digest_of(bytes) != digest)
    malformed(where, "a content that does not match its checksum");

  checkpoint::Reader body(bytes, where);
  Checkpoint saved;
  std::uint8_t kind = 0;
  body >> saved.complete >> kind >> saved.recorded >> saved.pass_forwards >> saved.seconds >>
      saved.resumed;
  if (kind > static_cast<std::uint8_t>(OutputKind::values))
    malformed(where, fmt::format("an output kind of {}", kind));
  saved.kind = static_cast<OutputKind>(kind);
  for (auto n = body.count(16); n > 0; --n) {
    std::string role;
    body >> role;
    body >> saved.pass_rows[role];
  }
  body >> saved.slots >> saved.table;
  body.end();
  for (const auto& slot : saved.slots)
    if (slot.cursor < 0) malformed(where, "a negative cursor");
  return saved;
}

std::string to_json(const RunRecord& record) {
  nlohmann::ordered_json json{{"identity", record.identity},
                              {"started", record.started},
                              {"version", record.version},
                              {"model", record.model},
                              {"data", record.data},
                              {"suite", record.suite},
                              {"rank", record.rank},
                              {"count", record.count},
                              {"batch_size", record.batch_size},
                              {"has_digest", record.has_digest},
                              {"probe_ids", record.probe_ids},
                              {"probe_outputs", record.probe_outputs}};
  return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

RunRecord record_from_json(std::string_view text, std::string_view where) {
  try {
    const auto json = nlohmann::json::parse(text);
    RunRecord record;
    json.at("identity").get_to(record.identity);
    json.at("started").get_to(record.started);
    json.at("version").get_to(record.version);
    json.at("model").get_to(record.model);
    json.at("data").get_to(record.data);
    json.at("suite").get_to(record.suite);
    json.at("rank").get_to(record.rank);
    json.at("count").get_to(record.count);
    json.at("batch_size").get_to(record.batch_size);
    json.at("has_digest").get_to(record.has_digest);
    json.at("probe_ids").get_to(record.probe_ids);
    json.at("probe_outputs").get_to(record.probe_outputs);
    if (!is_utc(record.started))
      throw StoreError(where, "a UTC time as the start", "'" + record.started + "'",
                       "delete the run directory to start again, or restore the file");
    return record;
  } catch (const nlohmann::json::exception& error) {
    throw StoreError(where, "the record of a leadline run", error.what(),
                     "delete the run directory to start again, or restore the file");
  }
}

}  // namespace leadline::detail::engine
