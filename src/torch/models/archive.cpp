#include "torch/models/archive.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "leadline/core/error.hpp"

namespace leadline::detail::archive {

constexpr std::uint32_t entry_mark = 0x02014b50, end_mark = 0x06054b50, end64_mark = 0x06064b50,
                        locator64_mark = 0x07064b50;
constexpr std::uint64_t largest_contents = std::uint64_t{64} << 20;

/// Little-endian fields of a block that was read; 0 outside it.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  [[nodiscard]] T at(std::size_t offset) const {
    T value = 0;
    if (offset + sizeof(T) > bytes_.size()) return value;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value |= static_cast<T>(static_cast<std::uint8_t>(bytes_[offset + i])) << (8 * i);
    return value;
  }

 private:
  std::string_view bytes_;
};

class Reader {
 public:
  Reader(const std::string& path, std::string_view where) : path_(path), where_(where) {
    std::error_code failed;
    if (std::filesystem::is_directory(path, failed))
      fail("a model file", "a directory", "give the file inside it");
    file_.open(path, std::ios::binary);
    if (!file_) fail("a file that can be read", "none", "check the path and its permissions");
    file_.seekg(0, std::ios::end);
    size_ = static_cast<std::uint64_t>(file_.tellg());
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  std::string read(std::uint64_t offset, std::uint64_t n) {
    if (offset > size_ || n > size_ - offset) truncated();
    std::string bytes(n, '\0');
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(bytes.data(), static_cast<std::streamsize>(n));
    if (static_cast<std::uint64_t>(file_.gcount()) != n) truncated();
    return bytes;
  }
  [[noreturn]] void truncated() const {
    fail("a complete archive",
         "one that is truncated or damaged (" + std::to_string(size_) + " bytes)",
         "copy or save the file again");
  }
  [[noreturn]] void fail(std::string_view expected, std::string_view got,
                         std::string_view remedy) const {
    throw StoreError(std::string(where_) + " '" + path_ + "'", expected, got, remedy);
  }

 private:
  std::string path_;
  std::string_view where_;
  std::ifstream file_;
  std::uint64_t size_ = 0;
};

struct Contents {
  std::uint64_t offset = 0, size = 0, count = 0;
};

/// The end record lies in the last 64 KiB; torch writes its 64-bit twin before it.
Contents find_contents(Reader& reader) {
  const std::uint64_t tail = std::min<std::uint64_t>(reader.size(), 65536 + 22);
  const std::string bytes = reader.read(reader.size() - tail, tail);
  const Fields fields(bytes);
  std::size_t end = bytes.size();
  for (std::size_t at = bytes.size() < 22 ? 0 : bytes.size() - 22 + 1; at-- > 0;)
    if (fields.at<std::uint32_t>(at) == end_mark) {
      end = at;
      break;
    }
  if (end == bytes.size()) reader.truncated();
  Contents found{fields.at<std::uint32_t>(end + 16), fields.at<std::uint32_t>(end + 12),
                 fields.at<std::uint16_t>(end + 10)};
  if (end >= 20 && fields.at<std::uint32_t>(end - 20) == locator64_mark) {
    const std::string wide = reader.read(fields.at<std::uint64_t>(end - 20 + 8), 56);
    const Fields record(wide);
    if (record.at<std::uint32_t>(0) != end64_mark) reader.truncated();
    found = {record.at<std::uint64_t>(48), record.at<std::uint64_t>(40),
             record.at<std::uint64_t>(32)};
  }
  if (found.size > largest_contents) reader.truncated();
  return found;
}

void check_format(Reader& reader) {
  const std::string head = reader.read(0, std::min<std::uint64_t>(reader.size(), 4));
  if (head == std::string_view("PK\x03\x04", 4)) return;
  if (!head.empty() && static_cast<unsigned char>(head[0]) == 0x80)
    reader.fail("a TorchScript archive", "a Python pickle, which was not executed",
                "build the module in Python, load its weights and pass the module; or save it with "
                "torch.jit.script(module).save(path)");
  if (std::string_view("PK\x03\x04", 4).starts_with(head)) reader.truncated();
  reader.fail("a TorchScript archive (zip)", "another format",
              "save the model with torch.jit.script(module).save(path)");
}

bool leaves_folder(std::string_view name) {
  return name.starts_with('/') || name.find('\\') != std::string_view::npos || name == ".." ||
         name.starts_with("../") || name.ends_with("/..") ||
         name.find("/../") != std::string_view::npos;
}

std::vector<std::string> members(const std::string& path, std::string_view where) {
  Reader reader(path, where);
  check_format(reader);
  const Contents contents = find_contents(reader);
  const std::string bytes = reader.read(contents.offset, contents.size);
  const Fields fields(bytes);
  std::vector<std::string> names;
  std::size_t at = 0;
  while (names.size() < contents.count) {
    if (at + 46 > bytes.size() || fields.at<std::uint32_t>(at) != entry_mark) reader.truncated();
    const std::size_t n_name = fields.at<std::uint16_t>(at + 28);
    const std::uint64_t start = fields.at<std::uint32_t>(at + 42),
                        packed = fields.at<std::uint32_t>(at + 20);
    constexpr std::uint64_t wide = std::numeric_limits<std::uint32_t>::max();
    if (at + 46 + n_name > bytes.size()) reader.truncated();
    if (start != wide &&
        (start >= reader.size() || (packed != wide && start + packed > reader.size())))
      reader.truncated();
    names.push_back(bytes.substr(at + 46, n_name));
    if (leaves_folder(names.back()))
      reader.fail("members inside the archive's own folder", "'" + names.back() + "'",
                  "do not use this file: it would write outside its folder");
    at += 46 + n_name + fields.at<std::uint16_t>(at + 30) + fields.at<std::uint16_t>(at + 32);
  }
  return names;
}

Kind kind_of(const std::vector<std::string>& members) {
  bool code = false, constants = false, data = false, package = false;
  for (const std::string& name : members) {
    const auto slash = name.find('/');
    const std::string_view inner = slash == std::string::npos
                                       ? std::string_view(name)
                                       : std::string_view(name).substr(slash + 1);
    code = code || inner.starts_with("code/");
    constants = constants || inner == "constants.pkl";
    data = data || inner == "data.pkl";
    package = package || name.find("data/aotinductor/") != std::string::npos;
  }
  if (package) return Kind::package;
  if (code && constants && data) return Kind::script;
  return data ? Kind::checkpoint : Kind::other;
}

std::string stem(const std::string& path) { return std::filesystem::path(path).stem().string(); }

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, std::min(text.find('\n'), std::size_t{300})));
}

}  // namespace leadline::detail::archive
