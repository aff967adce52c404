#include <algorithm>
#include <array>

#include "server/store/sql.h"

namespace smartsynch {
namespace {

// What each version adds to the one before. Never changed once released, only appended to.
const std::vector<std::vector<std::string>>& Migrations() {
  static const std::vector<std::vector<std::string>> migrations = {
      {
          "CREATE TABLE smartsynch_feedback (sequence {SERIAL}, key TEXT NOT NULL UNIQUE,"
          " time_ms BIGINT NOT NULL, user_key TEXT NOT NULL, experiment_id TEXT NOT NULL,"
          " arm TEXT NOT NULL, accepted BIGINT NOT NULL, event TEXT NOT NULL)",
          "CREATE TABLE smartsynch_models (position {SERIAL}, version TEXT NOT NULL UNIQUE,"
          " sha256 TEXT NOT NULL, size BIGINT NOT NULL, parent TEXT NOT NULL,"
          " source TEXT NOT NULL, lineage TEXT NOT NULL, added_ms BIGINT NOT NULL,"
          " content {BYTES} NOT NULL)",
          "CREATE TABLE smartsynch_activations (number BIGINT PRIMARY KEY,"
          " version TEXT NOT NULL, time_ms BIGINT NOT NULL, reason TEXT NOT NULL,"
          " before BIGINT NOT NULL)",
      },
      {
          "CREATE INDEX smartsynch_feedback_user ON smartsynch_feedback (user_key)",
          "CREATE TABLE smartsynch_experiments (position {SERIAL}, id TEXT NOT NULL UNIQUE,"
          " name TEXT NOT NULL, state TEXT NOT NULL, winner TEXT NOT NULL,"
          " created_ms BIGINT NOT NULL, changed_ms BIGINT NOT NULL)",
          "CREATE TABLE smartsynch_arms (experiment_id TEXT NOT NULL, position BIGINT NOT NULL,"
          " name TEXT NOT NULL, model_version TEXT NOT NULL, weight BIGINT NOT NULL,"
          " shown BIGINT NOT NULL, accepted BIGINT NOT NULL, PRIMARY KEY (experiment_id, "
          "position))",
      },
      {
          "CREATE TABLE smartsynch_learning (number {SERIAL}, started_ms BIGINT NOT NULL,"
          " ended_ms BIGINT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL,"
          " champion TEXT NOT NULL, challenger TEXT NOT NULL, last_sequence BIGINT NOT NULL,"
          " details TEXT NOT NULL)",
          "CREATE TABLE smartsynch_heads (version TEXT PRIMARY KEY, content {BYTES} NOT NULL)",
      },
      {
          "CREATE TABLE smartsynch_categories (number BIGINT PRIMARY KEY, event TEXT NOT NULL)",
          "ALTER TABLE smartsynch_experiments ADD COLUMN first_slice BIGINT NOT NULL DEFAULT 0",
          "ALTER TABLE smartsynch_experiments ADD COLUMN slices BIGINT NOT NULL DEFAULT 1000",
      },
  };
  return migrations;
}

std::string Spelt(std::string statement, const SqlDialect& dialect) {
  const std::array<std::pair<std::string, std::string>, 2> words = {
      {{"{SERIAL}", dialect.serial_key}, {"{BYTES}", dialect.bytes}}};
  for (const auto& [word, type] : words) {
    for (auto at = statement.find(word); at != std::string::npos; at = statement.find(word)) {
      statement.replace(at, word.size(), type);
    }
  }
  return statement;
}

Result<std::int64_t> FoundVersion(SqlConnection& connection) {
  const auto made = connection.Run(
      "CREATE TABLE IF NOT EXISTS smartsynch_meta (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
      {});
  if (!made) return tl::unexpected(made.error());
  const auto rows =
      connection.Run("SELECT value FROM smartsynch_meta WHERE name = 'schema_version'", {});
  if (!rows) return tl::unexpected(rows.error());
  return rows->empty() ? 0 : ToInteger((*rows)[0][0]);
}

}  // namespace

Status UpgradeSchema(SqlDatabase& database) { return UpgradeSchemaTo(database, kSchemaVersion); }

Status UpgradeSchemaTo(SqlDatabase& database, int version) {
  const SqlDialect dialect = database.Dialect();
  return database.Transact(SqlAccess::kWrite, [&](SqlConnection& connection) -> Status {
    const Result<std::int64_t> found = FoundVersion(connection);
    if (!found) return tl::unexpected(found.error());
    if (*found > kSchemaVersion) {
      return Fail(ErrorCode::kUnsupportedVersion,
                  "the store has schema version " + std::to_string(*found) +
                      ", this build reads up to " + std::to_string(kSchemaVersion),
                  "schema_version");
    }
    for (std::int64_t step = *found; step < version; ++step) {
      for (const std::string& statement : Migrations()[static_cast<std::size_t>(step)]) {
        const auto done = connection.Run(Spelt(statement, dialect), {});
        if (!done) return tl::unexpected(done.error());
      }
    }
    const auto noted = connection.Run(
        "INSERT INTO smartsynch_meta (name, value) VALUES ('schema_version', $1)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        {SqlValue::Integer(std::max<std::int64_t>(*found, version))});
    if (!noted) return tl::unexpected(noted.error());
    const auto counted = connection.Run(
        "INSERT INTO smartsynch_meta (name, value) VALUES ('revision', 0)"
        " ON CONFLICT (name) DO NOTHING",
        {});
    if (!counted) return tl::unexpected(counted.error());
    return {};
  });
}

}  // namespace smartsynch
