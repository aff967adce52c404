// Preloaded into a program (LD_PRELOAD): ends it at once, as a power cut would, before the call of
// the C library that is the SMARTSYNCH_KILL_AT-th to change files. Calls are counted from 1; a
// write of more than one byte counts twice, before and after its first half. What goes to
// descriptors 0 to 2 changes no file.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace {

std::atomic<long> steps{0};

void Step() {
  static const long kLast = [] {
    const char* text = std::getenv("SMARTSYNCH_KILL_AT");
    return text == nullptr ? 0L : std::strtol(text, nullptr, 10);
  }();
  if (++steps == kLast) std::raise(SIGKILL);
}

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool Changes(int flags) { return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0; }

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : mode_t{0};
  va_end(arguments);
  if (Changes(flags)) Step();
  static const auto kNext = Next<int(const char*, int, ...)>("open");
  return kNext(path, flags, mode);
}

int mkostemp(char* path, int flags) {
  Step();
  static const auto kNext = Next<int(char*, int)>("mkostemp");
  return kNext(path, flags);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  static const auto kNext = Next<ssize_t(int, const void*, size_t)>("write");
  if (descriptor <= 2) return kNext(descriptor, bytes, size);
  Step();
  if (size < 2) return kNext(descriptor, bytes, size);
  const ssize_t half = kNext(descriptor, bytes, size / 2);  // the caller goes on with the rest
  Step();
  return half;
}

int fsync(int descriptor) {
  Step();
  static const auto kNext = Next<int(int)>("fsync");
  return kNext(descriptor);
}

int fchmod(int descriptor, mode_t mode) noexcept {
  Step();
  static const auto kNext = Next<int(int, mode_t)>("fchmod");
  return kNext(descriptor, mode);
}

int rename(const char* from, const char* to) noexcept {
  Step();
  static const auto kNext = Next<int(const char*, const char*)>("rename");
  return kNext(from, to);
}

int unlink(const char* path) noexcept {
  Step();
  static const auto kNext = Next<int(const char*)>("unlink");
  return kNext(path);
}

int mkdir(const char* path, mode_t mode) noexcept {
  Step();
  static const auto kNext = Next<int(const char*, mode_t)>("mkdir");
  return kNext(path, mode);
}

}  // extern "C"
