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

}  // namespace smartsynch
