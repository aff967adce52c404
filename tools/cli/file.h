// Reading and writing files whole, and standard output that notices when nobody listens any more.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "smartsynch/base/status.h"

namespace smartsynch {

// Fails with kNotFound, kIo, or kResourceExhausted beyond `max_bytes`; the message names the path.
Result<std::string> ReadFile(const std::string& path,
                             std::size_t max_bytes = std::size_t{2} << 30U);

// The error with "PATH: " before its message, so that one about a file's inside says which file.
tl::unexpected<Error> InFile(const std::string& path, Error error);

// The same for standard input, to its end; also where it is a socket, which has no path.
Result<std::string> ReadStandardInput(std::size_t max_bytes = std::size_t{2} << 30U);

// Whoever reads `path` sees the old content or the new, never a part, whatever interrupts the
// writing: writes a temporary file beside it, syncs it to the disk and renames it. A failure (kIo)
// leaves the old file as it was and no temporary file.
Status WriteFileAtomically(const std::string& path, std::string_view bytes);

// A buffered file descriptor to write to. Once a write failed, the rest is dropped.
class OutputStream {
 public:
  explicit OutputStream(int descriptor) : descriptor_(descriptor) {}

  void Write(std::string_view bytes);

  // Hands everything to the system. Fails with kIo; with kCancelled when the reader has gone away
  // (a closed pipe, as `head` leaves it), which needs SIGPIPE to be ignored.
  Status Flush();

 private:
  int descriptor_;
  std::string buffer_;
  int error_ = 0;  // errno of the write that failed
};

}  // namespace smartsynch
