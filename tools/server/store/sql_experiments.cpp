#include <algorithm>
#include <map>

#include "server/store/check_records.h"
#include "server/store/sql_store.h"

namespace smartsynch {
namespace {

ExperimentState ToState(const std::string& name) {
  if (name == "promoted") return ExperimentState::kPromoted;
  return name == "stopped" ? ExperimentState::kStopped : ExperimentState::kRunning;
}

Result<std::vector<Experiment>> ReadAll(SqlConnection& connection) {
  const auto rows = connection.Run(
      "SELECT id, name, state, winner, created_ms, changed_ms, first_slice, slices"
      " FROM smartsynch_experiments ORDER BY position",
      {});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Experiment> experiments;
  std::map<std::string, std::size_t> places;
  for (const SqlRow& row : *rows) {
    places.emplace(row[0], experiments.size());
    Experiment experiment;
    experiment.id = row[0];
    experiment.name = row[1];
    experiment.state = ToState(row[2]);
    experiment.winner = row[3];
    experiment.created_ms = ToInteger(row[4]);
    experiment.changed_ms = ToInteger(row[5]);
    experiment.first_slice = static_cast<std::uint32_t>(ToUnsigned(row[6]));
    experiment.slices = static_cast<std::uint32_t>(ToUnsigned(row[7]));
    experiments.push_back(std::move(experiment));
  }
  const auto arms = connection.Run(
      "SELECT experiment_id, name, model_version, weight FROM smartsynch_arms"
      " ORDER BY experiment_id, position",
      {});
  if (!arms) return tl::unexpected(arms.error());
  for (const SqlRow& row : *arms) {
    const auto place = places.find(row[0]);
    if (place == places.end()) continue;
    experiments[place->second].arms.push_back(
        {row[1], row[2], static_cast<std::uint32_t>(ToUnsigned(row[3]))});
  }
  return experiments;
}

Result<Experiment> Find(SqlConnection& connection, const std::string& id) {
  Result<std::vector<Experiment>> all = ReadAll(connection);
  if (!all) return tl::unexpected(all.error());
  for (Experiment& experiment : *all) {
    if (experiment.id == id) return std::move(experiment);
  }
  return Fail(ErrorCode::kNotFound, "no experiment has the id \"" + id + "\"", "id");
}

Result<Experiment> FindRunning(SqlConnection& connection, const std::string& id) {
  Result<Experiment> found = Find(connection, id);
  if (found && found->state != ExperimentState::kRunning) {
    return Fail(ErrorCode::kInvalidArgument,
                "the experiment \"" + id + "\" has ended (" + ExperimentStateName(found->state) +
                    "), expected a running one",
                "id");
  }
  return found;
}

// Writes the fields that may change and lets every replica know.
Result<Experiment> Save(SqlConnection& connection, const Experiment& experiment) {
  const auto done = connection.Run(
      "UPDATE smartsynch_experiments SET state = $1, winner = $2, changed_ms = $3 WHERE id = $4",
      {SqlValue::Text(ExperimentStateName(experiment.state)), SqlValue::Text(experiment.winner),
       SqlValue::Integer(experiment.changed_ms), SqlValue::Text(experiment.id)});
  if (!done) return tl::unexpected(done.error());
  for (std::size_t i = 0; i < experiment.arms.size(); ++i) {
    const auto arm = connection.Run(
        "UPDATE smartsynch_arms SET weight = $1 WHERE experiment_id = $2 AND position = $3",
        {SqlValue::Integer(experiment.arms[i].weight), SqlValue::Text(experiment.id),
         SqlValue::Unsigned(i)});
    if (!arm) return tl::unexpected(arm.error());
  }
  const Status grown = GrowRevision(connection);
  if (!grown) return tl::unexpected(grown.error());
  return experiment;
}

Status CheckVersions(SqlConnection& connection, const Experiment& experiment) {
  for (std::size_t i = 0; i < experiment.arms.size(); ++i) {
    const std::string& version = experiment.arms[i].model_version;
    const auto known = connection.Run("SELECT version FROM smartsynch_models WHERE version = $1",
                                      {SqlValue::Text(version)});
    if (!known) return tl::unexpected(known.error());
    if (known->empty()) {
      return Fail(ErrorCode::kNotFound, "no model has the version \"" + version + "\"",
                  "arms[" + std::to_string(i) + "].model_version");
    }
  }
  return {};
}

// The first place of `wanted` slices that no running experiment has.
Result<std::uint32_t> FreeSlices(const std::vector<Experiment>& experiments, std::uint32_t wanted) {
  std::vector<bool> taken(kUserSlices, false);
  for (const Experiment& experiment : experiments) {
    if (experiment.state != ExperimentState::kRunning) continue;
    const std::uint32_t end = std::min(experiment.first_slice + experiment.slices, kUserSlices);
    for (std::uint32_t slice = experiment.first_slice; slice < end; ++slice) taken[slice] = true;
  }
  std::uint32_t free = 0;
  for (std::uint32_t slice = 0; slice < kUserSlices; ++slice) {
    free = taken[slice] ? 0 : free + 1;
    if (free == wanted) return slice + 1 - wanted;
  }
  return Fail(ErrorCode::kAlreadyExists,
              "the running experiments leave no " + std::to_string(wanted) + " of " +
                  std::to_string(kUserSlices) + " parts of the users together; end one first",
              "traffic");
}

Result<Experiment> Create(SqlConnection& connection, const Experiment& experiment) {
  const Status versions = CheckVersions(connection, experiment);
  if (!versions) return tl::unexpected(versions.error());
  const Result<std::vector<Experiment>> others = ReadAll(connection);
  if (!others) return tl::unexpected(others.error());
  for (const Experiment& other : *others) {
    if (other.id != experiment.id) continue;
    return Fail(ErrorCode::kAlreadyExists, "there is an experiment \"" + experiment.id + "\"",
                "id");
  }
  const Result<std::uint32_t> first_slice = FreeSlices(*others, experiment.slices);
  if (!first_slice) return tl::unexpected(first_slice.error());
  const auto added = connection.Run(
      "INSERT INTO smartsynch_experiments (id, name, state, winner, created_ms, changed_ms,"
      " first_slice, slices) VALUES ($1, $2, 'running', '', $3, $3, $4, $5)",
      {SqlValue::Text(experiment.id), SqlValue::Text(experiment.name),
       SqlValue::Integer(experiment.created_ms), SqlValue::Unsigned(*first_slice),
       SqlValue::Unsigned(experiment.slices)});
  if (!added) return tl::unexpected(added.error());
  for (std::size_t i = 0; i < experiment.arms.size(); ++i) {
    const ExperimentArm& arm = experiment.arms[i];
    const auto done = connection.Run(
        "INSERT INTO smartsynch_arms (experiment_id, position, name, model_version, weight, shown,"
        " accepted) VALUES ($1, $2, $3, $4, $5, 0, 0)",
        {SqlValue::Text(experiment.id), SqlValue::Unsigned(i), SqlValue::Text(arm.name),
         SqlValue::Text(arm.model_version), SqlValue::Integer(arm.weight)});
    if (!done) return tl::unexpected(done.error());
  }
  const Status grown = GrowRevision(connection);
  if (!grown) return tl::unexpected(grown.error());
  return Find(connection, experiment.id);
}

}  // namespace

Result<Experiment> SqlStore::CreateExperiment(const Experiment& experiment) {
  const Status fine = CheckExperiment(experiment);
  if (!fine) return tl::unexpected(fine.error());
  return TransactFor<Experiment>(*database_, SqlAccess::kWrite, [&](SqlConnection& connection) {
    return Create(connection, experiment);
  });
}

Result<std::vector<Experiment>> SqlStore::ListExperiments() {
  return TransactFor<std::vector<Experiment>>(*database_, SqlAccess::kRead, ReadAll);
}

Result<Experiment> SqlStore::SetWeights(const std::string& id,
                                        std::span<const std::uint32_t> weights,
                                        std::int64_t time_ms) {
  const Status fine = CheckWeights(weights);
  if (!fine) return tl::unexpected(fine.error());
  return TransactFor<Experiment>(
      *database_, SqlAccess::kWrite, [&](SqlConnection& connection) -> Result<Experiment> {
        Result<Experiment> found = FindRunning(connection, id);
        if (!found) return found;
        if (weights.size() != found->arms.size()) {
          return Fail(ErrorCode::kInvalidArgument,
                      std::to_string(weights.size()) + " weights, expected one for each of " +
                          std::to_string(found->arms.size()) + " arms",
                      "weights");
        }
        for (std::size_t i = 0; i < weights.size(); ++i) found->arms[i].weight = weights[i];
        found->changed_ms = time_ms;
        return Save(connection, *found);
      });
}

Result<Experiment> SqlStore::EndExperiment(const std::string& id, ExperimentState state,
                                           const std::string& winner, std::int64_t time_ms) {
  if (state == ExperimentState::kRunning) {
    return Fail(ErrorCode::kInvalidArgument, "an experiment ends as promoted or stopped", "state");
  }
  return TransactFor<Experiment>(
      *database_, SqlAccess::kWrite, [&](SqlConnection& connection) -> Result<Experiment> {
        Result<Experiment> found = FindRunning(connection, id);
        if (!found) return found;
        found->state = state;
        found->changed_ms = time_ms;
        if (state == ExperimentState::kPromoted) {
          const ExperimentArm* arm = nullptr;
          for (const ExperimentArm& one : found->arms) {
            if (one.name == winner) arm = &one;
          }
          if (arm == nullptr) {
            return Fail(ErrorCode::kInvalidArgument,
                        "winner \"" + winner + "\" is no arm of \"" + id + "\"", "winner");
          }
          found->winner = winner;
          const auto active =
              ActivateIn(connection, arm->model_version, time_ms, "promoted by experiment " + id);
          if (!active) return tl::unexpected(active.error());
        }
        return Save(connection, *found);
      });
}

Result<std::vector<ArmCount>> SqlStore::ExperimentCounts(const std::string& id) {
  return TransactFor<std::vector<ArmCount>>(
      *database_, SqlAccess::kRead,
      [&](SqlConnection& connection) -> Result<std::vector<ArmCount>> {
        const auto rows = connection.Run(
            "SELECT name, shown, accepted FROM smartsynch_arms WHERE experiment_id = $1"
            " ORDER BY position",
            {SqlValue::Text(id)});
        if (!rows) return tl::unexpected(rows.error());
        if (rows->empty()) {
          return Fail(ErrorCode::kNotFound, "no experiment has the id \"" + id + "\"", "id");
        }
        std::vector<ArmCount> counts;
        for (const SqlRow& row : *rows) {
          counts.push_back({row[0], ToUnsigned(row[1]), ToUnsigned(row[2])});
        }
        return counts;
      });
}

}  // namespace smartsynch
