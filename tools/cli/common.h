// What the verbs share: exit codes, options, and how results and errors leave the program.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "cli/engine.h"
#include "smartsynch/base/status.h"

namespace smartsynch {

inline constexpr int kExitSuccess = 0;
inline constexpr int kExitFailure = 1;  // a message on standard error says why
inline constexpr int kExitUsage = 2;    // the command line makes no sense

// A verb adds its options to `command` and returns what to do once they are parsed; the action
// returns the exit code.
using VerbAction = std::function<int()>;
VerbAction DefineCrossValidate(CLI::App& command);
VerbAction DefineDistill(CLI::App& command);
VerbAction DefineEvaluate(CLI::App& command);
VerbAction DefineFineTune(CLI::App& command);
VerbAction DefinePredict(CLI::App& command);
VerbAction DefinePrepare(CLI::App& command);
VerbAction DefineModels(CLI::App& command);
VerbAction DefineReport(CLI::App& command);
VerbAction DefineRuns(CLI::App& command);
VerbAction DefineServe(CLI::App& command);
VerbAction DefineTrain(CLI::App& command);
VerbAction DefineVerify(CLI::App& command);

// Options that several verbs have.
void AddEncoderOptions(CLI::App& command, EngineOptions& options);
void AddTokenTableOption(CLI::App& command, EngineOptions& options);
void AddModelOptions(CLI::App& command, EngineOptions& options);  // with both of the above
void AddJsonFlag(CLI::App& command, bool& json);
void AddStrictFlag(CLI::App& command, bool& strict);
void AddArrayOption(CLI::App& command, std::string& array);

// Accepts numbers from `low` to `high`; unlike CLI::Range it does not take NaN for one.
CLI::Validator Between(double low, double high);

// "smartsynch: MESSAGE" on standard error; gives kExitFailure.
int ReportFailure(const Error& error);
int ReportUsage(std::string_view message);

// Writes a result to standard output; gives the exit code. A reader that has gone away is no
// failure.
int PrintText(std::string_view text);
int PrintJson(const nlohmann::ordered_json& json);

}  // namespace smartsynch
