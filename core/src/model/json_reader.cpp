#include "model/json_reader.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace smartsynch {
namespace {

using nlohmann::json;

// What nlohmann's parser calls with all that it reads; a false answer stops it.
class Reader {
 public:
  explicit Reader(std::size_t max_depth) : max_depth_(max_depth) {}

  bool null() { return Add(nullptr); }
  bool boolean(bool value) { return Add(value); }
  bool number_integer(json::number_integer_t value) { return Add(value); }
  bool number_unsigned(json::number_unsigned_t value) { return Add(value); }
  bool number_float(json::number_float_t value, const json::string_t& /*text*/) {
    return Add(value);
  }
  bool string(json::string_t& value) { return Add(std::move(value)); }
  bool binary(json::binary_t& /*value*/) { return false; }  // JSON text has none
  bool start_object(std::size_t /*size*/) { return Open(json::value_t::object); }
  bool end_object() { return Close(); }
  bool start_array(std::size_t /*size*/) { return Open(json::value_t::array); }
  bool end_array() { return Close(); }
  bool key(json::string_t& name) {
    auto& members = open_.back()->get_ref<json::object_t&>();
    const auto [member, is_new] = members.try_emplace(std::move(name));
    member_ = &member->second;
    return is_new || Stop("is ambiguous: key \"" + member->first + "\" occurs twice");
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const json::exception& /*error*/) {
    return Stop("is not JSON (byte " + std::to_string(position) + ")");
  }

  const std::string& fault() const { return fault_; }
  json& root() { return root_; }

 private:
  json& Place(json value) {
    if (open_.empty()) return root_ = std::move(value);
    if (open_.back()->is_object()) return *member_ = std::move(value);
    return open_.back()->get_ref<json::array_t&>().emplace_back(std::move(value));
  }
  bool Add(json value) {
    Place(std::move(value));
    return true;
  }
  bool Open(json::value_t type) {
    if (open_.size() == max_depth_) return Stop("is nested too deeply");
    open_.push_back(&Place(type));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }
  bool Stop(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }

  std::size_t max_depth_;
  json root_;
  std::vector<json*> open_;  // the objects and lists that are not closed yet, the outermost first
  json* member_ = nullptr;   // of the innermost: what the key read last stands for
  std::string fault_;
};

}  // namespace

tl::expected<json, std::string> ReadJson(std::string_view text, std::size_t max_depth) {
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return tl::unexpected("is not JSON (byte " + std::to_string(nul + 1) + ")");
  }
  Reader reader(max_depth);
  if (!json::sax_parse(text, &reader)) return tl::unexpected(reader.fault());
  return std::move(reader.root());
}

}  // namespace smartsynch
