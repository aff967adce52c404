#include "cli/trainer_options.h"

#include "cli/common.h"

namespace smartsynch {

void AddTrainerOptions(CLI::App& command, TrainerOptions& trainer) {
  command.add_option("--epochs", trainer.epochs, "at most")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command
      .add_option("--patience", trainer.patience,
                  "stop after this many epochs without a better validation loss")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command.add_option("--batch-size", trainer.batch_size, "samples a step")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command.add_option("--learning-rate", trainer.learning_rate, "of the dense head (AdamW)")
      ->check(Between(1e-9, 10.0))
      ->capture_default_str();
  command.add_option("--weight-decay", trainer.weight_decay, "of the dense head (AdamW)")
      ->check(Between(0.0, 10.0))
      ->capture_default_str();
  command
      .add_option("--lexical-learning-rate", trainer.lexical_learning_rate,
                  "of the lexical head (AdaGrad)")
      ->check(Between(1e-9, 10.0))
      ->capture_default_str();
  command.add_option("--dropout", trainer.dropout, "of the hidden layer")
      ->check(Between(0.0, 0.95))
      ->capture_default_str();
  command.add_option("--hidden", trainer.hidden, "units of the hidden layer")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command
      .add_option("--label-smoothing", trainer.label_smoothing, "share spread over all categories")
      ->check(Between(0.0, 0.9))
      ->capture_default_str();
}

void AddMembersOptions(CLI::App& command, TrainModelOptions& training) {
  command
      .add_option("--least-steps", training.few_rows.least_steps,
                  "with few rows: more epochs, until there are so many steps (0: no more)")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  command
      .add_option_function<std::size_t>(
          "--members",
          [&training](std::size_t members) {
            training.members = members;
            training.few_rows.members = members;
          },
          "heads from different starts, whose mean answers (default: 1, with few rows 3)")
      ->check(CLI::Range(std::size_t{1}, kMostMembers));
}

void KeepGivenSchedule(const CLI::App& command, FewRowsOptions& few_rows) {
  const auto is_given = [&](const char* name) {
    const CLI::Option* option = command.get_option_no_throw(name);
    return option != nullptr && option->count() > 0;
  };
  if (is_given("--least-steps")) return;
  if (is_given("--epochs") || is_given("--patience") || is_given("--learning-rate")) {
    few_rows.least_steps = 0;
  }
}

}  // namespace smartsynch
