// POST /v1/batch with application/x-ndjson: one task a line in, one prediction a line out, in
// order, the response written while the request is read. Memory: a few blocks of rows, whatever the
// number of rows. A bad row gives {"row": N, "error": {problem details}} in its place.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "server/http/handler.h"
#include "server/http/stream_places.h"
#include "server/predict/predict_service.h"

namespace smartsynch {

struct BatchStreamOptions {
  Tier tier = Tier::kFull;
  bool has_encoder = true;       // false: a row that asks for the full tier is an error
  std::size_t block_rows = 256;  // rows of similar length among them go through together
  std::size_t max_blocks = 4;    // waiting for their answers
  std::size_t max_row_bytes = std::size_t{1} << 18U;
  std::uint64_t max_rows = 0;
};

std::unique_ptr<BodyStream> MakeBatchStream(const BatchStreamOptions& options,
                                            std::shared_ptr<ServingModel> model,
                                            PredictService& service,
                                            std::shared_ptr<StreamPlaces::Holder> place);

}  // namespace smartsynch
