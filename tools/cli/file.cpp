#include "cli/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace smartsynch {
namespace {

// Closes a descriptor however the function that opened it ends.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { Close(); }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

  // False when closing reports a write that failed late.
  bool Close() {
    const int number = number_;
    number_ = -1;
    return number < 0 || close(number) == 0;
  }

 private:
  int number_;
};

tl::unexpected<Error> FailWithErrno(const char* what, const std::string& path, int number) {
  const ErrorCode code = number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return Fail(code, std::string(what) + " " + path + ": " + std::strerror(number), path);
}

// 0, or the errno of the write that failed.
int WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// A rename survives a power cut only once its folder is on the disk. Not every file system can sync
// a folder, and by then the file itself is complete, so a failure here is none of the caller's.
void SyncFolder(const std::filesystem::path& folder) {
  const Descriptor descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.is_open()) static_cast<void>(fsync(descriptor.number()));
}

// Everything to the end of an open file; `path` is for messages.
Result<std::string> ReadAll(int descriptor, const std::string& path, std::size_t max_bytes) {
  std::string bytes;
  struct stat status {};
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    bytes.reserve(std::min(max_bytes, static_cast<std::size_t>(status.st_size)));
  }
  std::string chunk(std::size_t{1} << 18U, '\0');
  for (;;) {
    const ssize_t count = read(descriptor, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FailWithErrno("cannot read", path, errno);
    if (count == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(count) > max_bytes) {
      return Fail(ErrorCode::kResourceExhausted,
                  path + " has more than " + std::to_string(max_bytes) + " bytes", path);
    }
    bytes.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return FailWithErrno("cannot open", path, errno);
  return ReadAll(file.number(), path, max_bytes);
}

tl::unexpected<Error> InFile(const std::string& path, Error error) {
  error.message = path + ": " + error.message;
  return tl::unexpected(std::move(error));
}

Result<std::string> ReadStandardInput(std::size_t max_bytes) {
  return ReadAll(STDIN_FILENO, "standard input", max_bytes);
}

Status WriteFileAtomically(const std::string& path, std::string_view bytes) {
  // Through a symbolic link, so that the link stays and what it points to is replaced.
  std::error_code ignored;
  const std::filesystem::path target = std::filesystem::is_symlink(path, ignored)
                                           ? std::filesystem::weakly_canonical(path, ignored)
                                           : std::filesystem::path(path);
  std::string temporary = target.string() + ".XXXXXX";
  Descriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.is_open()) return FailWithErrno("cannot write", path, errno);
  const auto give_up = [&](int number) {
    static_cast<void>(unlink(temporary.c_str()));
    return FailWithErrno("cannot write", path, number);
  };
  if (const int error = WriteAll(file.number(), bytes); error != 0) return give_up(error);
  // mkostemp makes the file private; give it the mode the old one had, or the usual one.
  struct stat status {};
  mode_t mode = 0;
  if (stat(target.c_str(), &status) == 0) {
    mode = status.st_mode & 07777U;
  } else {
    const mode_t mask = umask(0);
    umask(mask);
    mode = 0666U & ~mask;
  }
  if (fchmod(file.number(), mode) != 0 || fsync(file.number()) != 0) return give_up(errno);
  if (!file.Close()) return give_up(errno);
  if (rename(temporary.c_str(), target.c_str()) != 0) return give_up(errno);
  SyncFolder(target.has_parent_path() ? target.parent_path() : std::filesystem::path("."));
  return {};
}

void OutputStream::Write(std::string_view bytes) {
  constexpr std::size_t kBufferSize = std::size_t{1} << 16U;
  if (error_ != 0) return;
  buffer_.append(bytes);
  if (buffer_.size() >= kBufferSize) static_cast<void>(Flush());
}

Status OutputStream::Flush() {
  if (error_ == 0) error_ = WriteAll(descriptor_, buffer_);
  buffer_.clear();
  if (error_ == 0) return {};
  if (error_ == EPIPE) return Fail(ErrorCode::kCancelled, "nobody reads the output any more");
  return FailWithErrno("cannot write to", "standard output", error_);
}

}  // namespace smartsynch
