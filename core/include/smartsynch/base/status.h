// Errors as values. No function of the core throws; whatever can fail returns Result<T>.
//
//   Result<Head> head = Head::FromTensors(tensors);
//   if (!head) return tl::unexpected(head.error());   // pass it on
//   Use(*head);
//
// Thread safety: plain values, as safe as their members.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace smartsynch {

// The numbers are part of the interface (the TypeScript table and stored logs use them): never
// renumber, only append.
enum class ErrorCode : int {
  kInvalidArgument = 1,     // a value given by the caller is out of its range
  kInvalidData = 2,         // a data row or document is malformed
  kInvalidVocabulary = 3,   // a vocabulary file is malformed
  kInvalidModel = 4,        // a model file is malformed, damaged or fails its self-test
  kIncompatible = 5,        // two good parts that do not belong together (hash or shape differs)
  kUnsupportedVersion = 6,  // written by a later format than this build reads
  kNotFound = 7,            // a named thing (category, model, file) does not exist
  kAlreadyExists = 8,       // a name or id is taken
  kCancelled = 9,           // the caller asked to stop
  kUnavailable = 10,        // a service, file or runtime could not be reached
  kIo = 11,                 // reading or writing failed
  kResourceExhausted = 12,  // a documented limit (size, count, memory) was passed
  kInternal = 13,           // a broken promise inside the library; please report
};

// The name used in messages, JSON and TypeScript, such as "invalid_model".
const char* ErrorCodeName(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  // One sentence for a person: what was found, where, and what was expected.
  std::string message;
  // The offending input by path, such as "samples[3].category", "--epochs" or "tensor head.w1".
  // Empty when no single field is to blame.
  std::string field;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = tl::expected<void, Error>;

inline tl::unexpected<Error> Fail(ErrorCode code, std::string message, std::string field = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(field)});
}

}  // namespace smartsynch
