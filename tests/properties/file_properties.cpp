#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "generators.h"
#include "smartsynch/learn/dataset.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/model/safetensors.h"
#include "smartsynch/text/task_text.h"
#include "smartsynch/text/utf8.h"
#include "support/tiny_model.h"

namespace smartsynch {
namespace {

using testing::Texts;

TEST_CASE("a written sample is read as itself") {
  CHECK(rc::check([] {
    Sample sample;
    sample.title = RepairUtf8(*Texts());
    sample.description = RepairUtf8(*Texts());
    sample.category = JoinTaskText(RepairUtf8(*Texts()));  // without space around, as always
    sample.language = *rc::gen::element<std::string>("", "en", "pt-BR");
    sample.weight = static_cast<float>(*rc::gen::inRange(0, 9)) / 8.0F;
    RC_PRE(!IsBlank(JoinTaskText(sample.title, sample.description)));
    RC_PRE(!IsBlank(sample.category));
    const Dataset read = ReadDataset(SampleToJsonLine(sample));
    RC_ASSERT(read.errors.empty() && read.samples.size() == 1);
    const Sample& again = read.samples[0];
    RC_ASSERT(again.title == sample.title && again.description == sample.description);
    RC_ASSERT(again.category == sample.category && again.weight == sample.weight);
    RC_ASSERT(again.language == sample.language);
  }));
}

TEST_CASE("rows do not depend on the pieces they are fed in") {
  CHECK(rc::check([] {
    std::string bytes = *rc::gen::element<std::string>("", "title,category\n", "{\"samples\": [");
    for (const std::string& part : *rc::gen::container<std::vector<std::string>>(
             rc::gen::element<std::string>("{\"title\": \"a b\", \"category\": \"c\"}", "\n", ",",
                                           "\"x, y\",c\n", "]}", "\xFF", "\\ud83d"))) {
      bytes += part;
    }
    const std::size_t piece = *rc::gen::inRange<std::size_t>(1, 40);
    DatasetReader reader;
    std::vector<std::string> rows;
    const auto take = [&] {
      while (const std::optional<DatasetRow> row = reader.Next()) {
        rows.push_back(row->sample ? row->sample->title : row->sample.error().message);
      }
    };
    for (std::size_t i = 0; i < bytes.size(); i += piece) {
      reader.Feed(std::string_view(bytes).substr(i, piece));
      take();
    }
    reader.Finish();
    take();
    const Dataset whole = ReadDataset(bytes);
    RC_ASSERT(rows.size() == whole.samples.size() + whole.errors.size());
    RC_ASSERT(reader.format() == whole.format && reader.stopped() == whole.stopped);
  }));
}

TEST_CASE("written tensors are read as themselves") {
  CHECK(rc::check([] {
    Safetensors file;
    for (const std::string& name : *rc::gen::container<std::vector<std::string>>(Texts())) {
      const std::string key = RepairUtf8(name);
      if (key == "__metadata__") continue;
      const auto codes = *rc::gen::arbitrary<std::vector<std::int8_t>>();
      file.tensors[key] = Tensor::FromInt8({codes.size()}, codes);
      file.metadata[key] = RepairUtf8(*Texts());
    }
    const std::string bytes = file.Serialize();
    const Result<Safetensors> again = Safetensors::Parse(bytes);
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->metadata == file.metadata && again->tensors.size() == file.tensors.size());
    for (const auto& [name, tensor] : file.tensors) {
      RC_ASSERT(again->tensors.at(name).bytes == tensor.bytes);
      RC_ASSERT(again->tensors.at(name).shape == tensor.shape);
    }
    RC_ASSERT(again->Serialize() == bytes);
  }));
}

TEST_CASE("a model file with any byte altered is refused") {
  const std::string& good = testing::TinyModelBytes();
  CHECK(rc::check([&] {
    std::string bytes = good;
    const auto place = *rc::gen::inRange<std::size_t>(0, bytes.size());
    const auto change = static_cast<unsigned>(*rc::gen::inRange(1, 256));
    bytes[place] = static_cast<char>(static_cast<unsigned char>(bytes[place]) ^ change);
    RC_ASSERT(!ParseModel(bytes).has_value());
  }));
}

}  // namespace
}  // namespace smartsynch
