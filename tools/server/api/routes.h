// Every path the server answers, who may ask, and how large a body may be. tests/server compares
// this table with /openapi.json.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smartsynch {

enum class Access { kAnyone, kWrite, kAdmin };

enum class RouteId : std::size_t {
  kPredict,
  kBatch,
  kFeedback,
  kForget,
  kCategories,
  kAddCategory,
  kRenameCategory,
  kMergeCategory,
  kRemoveCategory,
  kModels,
  kUploadModel,
  kRollBack,
  kActivate,
  kLearning,
  kExperiments,
  kCreateExperiment,
  kExperiment,
  kWeights,
  kPromote,
  kStop,
  kExport,
  kHealth,
  kReady,
  kMetrics,
  kOpenApi,
  kNone,  // no such path or method; counted under one name
};

enum class Body { kNone, kJson, kModel };

struct Route {
  RouteId id;
  const char* method;
  const char* path;  // "{id}" stands for one segment
  Access access;
  Body body;
};

inline constexpr Route kRoutes[] = {
    {RouteId::kPredict, "POST", "/v1/predict", Access::kAnyone, Body::kJson},
    {RouteId::kBatch, "POST", "/v1/batch", Access::kAnyone, Body::kJson},
    {RouteId::kFeedback, "POST", "/v1/feedback", Access::kWrite, Body::kJson},
    {RouteId::kForget, "DELETE", "/v1/feedback", Access::kAdmin, Body::kNone},
    {RouteId::kCategories, "GET", "/v1/categories", Access::kAnyone, Body::kNone},
    {RouteId::kAddCategory, "POST", "/v1/categories", Access::kAdmin, Body::kJson},
    {RouteId::kRenameCategory, "POST", "/v1/categories/{id}/rename", Access::kAdmin, Body::kJson},
    {RouteId::kMergeCategory, "POST", "/v1/categories/{id}/merge", Access::kAdmin, Body::kJson},
    {RouteId::kRemoveCategory, "DELETE", "/v1/categories/{id}", Access::kAdmin, Body::kNone},
    {RouteId::kModels, "GET", "/v1/models", Access::kAnyone, Body::kNone},
    {RouteId::kUploadModel, "POST", "/v1/models", Access::kAdmin, Body::kModel},
    {RouteId::kRollBack, "POST", "/v1/models/rollback", Access::kAdmin, Body::kNone},
    {RouteId::kActivate, "POST", "/v1/models/{id}/activate", Access::kAdmin, Body::kNone},
    {RouteId::kLearning, "GET", "/v1/learning", Access::kAnyone, Body::kNone},
    {RouteId::kExperiments, "GET", "/v1/experiments", Access::kAnyone, Body::kNone},
    {RouteId::kCreateExperiment, "POST", "/v1/experiments", Access::kAdmin, Body::kJson},
    {RouteId::kExperiment, "GET", "/v1/experiments/{id}", Access::kAnyone, Body::kNone},
    {RouteId::kWeights, "POST", "/v1/experiments/{id}/weights", Access::kAdmin, Body::kJson},
    {RouteId::kPromote, "POST", "/v1/experiments/{id}/promote", Access::kAdmin, Body::kJson},
    {RouteId::kStop, "POST", "/v1/experiments/{id}/stop", Access::kAdmin, Body::kNone},
    {RouteId::kExport, "GET", "/v1/export", Access::kAdmin, Body::kNone},
    {RouteId::kHealth, "GET", "/healthz", Access::kAnyone, Body::kNone},
    {RouteId::kReady, "GET", "/readyz", Access::kAnyone, Body::kNone},
    {RouteId::kMetrics, "GET", "/metrics", Access::kAnyone, Body::kNone},
    {RouteId::kOpenApi, "GET", "/openapi.json", Access::kAnyone, Body::kNone},
};

struct RouteMatch {
  const Route* route = nullptr;  // null: see `allowed`
  std::string id;                // what stands for {id}, decoded
  std::string allowed;           // methods of a path that is known, "GET, POST"; empty: unknown
};

// `path` as sent, percent-encoded. HEAD is answered as GET.
RouteMatch MatchRoute(std::string_view method, std::string_view path);

}  // namespace smartsynch
