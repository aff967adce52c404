#include "cli/common.h"

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/file.h"

namespace smartsynch {

void AddEncoderOptions(CLI::App& command, EngineOptions& options) {
  command.add_option("--encoder", options.encoder,
                     "ONNX graph of the sentence encoder (default: $SMARTSYNCH_ENCODER, else "
                     "models/base_model/encoder.onnx)");
  command.add_option("--vocabulary", options.vocabulary,
                     "the encoder's vocab.txt (default: models/base_model/vocab.txt)");
  command.add_option("--threads", options.threads, "threads of the encoder (default: all cores)")
      ->check(CLI::Range(1, 256));
}

void AddTokenTableOption(CLI::App& command, EngineOptions& options) {
  command.add_option("--token-table", options.token_table,
                     "token table that distill made, or none (default: "
                     "models/base_model/token_table.safetensors)");
}

void AddModelOptions(CLI::App& command, EngineOptions& options) {
  command.add_option("--model", options.model, "model file (default: the one in models/)");
  AddEncoderOptions(command, options);
  AddTokenTableOption(command, options);
  const auto set_tier = [&options](const std::string& name) {
    options.tier = name == "instant" ? Tier::kInstant : Tier::kFull;
  };
  command
      .add_option_function<std::string>(
          "--tier", set_tier,
          "full: with the sentence encoder; instant: the small heads alone (default: full)")
      ->check(CLI::IsMember({"full", "instant"}));
}

void AddJsonFlag(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "print JSON for machines");
}

void AddStrictFlag(CLI::App& command, bool& strict) {
  command.add_flag("--strict", strict,
                   "stop at the first malformed row instead of skipping and counting it");
}

void AddArrayOption(CLI::App& command, std::string& array) {
  command.add_option("--split", array,
                     "member of a JSON document that holds the samples, such as \"train\" "
                     "(default: samples)");
}

CLI::Validator Between(double low, double high) {
  const auto check = [low, high](std::string& text) -> std::string {
    double value = 0;
    const bool is_number = CLI::detail::lexical_cast(text, value);
    if (is_number && value >= low && value <= high) return {};
    return "found " + text + ", expected a number from " + CLI::detail::to_string(low) + " to " +
           CLI::detail::to_string(high);
  };
  return CLI::Validator(
      check, "in [" + CLI::detail::to_string(low) + " - " + CLI::detail::to_string(high) + "]");
}

int ReportFailure(const Error& error) {
  std::fprintf(stderr, "smartsynch: %s\n", error.message.c_str());
  return kExitFailure;
}

int ReportUsage(std::string_view message) {
  std::fprintf(stderr, "smartsynch: %.*s\nRun with --help for more information.\n",
               static_cast<int>(message.size()), message.data());
  return kExitUsage;
}

int PrintText(std::string_view text) {
  OutputStream out(STDOUT_FILENO);
  out.Write(text);
  const Status status = out.Flush();
  if (!status && status.error().code != ErrorCode::kCancelled) return ReportFailure(status.error());
  return kExitSuccess;
}

int PrintJson(const nlohmann::ordered_json& json) {
  return PrintText(json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
                   "\n");
}

}  // namespace smartsynch
