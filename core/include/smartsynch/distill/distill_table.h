// Learns a token table (nn/token_table.h) from a sentence encoder. First every vocabulary entry,
// encoded alone, is projected to a few principal axes and weighted by how rare it is (Model2Vec,
// Tulkens & van Dongen 2024; smooth inverse frequency, Arora, Liang & Ma 2017). Then the rows are
// trained so that a text's sum of rows points where the encoder's embedding of the text does
// (tokenlearn, Tulkens & van Dongen 2024), with rounding to few bits already in place, until texts
// held out no longer gain.
//
//   DistillData data = {384, entry_embeddings, token_ids_of_texts, text_embeddings};
//   Result<DistilledTable> distilled = DistillTable(data, {});
//   distilled->table.Embed(ids, embedding);
//
// The same data, options and seed give the same bytes on every host. Thread safety: pure but for
// the callback, which runs on the calling thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/nn/token_table.h"

namespace smartsynch {

struct DistillData {
  std::size_t encoder_dimension = 0;
  // [vocabulary, encoder_dimension]: each entry encoded alone. An entry whose values are all zero
  // gets no row.
  std::vector<float> entries;
  std::vector<std::vector<std::int32_t>> texts;  // token ids
  std::vector<float> targets;                    // [texts, encoder_dimension]
};

struct DistillOptions {
  std::size_t dimension = 128;  // even, at most the encoder's
  unsigned bits = 3;            // 3, 4 or 8; nn/token_table.h
  std::size_t epochs = 10;      // at most
  std::size_t patience = 3;     // stop after this many epochs without a better held-out cosine
  std::size_t batch_size = 32;
  float learning_rate = 0.03F;  // AdaGrad, against rows of mean length one; falls linearly to zero
  double held_out = 0.05;       // share of the texts kept for early stopping; 0 or more, below 1
  std::uint64_t seed = 1;
};

struct DistillEpoch {
  std::size_t epoch = 0;         // from 0: before any training
  double train_cosine = 0.0;     // mean over the steps; 0 in epoch 0
  double held_out_cosine = 0.0;  // of the rounded table, mean over held-out texts
  bool is_best = false;
};

struct DistilledTable {
  TokenTable table;  // complete but for the three hashes, which only the caller knows
  std::vector<DistillEpoch> history;
  double explained = 0.0;     // share of the texts' variance that the axes hold
  std::size_t used_rows = 0;  // rows that are not zero
};

// Whether an entry of an uncased English vocabulary is worth a row: not special ("[MASK]",
// "[unused7]"), and of Latin letters, digits and ASCII signs.
bool IsDistilledToken(std::string_view token);

// Return false to cancel.
using DistillCallback = std::function<bool(const DistillEpoch&, std::size_t epochs)>;

// Fails with kInvalidArgument, naming the field, for options or ids out of range, columns of
// different length, values that are not finite, or no text; with kCancelled when the callback says
// so.
Result<DistilledTable> DistillTable(const DistillData& data, const DistillOptions& options,
                                    const DistillCallback& on_epoch = {});

}  // namespace smartsynch
