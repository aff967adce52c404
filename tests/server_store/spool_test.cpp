#include "server/store/spool.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "real_server.h"
#include "records.h"
#include "server/store/spool_line.h"

using smartsynch::ErrorCode;
using smartsynch::FeedbackRecord;
using smartsynch::Spool;

namespace {

constexpr std::uint64_t kPlenty = std::uint64_t{1} << 20U;

std::string SegmentPath(const TemporaryFolder& folder, const std::string& name) {
  return folder.path() + "/" + name;
}

}  // namespace

TEST_CASE("a spool gives back what was appended, in order, also to the next process") {
  const TemporaryFolder folder;
  {
    auto spool = Spool::Open(folder.path(), kPlenty);
    REQUIRE(spool);
    CHECK((*spool)->ReadOldest()->records.empty());
    FeedbackRecord odd = Record("odd", "日本 \\n 🚀");
    odd.experiment_id = "e1";
    odd.arm = "b";
    odd.accepted = true;
    const std::vector<FeedbackRecord> records = {Record("a"), odd};
    REQUIRE((*spool)->Append(records));
    CHECK((*spool)->waiting() == 2);
    CHECK(Spool::Open(folder.path(), kPlenty).error().code == ErrorCode::kAlreadyExists);
  }
  auto spool = Spool::Open(folder.path(), kPlenty);
  REQUIRE(spool);
  const auto later = Record("later");
  REQUIRE((*spool)->Append({&later, 1}));
  const auto first = (*spool)->ReadOldest();
  REQUIRE(first);
  REQUIRE(first->records.size() == 2);
  CHECK(first->records[1].event == Record("odd", "日本 \\n 🚀").event);
  CHECK(first->records[1].accepted);
  CHECK(first->records[1].arm == "b");
  REQUIRE((*spool)->Remove(*first));
  CHECK_FALSE((*spool)->Remove(*first));
  const auto second = (*spool)->ReadOldest();
  REQUIRE(second->records.size() == 1);
  CHECK(second->records[0].key == "later");
  REQUIRE((*spool)->Remove(*second));
  CHECK((*spool)->waiting() == 0);
}

TEST_CASE("what is appended after a segment was read is not deleted with it") {
  const TemporaryFolder folder;
  auto spool = Spool::Open(folder.path(), kPlenty);
  const auto a = Record("a");
  const auto b = Record("b");
  REQUIRE((*spool)->Append({&a, 1}));
  const auto read = (*spool)->ReadOldest();
  REQUIRE((*spool)->Append({&b, 1}));
  REQUIRE((*spool)->Remove(*read));
  CHECK((*spool)->ReadOldest()->records[0].key == "b");
}

TEST_CASE("a last line cut by a crash is dropped, and the next one stands alone") {
  const TemporaryFolder folder;
  const std::string path = SegmentPath(folder, "00000001.spool");
  std::ofstream(path) << smartsynch::ToSpoolLine(Record("whole"))
                      << smartsynch::ToSpoolLine(Record("cut")).substr(0, 30);
  auto spool = Spool::Open(folder.path(), kPlenty);
  REQUIRE(spool);
  const auto next = Record("next");
  REQUIRE((*spool)->Append({&next, 1}));
  const auto first = (*spool)->ReadOldest();
  REQUIRE(first->records.size() == 1);
  CHECK(first->records[0].key == "whole");
  CHECK(first->damaged_lines == 0);
  REQUIRE((*spool)->Remove(*first));
  CHECK((*spool)->ReadOldest()->records[0].key == "next");
}

TEST_CASE("a damaged line is kept beside and the lines around it are read") {
  const TemporaryFolder folder;
  std::string damaged = smartsynch::ToSpoolLine(Record("damaged"));
  damaged[25] = static_cast<char>(damaged[25] ^ 1);
  std::ofstream(SegmentPath(folder, "00000007.spool"))
      << smartsynch::ToSpoolLine(Record("a")) << damaged << "\n"
      << smartsynch::ToSpoolLine(Record("b"));
  std::ofstream(SegmentPath(folder, "notes.txt")) << "not a segment";
  auto spool = Spool::Open(folder.path(), kPlenty);
  const auto segment = (*spool)->ReadOldest();
  REQUIRE(segment);
  REQUIRE(segment->records.size() == 2);
  CHECK(segment->damaged_lines == 2);
  REQUIRE((*spool)->Remove(*segment));
  CHECK(std::filesystem::exists(SegmentPath(folder, "00000007.damaged")));
}

TEST_CASE("a full spool refuses by name and keeps what it has") {
  const TemporaryFolder folder;
  auto spool = Spool::Open(folder.path(), 2000);
  const auto record = Record("x", std::string(500, 'y'));
  REQUIRE((*spool)->Append({&record, 1}));
  const std::vector<FeedbackRecord> many(10, record);
  const auto refused = (*spool)->Append(many);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kResourceExhausted);
  CHECK((*spool)->waiting() == 1);
}
