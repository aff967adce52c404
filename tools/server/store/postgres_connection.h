// One connection to PostgreSQL. Thread safety: one thread at a time.
#pragma once

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <string>

#include "server/store/postgres_store.h"
#include "server/store/sql.h"

namespace smartsynch {

class PostgresConnection : public SqlConnection {
 public:
  // Fails with kUnavailable.
  static Result<std::unique_ptr<PostgresConnection>> Open(const PostgresOptions& options);

  using SqlConnection::Run;
  Result<SqlRows> Run(const std::string& statement, std::span<const SqlValue> parameters) override;

  // False once it broke; then only destroying it is left.
  bool IsUsable() const { return PQstatus(connection_.get()) == CONNECTION_OK; }
  bool IsInTransaction() const { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }

 private:
  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  explicit PostgresConnection(PGconn* connection) : connection_(connection) {}
  tl::unexpected<Error> Failure(const PGresult* result, const std::string& statement) const;

  std::unique_ptr<PGconn, Close> connection_;
  std::map<std::string, std::string> prepared_;  // statement to its name
};

}  // namespace smartsynch
