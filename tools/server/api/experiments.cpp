// /v1/experiments: create, weights, results, promote, stop.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "server/api/app.h"
#include "server/api/assignment.h"
#include "server/api/request_json.h"
#include "server/store/check_records.h"
#include "smartsynch/experiment/sequential_test.h"

namespace smartsynch {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

Result<std::uint32_t> ReadWeight(const json& value, const std::string& field) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kMaxWeight) {
    return Fail(ErrorCode::kInvalidData, field + ": expected a whole number from 0 to 10000",
                field);
  }
  return value.get<std::uint32_t>();
}

Result<Experiment> ReadExperiment(const json& body) {
  Experiment experiment;
  Result<std::string> id = StringMember(body, "id", 64);
  if (!id) return tl::unexpected(id.error());
  if (id->empty() ||
      id->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos) {
    return Fail(ErrorCode::kInvalidData, "id: expected 1 to 64 of a-z, 0-9, - and _", "id");
  }
  experiment.id = std::move(*id);
  Result<std::string> name = StringMember(body, "name", 50);
  if (!name) return tl::unexpected(name.error());
  experiment.name = std::move(*name);
  if (const auto traffic = body.find("traffic"); traffic != body.end() && !traffic->is_null()) {
    const double share = traffic->is_number() ? traffic->get<double>() : 0;
    if (!(share >= 1.0 / kUserSlices && share <= 1)) {
      return Fail(ErrorCode::kInvalidData, "traffic: expected a number from 0.001 to 1", "traffic");
    }
    experiment.slices = static_cast<std::uint32_t>(std::lround(share * kUserSlices));
  }
  const auto arms = body.find("arms");
  if (arms == body.end() || !arms->is_array() || arms->size() < 2 || arms->size() > 16) {
    return Fail(ErrorCode::kInvalidData, "arms: expected an array of 2 to 16 arms", "arms");
  }
  std::uint64_t total = 0;
  for (const json& one : *arms) {
    const std::string field = "arms[" + std::to_string(experiment.arms.size()) + "]";
    if (!one.is_object()) {
      return Fail(ErrorCode::kInvalidData, field + ": expected an object", field);
    }
    ExperimentArm arm;
    const Result<std::string> arm_name = StringMember(one, "name", 64);
    const Result<std::string> version = StringMember(one, "modelVersion", 16);
    // An arm's name goes into a response's header.
    const auto is_plain = [](char c) { return c > 0x20 && c < 0x7F && c != ';' && c != ','; };
    if (!arm_name || arm_name->empty() ||
        !std::all_of(arm_name->begin(), arm_name->end(), is_plain)) {
      return Fail(ErrorCode::kInvalidData,
                  field + ".name: expected 1 to 64 visible ASCII characters without ; and ,",
                  field + ".name");
    }
    for (const ExperimentArm& other : experiment.arms) {
      if (other.name == *arm_name) {
        return Fail(ErrorCode::kInvalidData, field + ".name: two arms have this name",
                    field + ".name");
      }
    }
    if (!version || version->empty()) {
      return Fail(ErrorCode::kInvalidData, field + ".modelVersion: expected a version",
                  field + ".modelVersion");
    }
    arm.name = *arm_name;
    arm.model_version = *version;
    if (one.contains("weight")) {
      const Result<std::uint32_t> weight = ReadWeight(one["weight"], field + ".weight");
      if (!weight) return tl::unexpected(weight.error());
      arm.weight = *weight;
    }
    total += arm.weight;
    experiment.arms.push_back(std::move(arm));
  }
  if (total == 0) {
    return Fail(ErrorCode::kInvalidData, "arms: expected a weight above 0", "arms");
  }
  return experiment;
}

ordered_json ToJson(const Interval& interval) { return {interval.low, interval.high}; }

}  // namespace

