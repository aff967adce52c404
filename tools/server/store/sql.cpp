#include "server/store/sql.h"

#include <cstdlib>

#include "server/store/check_records.h"

namespace smartsynch {

std::int64_t ToInteger(const std::string& column) {
  return std::strtoll(column.c_str(), nullptr, 10);
}

std::uint64_t ToUnsigned(const std::string& column) {
  return static_cast<std::uint64_t>(ToInteger(column));
}

Result<SqlRows> SqlConnection::Run(const std::string& statement,
                                   std::initializer_list<SqlValue> parameters) {
  for (const SqlValue& value : parameters) {
    if (value.kind == SqlValue::Kind::kText && !IsStorableText(value.text)) {
      return Fail(ErrorCode::kInvalidArgument,
                  "a text is not well-formed UTF-8 without zero bytes");
    }
  }
  return Run(statement, std::span<const SqlValue>(parameters.begin(), parameters.size()));
}

}  // namespace smartsynch
