#include "server/store/postgres_connection.h"

#include <array>
#include <cstring>
#include <utility>
#include <vector>

namespace smartsynch {
namespace {

constexpr Oid kByteaType = 17;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, ClearResult>;

struct FreeMemory {
  void operator()(unsigned char* memory) const { PQfreemem(memory); }
};

void Quiet(void*, const PGresult*) {}

std::string Column(const PGresult* result, int row, int column) {
  const char* text = PQgetvalue(result, row, column);
  const auto size = static_cast<std::size_t>(PQgetlength(result, row, column));
  if (PQftype(result, column) != kByteaType) return {text, size};
  std::size_t bytes = 0;
  std::vector<unsigned char> terminated(text, text + size);
  terminated.push_back(0);
  const std::unique_ptr<unsigned char, FreeMemory> plain(
      PQunescapeBytea(terminated.data(), &bytes));
  std::string copy(bytes, '\0');
  if (plain != nullptr && bytes != 0) std::memcpy(copy.data(), plain.get(), bytes);
  return copy;
}

// The server is going down, starting, full, or asks for a repetition: not the statement's fault.
bool IsPassing(const char* state) {
  if (state == nullptr) return true;  // the connection itself broke
  for (const char* kind : {"08", "40", "53", "55", "57"}) {
    if (std::strncmp(state, kind, 2) == 0) return true;
  }
  // A read-only standby has not yet become the primary.
  return std::strcmp(state, "25006") == 0;
}

}  // namespace

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(
    const PostgresOptions& options) {
  const std::string connect_timeout = std::to_string(options.connect_timeout_s);
  const std::string user_timeout = std::to_string(options.statement_timeout_ms);
  const std::string settings =
      "-c statement_timeout=" + std::to_string(options.statement_timeout_ms) +
      " -c synchronous_commit=on -c client_min_messages=warning";
  const std::array<const char*, 8> names = {
      "connect_timeout",           "tcp_user_timeout", "keepalives_idle", "client_encoding",
      "fallback_application_name", "options",          "dbname",          nullptr};
  const std::array<const char*, 8> values = {
      connect_timeout.c_str(), user_timeout.c_str(),       "5",    "UTF8", "smartsynch",
      settings.c_str(),        options.connection.c_str(), nullptr};
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(PQconnectdbParams(names.data(), values.data(), 1)));
  if (!connection->IsUsable()) {
    std::string reason = PQerrorMessage(connection->connection_.get());
    while (!reason.empty() && reason.back() == '\n') reason.pop_back();
    return Fail(ErrorCode::kUnavailable, "PostgreSQL: " + reason, "--postgres");
  }
  PQsetNoticeReceiver(connection->connection_.get(), Quiet, nullptr);
  return connection;
}

Result<SqlRows> PostgresConnection::Run(const std::string& statement,
                                        std::span<const SqlValue> parameters) {
  auto prepared = prepared_.find(statement);
  if (prepared == prepared_.end()) {
    const std::string name = "s" + std::to_string(prepared_.size());
    const Answer made(PQprepare(connection_.get(), name.c_str(), statement.c_str(), 0, nullptr));
    if (PQresultStatus(made.get()) != PGRES_COMMAND_OK) return Failure(made.get(), statement);
    prepared = prepared_.emplace(statement, name).first;
  }
  std::vector<std::string> texts;
  std::vector<const char*> values;
  std::vector<int> sizes;
  std::vector<int> formats;
  texts.reserve(parameters.size());
  for (const SqlValue& value : parameters) {
    texts.push_back(value.kind == SqlValue::Kind::kInteger ? std::to_string(value.integer)
                                                           : std::string(value.text));
    values.push_back(texts.back().c_str());
    sizes.push_back(static_cast<int>(texts.back().size()));
    formats.push_back(value.kind == SqlValue::Kind::kBytes ? 1 : 0);
  }
  const Answer answer(PQexecPrepared(connection_.get(), prepared->second.c_str(),
                                     static_cast<int>(parameters.size()), values.data(),
                                     sizes.data(), formats.data(), 0));
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    return Failure(answer.get(), statement);
  }
  SqlRows rows(static_cast<std::size_t>(PQntuples(answer.get())));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (int column = 0; column < PQnfields(answer.get()); ++column) {
      rows[row].push_back(Column(answer.get(), static_cast<int>(row), column));
    }
  }
  return rows;
}

tl::unexpected<Error> PostgresConnection::Failure(const PGresult* result,
                                                  const std::string& statement) const {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  std::string reason = PQerrorMessage(connection_.get());
  while (!reason.empty() && reason.back() == '\n') reason.pop_back();
  const bool passing = !IsUsable() || IsPassing(state);
  return Fail(passing ? ErrorCode::kUnavailable : ErrorCode::kIo,
              "PostgreSQL: " + reason + " in " + statement.substr(0, 60));
}

}  // namespace smartsynch