HttpResponse App::DescribeExperiment(const Experiment& experiment, int status) {
  const Result<std::vector<ArmCount>> counts = parts_.store.ExperimentCounts(experiment.id);
  if (!counts) return Problem(counts.error());
  const auto count_of = [&](const std::string& arm) {
    for (const ArmCount& count : *counts) {
      if (count.arm == arm) return count;
    }
    return ArmCount{arm, 0, 0};
  };
  const ArmCount champion = count_of(experiment.arms.front().name);
  ordered_json arms = ordered_json::array();
  for (const ExperimentArm& arm : experiment.arms) {
    const ArmCount count = count_of(arm.name);
    ordered_json one = {{"name", arm.name},
                        {"modelVersion", arm.model_version},
                        {"weight", arm.weight},
                        {"shown", count.shown},
                        {"accepted", count.accepted}};
    one["rate"] =
        count.shown == 0
            ? ordered_json()
            : ordered_json(static_cast<double>(count.accepted) / static_cast<double>(count.shown));
    one["rateInterval"] = ToJson(WilsonInterval(count.accepted, count.shown));
    if (&arm != &experiment.arms.front()) {
      // Against the first arm, the champion; may be read as often as one likes.
      const Result<ArmComparison> now =
          CompareArms({champion.shown, champion.accepted}, {count.shown, count.accepted});
      if (!now) return Problem(now.error());
      one["difference"] = now->difference;
      one["differenceInterval"] = {now->low, now->high};
      one["verdict"] = VerdictName(now->verdict);
    }
    arms.push_back(std::move(one));
  }
  return JsonResponse(status, {{"id", experiment.id},
                               {"name", experiment.name},
                               {"state", ExperimentStateName(experiment.state)},
                               {"winner", experiment.winner},
                               {"traffic", static_cast<double>(experiment.slices) / kUserSlices},
                               {"created", experiment.created_ms},
                               {"changed", experiment.changed_ms},
                               {"arms", std::move(arms)}});
}

HttpResponse App::ListExperiments() {
  const Result<std::vector<Experiment>> experiments = parts_.store.ListExperiments();
  if (!experiments) return Problem(experiments.error());
  ordered_json list = ordered_json::array();
  for (const Experiment& experiment : *experiments) {
    list.push_back({{"id", experiment.id},
                    {"name", experiment.name},
                    {"state", ExperimentStateName(experiment.state)},
                    {"winner", experiment.winner}});
  }
  return JsonResponse(200, {{"experiments", std::move(list)}});
}

HttpResponse App::OneExperiment(const std::string& id) {
  const Result<std::vector<Experiment>> experiments = parts_.store.ListExperiments();
  if (!experiments) return Problem(experiments.error());
  for (const Experiment& experiment : *experiments) {
    if (experiment.id == id) return DescribeExperiment(experiment, 200);
  }
  return Problem({ErrorCode::kNotFound, "no such experiment", "id"});
}

HttpResponse App::CreateExperiment(const HttpRequest& request) {
  const Result<json> body = ParseObject(request.body);
  if (!body) return Problem(body.error());
  Result<Experiment> experiment = ReadExperiment(*body);
  if (!experiment) return Problem(experiment.error());
  experiment->created_ms = NowMs();
  experiment->changed_ms = experiment->created_ms;
  const Result<Experiment> created = parts_.store.CreateExperiment(*experiment);
  if (!created) return Problem(created.error());
  Announce();
  return DescribeExperiment(*created, 201);
}

HttpResponse App::SetWeights(const std::string& id, const HttpRequest& request) {
  const Result<json> body = ParseObject(request.body);
  if (!body) return Problem(body.error());
  const auto list = body->find("weights");
  if (list == body->end() || !list->is_array()) {
    return Problem({ErrorCode::kInvalidData, "weights: expected an array, one an arm", "weights"});
  }
  std::vector<std::uint32_t> weights;
  for (const json& one : *list) {
    const Result<std::uint32_t> weight =
        ReadWeight(one, "weights[" + std::to_string(weights.size()) + "]");
    if (!weight) return Problem(weight.error());
    weights.push_back(*weight);
  }
  const Result<Experiment> changed = parts_.store.SetWeights(id, weights, NowMs());
  if (!changed) return Problem(changed.error());
  Announce();
  return DescribeExperiment(*changed, 200);
}

HttpResponse App::Promote(const std::string& id, const HttpRequest& request) {
  const Result<json> body = ParseObject(request.body);
  if (!body) return Problem(body.error());
  const Result<std::string> winner = StringMember(*body, "winner", 64);
  if (!winner) return Problem(winner.error());
  if (winner->empty()) {
    return Problem({ErrorCode::kInvalidData, "winner: expected an arm's name", "winner"});
  }
  return EndExperiment(id, ExperimentState::kPromoted, *winner);
}

HttpResponse App::EndExperiment(const std::string& id, ExperimentState how,
                                const std::string& winner) {
  const Result<Experiment> ended = parts_.store.EndExperiment(id, how, winner, NowMs());
  if (!ended) return Problem(ended.error());
  Announce();
  return DescribeExperiment(*ended, 200);
}

}  // namespace smartsynch
