// The two streamed answers: batches of rows, and the export of all feedback.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "server/api/app.h"
#include "server/api/batch_stream.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kPageRecords = 1000;

std::string ExportLine(const StoredFeedback& stored) {
  const FeedbackRecord& record = stored.record;
  ordered_json line = {{"sequence", stored.sequence},
                       {"key", record.key},
                       {"time", record.time_ms},
                       {"user", record.user_key},
                       {"experiment", record.experiment_id},
                       {"arm", record.arm},
                       {"accepted", record.accepted}};
  line["event"] = ordered_json::parse(record.event, nullptr, false);
  return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

// A page at a time, each read when the one before it was sent.
class ExportStream final : public BodyStream {
 public:
  ExportStream(Store& store, WorkPool& pool, std::uint64_t after,
               std::shared_ptr<StreamPlaces::Holder> place)
      : cursor_(std::make_shared<Cursor>()), store_(store), pool_(pool), place_(std::move(place)) {
    cursor_->after = after;
  }

  std::string ContentType() const override { return "application/x-ndjson"; }
  void Feed(std::string_view) override {}
  void Flush() override {}
  void End() override {}
  bool IsFull() const override { return false; }
  bool HasOutput() const override { return !cursor_->ended; }
  void WhenRevoked(std::function<void()> revoked) override {
    place_->WhenRevoked(std::move(revoked));
  }

  void Next(std::function<void(std::string)> done) override {
    place_->Work();
    const auto read = [cursor = cursor_, &store = store_, place = place_, done] {
      const Result<std::vector<StoredFeedback>> page =
          store.ListFeedback(cursor->after, kPageRecords);
      std::string text;
      if (!page) {
        // The status was sent long ago; the line says that what follows is missing.
        text = "{\"error\":" + ProblemJson(StatusOf(page.error().code), page.error()) + "}\n";
        cursor->ended = true;
      } else {
        for (const StoredFeedback& record : *page) text += ExportLine(record);
        cursor->ended = page->size() < kPageRecords;
        if (!page->empty()) cursor->after = page->back().sequence;
      }
      place->WaitForClient(StreamPlaces::Clock::now());
      done(std::move(text));
    };
    if (!pool_.Submit(read)) read();
  }

 private:
  struct Cursor {
    std::uint64_t after = 0;
    std::atomic<bool> ended{false};
  };
  std::shared_ptr<Cursor> cursor_;
  Store& store_;
  WorkPool& pool_;
  std::shared_ptr<StreamPlaces::Holder> place_;
};

HttpResponse TooManyStreams() {
  return Problem(503, {ErrorCode::kResourceExhausted, "too many streams; try again", {}});
}

}  // namespace

std::unique_ptr<BodyStream> App::OpenBatchStream(const HttpRequest& head,
                                                 std::optional<HttpResponse>& refusal) {
  BatchStreamOptions options;
  const std::optional<std::string> given = QueryValue(head, "tier");
  const std::string tier = given.value_or("");
  options.tier = tier.empty()        ? parts_.models.default_tier()
                 : tier == "instant" ? Tier::kInstant
                                     : Tier::kFull;
  if (given && tier != "instant" && tier != "full") {
    refusal = Problem(400, {ErrorCode::kInvalidArgument,
                            "tier: found \"" + tier + "\", expected full or instant", "tier"});
    return nullptr;
  }
  std::shared_ptr<StreamPlaces::Holder> place = streams_.Take(StreamPlaces::Clock::now());
  if (place == nullptr) {
    parts_.metrics.CountRejected(ServerMetrics::kQueueFull);
    refusal = TooManyStreams();
    return nullptr;
  }
  options.has_encoder = parts_.models.encoder() != nullptr;
  options.max_blocks = options_.threads + 2;
  options.max_rows = options_.max_stream_rows;
  return MakeBatchStream(options, parts_.models.active(), service_, std::move(place));
}

std::unique_ptr<BodyStream> App::OpenExportStream(const HttpRequest& head,
                                                  std::optional<HttpResponse>& refusal) {
  const std::optional<std::string> given = QueryValue(head, "after");
  const std::string after = given.value_or("0");
  if (after.empty() || after.size() > 17 ||
      after.find_first_not_of("0123456789") != std::string::npos) {
    refusal = Problem(400, {ErrorCode::kInvalidArgument,
                            "after: found \"" + after + "\", expected a sequence number", "after"});
    return nullptr;
  }
  std::shared_ptr<StreamPlaces::Holder> place = streams_.Take(StreamPlaces::Clock::now());
  if (place == nullptr) {
    refusal = TooManyStreams();
    return nullptr;
  }
  const std::uint64_t from = std::strtoull(after.c_str(), nullptr, 10);
  return std::make_unique<ExportStream>(parts_.store, pool_, from, std::move(place));
}

}  // namespace smartsynch
