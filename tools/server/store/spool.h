// Records waiting on this machine's disk, in segments of lines that each carry a checksum:
//
//   FOLDER/lock                 held (flock) by the process that uses the spool
//   FOLDER/00000001.spool       "SHA256-16 JSON\n" …, appended and synced; ascending numbers
//
// A crash may cut the last line short: it was never acknowledged, and is cut off at the next start.
// A damaged line elsewhere is kept beside as FOLDER/00000001.damaged and reported, the rest is
// read.
//
// Thread safety: every member may be called from any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "server/store/records.h"
#include "smartsynch/base/status.h"

namespace smartsynch {

class Spool {
 public:
  // Creates the folder. Fails with kAlreadyExists when another process uses it, kIo otherwise.
  static Result<std::unique_ptr<Spool>> Open(const std::string& folder, std::uint64_t max_bytes);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // All are on the disk when this succeeds. Fails with kResourceExhausted at the limit and kIo;
  // then none counts as spooled, though some may be delivered.
  Status Append(std::span<const FeedbackRecord> records);

  // The oldest segment's records, and its number; empty when nothing waits. Nothing is appended to
  // a segment once it was read.
  struct Segment {
    std::uint64_t number = 0;
    std::vector<FeedbackRecord> records;
    std::uint64_t damaged_lines = 0;
  };
  Result<Segment> ReadOldest();
  // Deletes a segment that was delivered.
  Status Remove(const Segment& segment);

  std::uint64_t waiting() const;  // records

 private:
  struct File {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
  };
  Spool(std::string folder, std::uint64_t max_bytes, int lock)
      : folder_(std::move(folder)), max_bytes_(max_bytes), lock_(lock) {}
  Status Recover();
  Status OpenSegment();
  void CloseSegment();
  std::string PathOf(std::uint64_t number) const;

  std::string folder_;
  std::uint64_t max_bytes_;
  int lock_;
  mutable std::mutex mutex_;
  std::deque<File> files_;  // oldest first; the last is the open one when output_ is
  int output_ = -1;
  std::uint64_t next_number_ = 1;
};

}  // namespace smartsynch
