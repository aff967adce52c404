// The command line program: `smartsynch VERB`. Each verb is one row of the table below.
#include <algorithm>
#include <csignal>
#include <exception>
#include <iterator>
#include <string>

#include "cli/common.h"

namespace {

struct Verb {
  const char* name;
  const char* summary;
  smartsynch::VerbAction (*define)(CLI::App& command);
};

constexpr Verb kVerbs[] = {
    {"prepare", "Check a data set, find duplicates, split it", smartsynch::DefinePrepare},
    {"train", "Train a model", smartsynch::DefineTrain},
    {"evaluate", "Measure a model on labelled data", smartsynch::DefineEvaluate},
    {"cross-validate", "Measure a training on rows it has not seen",
     smartsynch::DefineCrossValidate},
    {"fine-tune", "Train a model further on a user's feedback", smartsynch::DefineFineTune},
    {"distill", "Make the instant tier's token table from an encoder", smartsynch::DefineDistill},
    {"runs", "List logged training runs, send them to MLflow", smartsynch::DefineRuns},
    {"models", "Installed models: list, compare, activate, roll back", smartsynch::DefineModels},
    {"verify", "Check a model file and this machine's answers", smartsynch::DefineVerify},
    {"report", "Write a model's figures as an HTML page with plots", smartsynch::DefineReport},
    {"predict", "Categorise one task, or a stream of them", smartsynch::DefinePredict},
    {"serve", "Answer over HTTP: predictions, batches, feedback, versions",
     smartsynch::DefineServe},
};

bool IsVerb(const std::string& word) {
  return std::any_of(std::begin(kVerbs), std::end(kVerbs),
                     [&](const Verb& verb) { return word == verb.name; });
}

// CLI11 itself would only say that a verb is missing.
int ReportUnknownVerb(const std::string& word) {
  std::string message = "unknown verb \"" + word + "\", expected one of";
  for (const Verb& verb : kVerbs) message += std::string(" ") + verb.name;
  return smartsynch::ReportUsage(message);
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away shows as a failed write, which ends the work in order.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app("SmartSynch puts a category on a task, on your own machine.", "smartsynch");
  app.set_version_flag("--version", std::string("smartsynch ") + SMARTSYNCH_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 success, 1 failure, 2 wrong usage. `smartsynch VERB --help` says more.");
  int exit_code = smartsynch::kExitSuccess;
  for (const Verb& verb : kVerbs) {
    CLI::App* command = app.add_subcommand(verb.name, verb.summary);
    const smartsynch::VerbAction action = verb.define(*command);
    command->final_callback([action, &exit_code] { exit_code = action(); });
  }
  if (argc > 1 && argv[1][0] != '-' && !IsVerb(argv[1])) {
    return ReportUnknownVerb(argv[1]);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help and --version arrive here as well, with code 0.
    return app.exit(error) == 0 ? smartsynch::kExitSuccess : smartsynch::kExitUsage;
  } catch (const std::exception& error) {
    // Such as no memory left.
    return smartsynch::ReportFailure({smartsynch::ErrorCode::kInternal, error.what(), {}});
  }
  return exit_code;
}
