#include "server/store/check_records.h"
#include "server/store/sql_store.h"

namespace smartsynch {
namespace {

Result<std::string> AddChallenger(SqlConnection& connection, const Challenger& challenger) {
  const Result<ModelVersion> added = AddModelIn(connection, challenger.model, challenger.bytes);
  if (!added) return tl::unexpected(added.error());
  const auto kept = connection.Run(
      "INSERT INTO smartsynch_heads (version, content) VALUES ($1, $2)"
      " ON CONFLICT (version) DO NOTHING",
      {SqlValue::Text(added->version), SqlValue::Bytes(challenger.heads)});
  if (!kept) return tl::unexpected(kept.error());
  return added->version;
}

// Fills in the run's outcome. The champion may have been replaced while the challenger was trained:
// then nobody knows which of the two is better.
Status ActivateChallenger(SqlConnection& connection, LearningRun& run) {
  const Result<std::optional<Activation>> active = ActiveIn(connection);
  if (!active) return tl::unexpected(active.error());
  if (!*active || (*active)->version != run.champion) {
    run.reason += "; not activated, because " + (*active ? (*active)->version : "no version") +
                  " became active meanwhile";
    return {};
  }
  const Result<Activation> activated =
      ActivateIn(connection, run.challenger, run.ended_ms, "fine-tuned");
  if (!activated) return tl::unexpected(activated.error());
  run.outcome = "activated";
  return {};
}

Result<LearningRun> Add(SqlConnection& connection, LearningRun run, const Challenger* challenger,
                        bool activate) {
  if (challenger != nullptr) {
    const Result<std::string> version = AddChallenger(connection, *challenger);
    if (!version) return tl::unexpected(version.error());
    run.challenger = *version;
    run.outcome = "registered";
    if (activate) {
      const Status done = ActivateChallenger(connection, run);
      if (!done) return tl::unexpected(done.error());
    }
  }
  const auto rows = connection.Run(
      "INSERT INTO smartsynch_learning (started_ms, ended_ms, outcome, reason, champion,"
      " challenger, last_sequence, details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
      " RETURNING number",
      {SqlValue::Integer(run.started_ms), SqlValue::Integer(run.ended_ms),
       SqlValue::Text(run.outcome), SqlValue::Text(run.reason), SqlValue::Text(run.champion),
       SqlValue::Text(run.challenger), SqlValue::Unsigned(run.last_sequence),
       SqlValue::Text(run.details)});
  if (!rows) return tl::unexpected(rows.error());
  run.number = ToUnsigned((*rows)[0][0]);
  return run;
}

}  // namespace

Result<std::unique_ptr<LearningLock>> SqlStore::LockLearning() { return database_->TryLock(); }

Result<LearningRun> SqlStore::AddLearningRun(const LearningRun& run, const Challenger* challenger,
                                             bool activate) {
  Status fine = CheckLearningRun(run);
  if (fine && challenger != nullptr) fine = CheckModel(challenger->model);
  if (!fine) return tl::unexpected(fine.error());
  if (challenger != nullptr && (challenger->bytes.empty() || challenger->heads.empty())) {
    return Fail(ErrorCode::kInvalidArgument, "the challenger has no bytes or no heads", "bytes");
  }
  return TransactFor<LearningRun>(*database_, SqlAccess::kWrite, [&](SqlConnection& connection) {
    return Add(connection, run, challenger, activate);
  });
}

Result<std::vector<LearningRun>> SqlStore::LearningRuns(std::size_t limit) {
  if (const Status fine = CheckLimit(limit); !fine) return tl::unexpected(fine.error());
  return TransactFor<std::vector<LearningRun>>(
      *database_, SqlAccess::kRead,
      [&](SqlConnection& connection) -> Result<std::vector<LearningRun>> {
        const auto rows = connection.Run(
            "SELECT number, started_ms, ended_ms, outcome, reason, champion, challenger,"
            " last_sequence, details FROM smartsynch_learning ORDER BY number DESC LIMIT $1",
            {SqlValue::Unsigned(limit)});
        if (!rows) return tl::unexpected(rows.error());
        std::vector<LearningRun> runs;
        for (const SqlRow& row : *rows) {
          runs.push_back({ToUnsigned(row[0]), ToInteger(row[1]), ToInteger(row[2]), row[3], row[4],
                          row[5], row[6], ToUnsigned(row[7]), row[8]});
        }
        return runs;
      });
}

Result<std::string> SqlStore::TunedHeadsOf(const std::string& version) {
  return TransactFor<std::string>(
      *database_, SqlAccess::kRead, [&](SqlConnection& connection) -> Result<std::string> {
        const auto rows = connection.Run("SELECT content FROM smartsynch_heads WHERE version = $1",
                                         {SqlValue::Text(version)});
        if (!rows) return tl::unexpected(rows.error());
        return rows->empty() ? std::string() : (*rows)[0][0];
      });
}

}  // namespace smartsynch
