#include "server/store/check_records.h"
#include "server/store/sql_store.h"

namespace smartsynch {
namespace {

const char* const kInsert =
    "INSERT INTO smartsynch_feedback (key, time_ms, user_key, experiment_id, arm, accepted, event)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (key) DO NOTHING RETURNING sequence";

// A repetition may arrive at another time or replica; what the client said must be the same.
Result<AppendResult> Known(SqlConnection& connection, const FeedbackRecord& record) {
  const auto rows =
      connection.Run("SELECT sequence, event, user_key FROM smartsynch_feedback WHERE key = $1",
                     {SqlValue::Text(record.key)});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) {
    return Fail(ErrorCode::kInternal, "a key is both there and not there", "key");
  }
  const SqlRow& row = (*rows)[0];
  const bool same = row[1] == record.event && row[2] == record.user_key;
  return AppendResult{same ? AppendResult::Outcome::kRepeated : AppendResult::Outcome::kConflict,
                      ToUnsigned(row[0])};
}

Result<AppendResult> Append(SqlConnection& connection, const FeedbackRecord& record) {
  const auto rows = connection.Run(
      kInsert, {SqlValue::Text(record.key), SqlValue::Integer(record.time_ms),
                SqlValue::Text(record.user_key), SqlValue::Text(record.experiment_id),
                SqlValue::Text(record.arm), SqlValue::Integer(record.accepted ? 1 : 0),
                SqlValue::Text(record.event)});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return Known(connection, record);
  if (!record.experiment_id.empty()) {
    const auto counted = connection.Run(
        "UPDATE smartsynch_arms SET shown = shown + 1, accepted = accepted + $1"
        " WHERE experiment_id = $2 AND name = $3",
        {SqlValue::Integer(record.accepted ? 1 : 0), SqlValue::Text(record.experiment_id),
         SqlValue::Text(record.arm)});
    if (!counted) return tl::unexpected(counted.error());
  }
  return AppendResult{AppendResult::Outcome::kStored, ToUnsigned((*rows)[0][0])};
}

}  // namespace

Result<std::vector<AppendResult>> SqlStore::AppendFeedback(
    std::span<const FeedbackRecord> records) {
  const Status fine = CheckFeedback(records);
  if (!fine) return tl::unexpected(fine.error());
  Waiting mine;
  mine.records = records;
  std::unique_lock<std::mutex> lock(mutex_);
  queue_.push_back(&mine);
  while (!mine.done) {
    // Whoever finds nobody committing commits for all that wait, so one sync serves them all.
    changed_.wait(lock, [&] { return mine.done || !committing_; });
    if (mine.done) break;
    committing_ = true;
    std::size_t size = 0;
    auto end = queue_.begin();
    while (end != queue_.end() && (size == 0 || size + (*end)->records.size() <= kMaxAppend)) {
      size += (*end++)->records.size();
    }
    const std::vector<Waiting*> group(queue_.begin(), end);
    queue_.erase(queue_.begin(), end);
    lock.unlock();
    Commit(group);
    lock.lock();
    committing_ = false;
    for (Waiting* waiting : group) waiting->done = true;
    changed_.notify_all();
  }
  lock.unlock();
  if (!mine.status) return tl::unexpected(mine.status.error());
  return std::move(mine.results);
}

void SqlStore::Commit(const std::vector<Waiting*>& group) {
  const Status done =
      database_->Transact(SqlAccess::kWrite, [&](SqlConnection& connection) -> Status {
        for (Waiting* waiting : group) {
          waiting->results.clear();
          for (const FeedbackRecord& record : waiting->records) {
            Result<AppendResult> result = Append(connection, record);
            if (!result) return tl::unexpected(result.error());
            waiting->results.push_back(*result);
          }
        }
        return {};
      });
  for (Waiting* waiting : group) waiting->status = done;
}

Result<std::vector<StoredFeedback>> SqlStore::ListFeedback(std::uint64_t after, std::size_t limit) {
  if (const Status fine = CheckLimit(limit); !fine) return tl::unexpected(fine.error());
  if (after > std::uint64_t{INT64_MAX}) return std::vector<StoredFeedback>();
  return TransactFor<std::vector<StoredFeedback>>(
      *database_, SqlAccess::kRead,
      [&](SqlConnection& connection) -> Result<std::vector<StoredFeedback>> {
        const auto rows = connection.Run(
            "SELECT sequence, key, time_ms, user_key, experiment_id, arm, accepted, event"
            " FROM smartsynch_feedback WHERE sequence > $1 ORDER BY sequence LIMIT $2",
            {SqlValue::Unsigned(after), SqlValue::Unsigned(limit)});
        if (!rows) return tl::unexpected(rows.error());
        std::vector<StoredFeedback> page;
        for (const SqlRow& row : *rows) {
          page.push_back(
              {ToUnsigned(row[0]),
               {row[1], ToInteger(row[2]), row[3], row[4], row[5], row[7], row[6] == "1"}});
        }
        return page;
      });
}

Result<std::uint64_t> SqlStore::FeedbackCount() {
  return TransactFor<std::uint64_t>(
      *database_, SqlAccess::kRead, [](SqlConnection& connection) -> Result<std::uint64_t> {
        const auto rows = connection.Run("SELECT count(*) FROM smartsynch_feedback", {});
        if (!rows) return tl::unexpected(rows.error());
        return ToUnsigned((*rows)[0][0]);
      });
}

Result<std::uint64_t> SqlStore::ForgetUser(const std::string& user_key) {
  if (user_key.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "user_key is empty, expected one", "user_key");
  }
  return TransactFor<std::uint64_t>(
      *database_, SqlAccess::kWrite, [&](SqlConnection& connection) -> Result<std::uint64_t> {
        const auto rows =
            connection.Run("DELETE FROM smartsynch_feedback WHERE user_key = $1 RETURNING sequence",
                           {SqlValue::Text(user_key)});
        if (!rows) return tl::unexpected(rows.error());
        return rows->size();
      });
}

Status ExportFeedback(Store& store, std::uint64_t after,
                      const std::function<bool(const StoredFeedback&)>& visit) {
  while (true) {
    const auto page = store.ListFeedback(after, kMaxAppend);
    if (!page) return tl::unexpected(page.error());
    for (const StoredFeedback& feedback : *page) {
      if (!visit(feedback)) return {};
      after = feedback.sequence;
    }
    if (page->size() < kMaxAppend) return {};
  }
}

}  // namespace smartsynch
