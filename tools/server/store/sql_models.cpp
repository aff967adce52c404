#include "server/store/check_records.h"
#include "server/store/sql_store.h"
#include "smartsynch/base/hash.h"

namespace smartsynch {
namespace {

const char* const kModelColumns = "version, sha256, size, parent, source, lineage, added_ms";

ModelVersion ToModel(const SqlRow& row) {
  return {row[0], row[1], ToUnsigned(row[2]), row[3], row[4], row[5], ToInteger(row[6])};
}

Activation ToActivation(const SqlRow& row) {
  return {ToUnsigned(row[0]), row[1], ToInteger(row[2]), row[3]};
}

// The standing activation with `before`, the one that a rollback goes back to (0: none).
Result<SqlRows> Standing(SqlConnection& connection) {
  return connection.Run(
      "SELECT number, version, time_ms, reason, before FROM smartsynch_activations"
      " ORDER BY number DESC LIMIT 1",
      {});
}

Result<Activation> AddActivation(SqlConnection& connection, const Activation& activation,
                                 std::uint64_t before) {
  const auto added = connection.Run(
      "INSERT INTO smartsynch_activations (number, version, time_ms, reason, before)"
      " VALUES ($1, $2, $3, $4, $5)",
      {SqlValue::Unsigned(activation.number), SqlValue::Text(activation.version),
       SqlValue::Integer(activation.time_ms), SqlValue::Text(activation.reason),
       SqlValue::Unsigned(before)});
  if (!added) return tl::unexpected(added.error());
  const Status grown = GrowRevision(connection);
  if (!grown) return tl::unexpected(grown.error());
  return activation;
}

}  // namespace

Status GrowRevision(SqlConnection& connection) {
  const auto done =
      connection.Run("UPDATE smartsynch_meta SET value = value + 1 WHERE name = 'revision'", {});
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<Activation> ActivateIn(SqlConnection& connection, const std::string& version,
                              std::int64_t time_ms, const std::string& reason) {
  const auto known = connection.Run("SELECT version FROM smartsynch_models WHERE version = $1",
                                    {SqlValue::Text(version)});
  if (!known) return tl::unexpected(known.error());
  if (known->empty()) {
    return Fail(ErrorCode::kNotFound, "no model has the version \"" + version + "\"", "version");
  }
  const auto standing = Standing(connection);
  if (!standing) return tl::unexpected(standing.error());
  if (standing->empty()) return AddActivation(connection, {1, version, time_ms, reason}, 0);
  const Activation now = ToActivation((*standing)[0]);
  if (now.version == version) return now;
  return AddActivation(connection, {now.number + 1, version, time_ms, reason}, now.number);
}

Result<ModelVersion> AddModelIn(SqlConnection& connection, const ModelVersion& model,
                                std::string_view bytes) {
  ModelVersion added = model;
  added.sha256 = Sha256Hex(bytes);
  added.version = added.sha256.substr(0, 16);
  added.bytes = bytes.size();
  const auto done = connection.Run(
      "INSERT INTO smartsynch_models (version, sha256, size, parent, source, lineage,"
      " added_ms, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
      " ON CONFLICT (version) DO NOTHING",
      {SqlValue::Text(added.version), SqlValue::Text(added.sha256), SqlValue::Unsigned(added.bytes),
       SqlValue::Text(added.parent), SqlValue::Text(added.source), SqlValue::Text(added.lineage),
       SqlValue::Integer(added.added_ms), SqlValue::Bytes(bytes)});
  if (!done) return tl::unexpected(done.error());
  const auto rows = connection.Run(
      std::string("SELECT ") + kModelColumns + " FROM smartsynch_models WHERE version = $1",
      {SqlValue::Text(added.version)});
  if (!rows) return tl::unexpected(rows.error());
  return ToModel((*rows)[0]);
}

Result<std::optional<Activation>> ActiveIn(SqlConnection& connection) {
  const auto rows = Standing(connection);
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::optional<Activation>();
  return std::optional<Activation>(ToActivation((*rows)[0]));
}

Result<ModelVersion> SqlStore::AddModel(const ModelVersion& model, std::string_view bytes) {
  const Status fine = CheckModel(model);
  if (!fine) return tl::unexpected(fine.error());
  if (bytes.empty()) return Fail(ErrorCode::kInvalidArgument, "the model has no bytes", "bytes");
  return TransactFor<ModelVersion>(*database_, SqlAccess::kWrite, [&](SqlConnection& connection) {
    return AddModelIn(connection, model, bytes);
  });
}

Result<std::vector<ModelVersion>> SqlStore::ListModels() {
  return TransactFor<std::vector<ModelVersion>>(
      *database_, SqlAccess::kRead,
      [](SqlConnection& connection) -> Result<std::vector<ModelVersion>> {
        const auto rows = connection.Run(
            std::string("SELECT ") + kModelColumns + " FROM smartsynch_models ORDER BY position",
            {});
        if (!rows) return tl::unexpected(rows.error());
        std::vector<ModelVersion> models;
        for (const SqlRow& row : *rows) models.push_back(ToModel(row));
        return models;
      });
}

Result<std::string> SqlStore::ModelBytes(const std::string& version) {
  return TransactFor<std::string>(
      *database_, SqlAccess::kRead, [&](SqlConnection& connection) -> Result<std::string> {
        const auto rows =
            connection.Run("SELECT content, sha256 FROM smartsynch_models WHERE version = $1",
                           {SqlValue::Text(version)});
        if (!rows) return tl::unexpected(rows.error());
        if (rows->empty()) {
          return Fail(ErrorCode::kNotFound, "no model has the version \"" + version + "\"",
                      "version");
        }
        const SqlRow& row = (*rows)[0];
        if (Sha256Hex(row[0]) != row[1]) {
          return Fail(
              ErrorCode::kInvalidModel,
              "the stored model " + version + " no longer has its SHA-256, expected " + row[1],
              "version");
        }
        return row[0];
      });
}

Result<Activation> SqlStore::ActivateModel(const std::string& version, std::int64_t time_ms,
                                           const std::string& reason) {
  return TransactFor<Activation>(*database_, SqlAccess::kWrite, [&](SqlConnection& connection) {
    return ActivateIn(connection, version, time_ms, reason);
  });
}

Result<Activation> SqlStore::RollBackModel(std::int64_t time_ms) {
  return TransactFor<Activation>(
      *database_, SqlAccess::kWrite, [&](SqlConnection& connection) -> Result<Activation> {
        const auto standing = Standing(connection);
        if (!standing) return tl::unexpected(standing.error());
        const std::string before = standing->empty() ? "0" : (*standing)[0][4];
        const auto rows =
            connection.Run("SELECT version, before FROM smartsynch_activations WHERE number = $1",
                           {SqlValue::Integer(ToInteger(before))});
        if (!rows) return tl::unexpected(rows.error());
        if (rows->empty()) {
          return Fail(ErrorCode::kNotFound, "no version was active before", "version");
        }
        const SqlRow& row = (*rows)[0];
        return AddActivation(connection,
                             {ToUnsigned((*standing)[0][0]) + 1, row[0], time_ms, "rolled back"},
                             ToUnsigned(row[1]));
      });
}

Result<std::optional<Activation>> SqlStore::ActiveModel() {
  return TransactFor<std::optional<Activation>>(
      *database_, SqlAccess::kRead, [](SqlConnection& connection) { return ActiveIn(connection); });
}

Result<std::vector<Activation>> SqlStore::Activations() {
  return TransactFor<std::vector<Activation>>(
      *database_, SqlAccess::kRead,
      [](SqlConnection& connection) -> Result<std::vector<Activation>> {
        const auto rows = connection.Run(
            "SELECT number, version, time_ms, reason FROM smartsynch_activations ORDER BY number",
            {});
        if (!rows) return tl::unexpected(rows.error());
        std::vector<Activation> activations;
        for (const SqlRow& row : *rows) activations.push_back(ToActivation(row));
        return activations;
      });
}

Result<std::uint64_t> SqlStore::Revision() {
  return TransactFor<std::uint64_t>(
      *database_, SqlAccess::kRead, [](SqlConnection& connection) -> Result<std::uint64_t> {
        const auto rows =
            connection.Run("SELECT value FROM smartsynch_meta WHERE name = 'revision'", {});
        if (!rows) return tl::unexpected(rows.error());
        return rows->empty() ? 0 : ToUnsigned((*rows)[0][0]);
      });
}

}  // namespace smartsynch
