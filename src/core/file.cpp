#include "core/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

#include "leadline/core/error.hpp"

namespace leadline::detail::file {

/// A descriptor that is closed on the way out.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  /// Closes now; false: the system reported that written data may be lost.
  bool close() {
    const int fd = fd_;
    fd_ = -1;
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

std::string reason(int code) { return std::generic_category().message(code); }

std::string remedy_for(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return "free space on the disk, or write elsewhere";
    case EFBIG:
      return "raise the file size limit, or write elsewhere";
    case ENOENT:
    case ENOTDIR:
      return "create the directory first";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a directory that can be written";
    case EISDIR:
      return "give the path of a file";
    default:
      return "check the path and the disk";
  }
}

[[noreturn]] void fail(std::string_view who, std::string_view expected, const std::string& path,
                       int code) {
  throw StoreError(who, std::string(expected) + " '" + path + "'", reason(code), remedy_for(code));
}

/// 0, or the error number.
int write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

std::string directory_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Makes the rename itself survive a power cut. Some file systems cannot; the data is safe then
/// too.
void flush_directory(const std::string& path) {
  const Descriptor directory(
      ::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.valid()) (void)::fsync(directory.get());
}

Draft::Draft(std::string path, std::string_view content, std::string_view who)
    : path_(std::move(path)), who_(who) {
  static std::atomic<unsigned> counter{0};
  struct stat info {};
  if (::stat(path_.c_str(), &info) == 0 && S_ISDIR(info.st_mode))
    fail(who_, "to write", path_, EISDIR);
  temporary_ = path_ + ".tmp" + std::to_string(::getpid()) + "_" + std::to_string(counter++);
  Descriptor out(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!out.valid()) fail(who_, "to write", path_, errno);
  int code = write_all(out.get(), content);
  if (code == 0 && ::fsync(out.get()) != 0 && errno != EINVAL) code = errno;
  if (!out.close() && code == 0) code = errno;
  if (code != 0) {
    ::unlink(temporary_.c_str());
    fail(who_, "to write", path_, code);
  }
  written_ = true;
}

Draft::~Draft() {
  if (written_) ::unlink(temporary_.c_str());
}

void Draft::publish() {
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(who_, "to write", path_, errno);
  written_ = false;
  flush_directory(path_);
}

void write_atomically(const std::string& path, std::string_view content, std::string_view who) {
  Draft(path, content, who).publish();
}

std::string read(const std::string& path, std::string_view who, std::size_t max_bytes) {
  const Descriptor in(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in.valid()) {
    throw StoreError(who, "to read '" + path + "'", reason(errno), "check the path");
  }
  std::string content;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t n = ::read(in.get(), buffer, sizeof buffer);
    if (n == 0) return content;
    if (n < 0) {
      if (errno == EINTR) continue;
      throw StoreError(who, "to read '" + path + "'", reason(errno), "give the path of a file");
    }
    content.append(buffer, static_cast<std::size_t>(n));
    if (content.size() > max_bytes) {
      throw StoreError(who, "at most " + std::to_string(max_bytes) + " bytes in '" + path + "'",
                       "more", "give the file that leadline wrote");
    }
  }
}

}  // namespace leadline::detail::file
