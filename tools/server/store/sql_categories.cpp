#include "server/store/check_records.h"
#include "server/store/sql_store.h"

namespace smartsynch {
namespace {

Status Add(SqlConnection& connection, std::uint64_t number, const std::string& event) {
  const auto last =
      connection.Run("SELECT coalesce(max(number), 0) FROM smartsynch_categories", {});
  if (!last) return tl::unexpected(last.error());
  if (ToUnsigned((*last)[0][0]) + 1 != number) {
    return Fail(ErrorCode::kAlreadyExists,
                "another change of the categories came first; read them and try again", "number");
  }
  const auto added =
      connection.Run("INSERT INTO smartsynch_categories (number, event) VALUES ($1, $2)",
                     {SqlValue::Unsigned(number), SqlValue::Text(event)});
  if (!added) return tl::unexpected(added.error());
  return GrowRevision(connection);
}

}  // namespace

Status SqlStore::AddCategoryChange(std::uint64_t number, const std::string& event) {
  if (const Status fine = CheckCategoryChange(event); !fine) return fine;
  return database_->Transact(
      SqlAccess::kWrite, [&](SqlConnection& connection) { return Add(connection, number, event); });
}

Result<std::vector<std::string>> SqlStore::CategoryChanges() {
  return TransactFor<std::vector<std::string>>(
      *database_, SqlAccess::kRead,
      [](SqlConnection& connection) -> Result<std::vector<std::string>> {
        const auto rows =
            connection.Run("SELECT event FROM smartsynch_categories ORDER BY number", {});
        if (!rows) return tl::unexpected(rows.error());
        std::vector<std::string> events;
        for (const SqlRow& row : *rows) events.push_back(row[0]);
        return events;
      });
}

}  // namespace smartsynch
