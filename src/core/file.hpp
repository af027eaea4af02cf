/// Whole files, in and out. Writing is atomic: a reader sees the old file or the new one.
#pragma once

#include <string>
#include <string_view>

namespace leadline::detail::file {

/// `content` in a temporary file beside `path`, flushed to the disk; it goes unless published.
/// Files that belong together are all drafted before the first is published, so that a full disk
/// leaves every one of them as it was. Throws StoreError naming `who`.
class Draft {
 public:
  Draft(std::string path, std::string_view content, std::string_view who);
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft();
  /// Renames it to `path`.
  void publish();

 private:
  std::string path_, temporary_, who_;
  bool written_ = false;
};

/// Drafts and publishes one file. On any failure `path` is as before and no temporary file stays.
/// Throws StoreError naming `who`.
void write_atomically(const std::string& path, std::string_view content, std::string_view who);

/// The whole file. Throws StoreError naming `who` when it cannot be read or exceeds `max_bytes`.
std::string read(const std::string& path, std::string_view who, std::size_t max_bytes = 1u << 30);

}  // namespace leadline::detail::file
