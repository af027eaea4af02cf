/// Whole files, in and out. Writing is atomic: a reader sees the old file or the new one.
#pragma once

#include <string>
#include <string_view>

namespace leadline::detail::file {

/// Writes `content` to a temporary file beside `path`, flushes it to the disk and renames it.
/// On any failure `path` is as before and no temporary file stays. Throws StoreError naming `who`.
void write_atomically(const std::string& path, std::string_view content, std::string_view who);

/// The whole file. Throws StoreError naming `who` when it cannot be read or exceeds `max_bytes`.
std::string read(const std::string& path, std::string_view who, std::size_t max_bytes = 1u << 30);

}  // namespace leadline::detail::file
