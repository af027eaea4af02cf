/// Reads the table of contents of a model file, without running anything in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace leadline::detail::archive {

enum class Kind { script, package, checkpoint, other };

/// Names of the members of the zip archive at `path`. Throws StoreError naming `where` for a file
/// that cannot be read, a pickle, another format, a truncated or damaged archive, and for members
/// that would leave the folder they are unpacked into.
std::vector<std::string> members(const std::string& path, std::string_view where);

/// TorchScript (code/ and constants.pkl), AOTInductor package (data/aotinductor/), `torch.save`
/// checkpoint (data.pkl alone).
Kind kind_of(const std::vector<std::string>& members);

/// "net" of "/models/net.pt".
std::string stem(const std::string& path);
/// The first line of a message, for errors that carry another library's text.
std::string first_line(std::string_view text);

}  // namespace leadline::detail::archive
