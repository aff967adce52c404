#include "server/store/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "server/store/spool_line.h"

namespace smartsynch {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSegmentBytes = std::uint64_t{4} << 20U;

tl::unexpected<Error> IoFailure(const std::string& path, const char* what) {
  return Fail(ErrorCode::kIo, path + ": " + what + ": " + std::strerror(errno), path);
}

bool SyncFolder(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = fsync(descriptor) == 0;
  close(descriptor);
  return synced;
}

bool WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<std::string> ReadWhole(const std::string& path) {
  std::ifstream input(path, std::ios::binary);
  std::ostringstream content;
  if (input.peek() != std::ifstream::traits_type::eof()) content << input.rdbuf();
  if (!input.is_open() || input.bad()) return IoFailure(path, "cannot be read");
  return content.str();
}

std::uint64_t NumberOf(const fs::path& path) {
  const std::string stem = path.stem().string();
  if (path.extension() != ".spool" || stem.empty() || stem.size() > 18 ||
      stem.find_first_not_of("0123456789") != std::string::npos) {
    return 0;
  }
  return std::stoull(stem);
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::Open(const std::string& folder, std::uint64_t max_bytes) {
  std::error_code error;
  fs::create_directories(folder, error);
  const std::string lock_path = folder + "/lock";
  const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return IoFailure(lock_path, "cannot be opened");
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return Fail(ErrorCode::kAlreadyExists,
                folder + ": another process uses this spool, expected one folder a process",
                folder);
  }
  std::unique_ptr<Spool> spool(new Spool(folder, max_bytes, lock));
  const Status recovered = spool->Recover();
  if (!recovered) return tl::unexpected(recovered.error());
  return spool;
}

Spool::~Spool() {
  CloseSegment();
  close(lock_);
}

std::string Spool::PathOf(std::uint64_t number) const {
  char name[32];
  std::snprintf(name, sizeof(name), "/%08llu.spool", static_cast<unsigned long long>(number));
  return folder_ + name;
}

Status Spool::Recover() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::uint64_t number = NumberOf(entry.path());
    if (number == 0) continue;
    const Result<std::string> content = ReadWhole(entry.path().string());
    if (!content) return tl::unexpected(content.error());
    const std::size_t last = content->rfind('\n');
    const std::size_t whole = last == std::string::npos ? 0 : last + 1;
    if (whole != content->size() &&
        truncate(entry.path().c_str(), static_cast<off_t>(whole)) != 0) {
      return IoFailure(entry.path().string(), "its cut last line cannot be removed");
    }
    files_.push_back(
        {number, whole,
         static_cast<std::uint64_t>(std::count(content->begin(), content->end(), '\n'))});
    next_number_ = std::max(next_number_, number + 1);
  }
  if (error) return Fail(ErrorCode::kIo, folder_ + ": " + error.message(), folder_);
  std::sort(files_.begin(), files_.end(),
            [](const File& a, const File& b) { return a.number < b.number; });
  return {};
}

Status Spool::OpenSegment() {
  const std::string path = PathOf(next_number_);
  output_ = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (output_ < 0) return IoFailure(path, "cannot be created");
  if (!SyncFolder(folder_)) {
    CloseSegment();
    return IoFailure(folder_, "cannot be synced");
  }
  files_.push_back({next_number_++, 0, 0});
  return {};
}

void Spool::CloseSegment() {
  if (output_ >= 0) close(output_);
  output_ = -1;
}

Status Spool::Append(std::span<const FeedbackRecord> records) {
  std::string lines;
  for (const FeedbackRecord& record : records) lines += ToSpoolLine(record);
  const std::lock_guard<std::mutex> lock(mutex_);
  std::uint64_t bytes = lines.size();
  for (const File& file : files_) bytes += file.bytes;
  if (bytes > max_bytes_) {
    return Fail(ErrorCode::kResourceExhausted,
                folder_ + ": the spool would hold " + std::to_string(bytes) +
                    " bytes, expected up to " + std::to_string(max_bytes_),
                folder_);
  }
  if (output_ >= 0 && files_.back().bytes >= kSegmentBytes) CloseSegment();
  if (output_ < 0) {
    const Status opened = OpenSegment();
    if (!opened) return opened;
  }
  File& file = files_.back();
  if (!WriteAll(output_, lines) || fdatasync(output_) != 0) {
    const Status failed = IoFailure(PathOf(file.number), "cannot be written");
    // A half-written line must not join the next one; the segment ends here.
    if (ftruncate(output_, static_cast<off_t>(file.bytes)) != 0) file.bytes += lines.size();
    CloseSegment();
    return failed;
  }
  file.bytes += lines.size();
  file.records += records.size();
  return {};
}

Result<Spool::Segment> Spool::ReadOldest() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (files_.empty()) return Segment{};
  if (files_.size() == 1) CloseSegment();
  const std::uint64_t number = files_.front().number;
  lock.unlock();
  const std::string path = PathOf(number);
  const Result<std::string> content = ReadWhole(path);
  if (!content) return tl::unexpected(content.error());
  Segment segment;
  segment.number = number;
  for (std::size_t start = 0; start < content->size();) {
    const std::size_t end = std::min(content->find('\n', start), content->size());
    std::optional<FeedbackRecord> record =
        ParseSpoolLine(std::string_view(*content).substr(start, end - start));
    if (record) {
      segment.records.push_back(*std::move(record));
    } else {
      ++segment.damaged_lines;
    }
    start = end + 1;
  }
  return segment;
}

Status Spool::Remove(const Segment& segment) {
  const std::string path = PathOf(segment.number);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (files_.empty() || files_.front().number != segment.number) {
    return Fail(ErrorCode::kInvalidArgument, path + ": not the oldest segment", path);
  }
  std::error_code error;
  if (segment.damaged_lines != 0) {
    fs::rename(path, fs::path(path).replace_extension(".damaged"), error);
  } else {
    fs::remove(path, error);
  }
  if (error) return Fail(ErrorCode::kIo, path + ": " + error.message(), path);
  files_.pop_front();
  return {};
}

std::uint64_t Spool::waiting() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::uint64_t records = 0;
  for (const File& file : files_) records += file.records;
  return records;
}

}  // namespace smartsynch
