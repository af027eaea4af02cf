#include "engine/run_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "core/file.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::engine {

RunDirectory::RunDirectory(std::string path) : path_(std::move(path)) {
  std::error_code error;
  std::filesystem::create_directories(path_ + "/findings", error);
  if (error)
    throw StoreError("evaluate", "a run directory that can be written at '" + path_ + "'",
                     error.message(), "choose another out=, or free the place");
  lock_ = ::open((path_ + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0)
    throw StoreError("evaluate", "a run directory that can be written at '" + path_ + "'",
                     std::strerror(errno), "choose another out=, or make it writable");
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    ::close(lock_);
    throw StoreError(
        "evaluate", "a run directory that no other run holds",
        "'" + path_ + "', " +
            (code == EWOULDBLOCK ? std::string("which another process or thread is writing")
                                 : "whose lock fails: " + std::string(std::strerror(code))),
        "wait until that run ends, or choose another out=");
  }
}

RunDirectory::~RunDirectory() { ::close(lock_); }

void RunDirectory::write(std::string_view name, std::string_view content) const {
  file::write_atomically(path_ + "/" + std::string(name), content, "evaluate");
}

std::optional<RunRecord> RunDirectory::record(const std::string& path) {
  const std::string file = path + "/run.json";
  if (!std::filesystem::exists(file)) return std::nullopt;
  return record_from_json(file::read(file, "evaluate"), file);
}

std::optional<Checkpoint> RunDirectory::checkpoint(const std::string& path) {
  const std::string file = path + "/checkpoint.bin";
  if (!std::filesystem::exists(file)) return std::nullopt;
  return decode(file::read(file, "evaluate", std::size_t{1} << 36), file);
}

}  // namespace leadline::detail::engine
