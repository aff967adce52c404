#include "cli/file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

using smartsynch::ErrorCode;
using smartsynch::OutputStream;
using smartsynch::ReadFile;
using smartsynch::Result;
using smartsynch::Status;
using smartsynch::WriteFileAtomically;

namespace {

// An empty folder that is gone afterwards.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "smartsynch_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  std::string operator/(const char* name) const { return (path_ / name).string(); }
  std::ptrdiff_t Count() const {
    return std::distance(std::filesystem::directory_iterator(path_), {});
  }

 private:
  std::filesystem::path path_;
};

unsigned ModeOf(const std::string& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

}  // namespace

TEST_CASE("what was written is read back, and nothing else is left") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  std::string bytes(300000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 % 256);
  REQUIRE(WriteFileAtomically(path, bytes).has_value());
  CHECK(ReadFile(path) == bytes);
  REQUIRE(WriteFileAtomically(path, "").has_value());
  CHECK(ReadFile(path) == std::string());
  CHECK(folder.Count() == 1);
}

TEST_CASE("a replaced file keeps its mode, a new one gets the usual one") {
  const TemporaryFolder folder;
  const mode_t mask = umask(022);
  REQUIRE(WriteFileAtomically(folder / "new", "a").has_value());
  umask(mask);
  CHECK(ModeOf(folder / "new") == 0644U);
  REQUIRE(chmod((folder / "new").c_str(), 0600) == 0);
  REQUIRE(WriteFileAtomically(folder / "new", "b").has_value());
  CHECK(ModeOf(folder / "new") == 0600U);
}

TEST_CASE("a write that cannot be done says why and changes nothing") {
  const TemporaryFolder folder;
  const Status nowhere = WriteFileAtomically(folder / "no/file", "a");
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().code == ErrorCode::kNotFound);
  CHECK(nowhere.error().message.find("no/file: No such file") != std::string::npos);
  std::filesystem::create_directory(folder / "folder");
  CHECK(WriteFileAtomically(folder / "folder", "a").error().code == ErrorCode::kIo);
  CHECK(folder.Count() == 1);
}

TEST_CASE("reading fails by name: missing, a folder, too large") {
  const TemporaryFolder folder;
  CHECK(ReadFile(folder / "missing").error().code == ErrorCode::kNotFound);
  CHECK(ReadFile(folder / "").error().code == ErrorCode::kIo);
  REQUIRE(WriteFileAtomically(folder / "file", "12345").has_value());
  CHECK(ReadFile(folder / "file", 5) == std::string("12345"));
  const Result<std::string> large = ReadFile(folder / "file", 4);
  REQUIRE_FALSE(large.has_value());
  CHECK(large.error().code == ErrorCode::kResourceExhausted);
}

TEST_CASE("an output stream tells a reader that left from a disk that is full") {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2] = {-1, -1};
  REQUIRE(pipe(ends) == 0);
  OutputStream stream(ends[1]);
  stream.Write("a line\n");
  CHECK(stream.Flush().has_value());
  char read_back[16] = {};
  CHECK(read(ends[0], read_back, sizeof read_back) == 7);
  close(ends[0]);
  stream.Write("more");
  CHECK(stream.Flush().error().code == ErrorCode::kCancelled);
  stream.Write(std::string(1 << 20, 'x'));  // dropped, not kept
  CHECK(stream.Flush().error().code == ErrorCode::kCancelled);
  close(ends[1]);

  const int full = open("/dev/full", O_WRONLY);
  REQUIRE(full >= 0);
  OutputStream to_full(full);
  to_full.Write("x");
  CHECK(to_full.Flush().error().code == ErrorCode::kIo);
  close(full);
}
