#include "model/json_check.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

namespace smartsynch {
namespace {

using nlohmann::json;

// Reads events and builds nothing; a false answer stops the parser.
class Checker final : public nlohmann::json_sax<json> {
 public:
  explicit Checker(std::size_t max_depth) : max_depth_(max_depth) {}

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*size*/) override { return Open(); }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t /*size*/) override { return Open(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    return keys_.back().insert(name).second ||
           Stop("is ambiguous: key \"" + name + "\" occurs twice");
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const json::exception& /*error*/) override {
    return Stop("is not JSON (byte " + std::to_string(position) + ")");
  }

  const std::string& fault() const { return fault_; }

 private:
  bool Open() {
    if (keys_.size() == max_depth_) return Stop("is nested too deeply");
    keys_.emplace_back();
    return true;
  }
  bool Close() {
    keys_.pop_back();
    return true;
  }
  bool Stop(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }

  std::size_t max_depth_;
  std::vector<std::set<std::string>> keys_;  // of each object or list that is open
  std::string fault_;
};

// Makes the tree.
class Builder final : public nlohmann::json_sax<json> {
 public:
  explicit Builder(json& root) : parser_(root, /*allow_exceptions=*/false) {}

  bool null() override { return parser_.null(); }
  bool boolean(bool value) override { return parser_.boolean(value); }
  bool number_integer(number_integer_t value) override { return parser_.number_integer(value); }
  bool number_unsigned(number_unsigned_t value) override { return parser_.number_unsigned(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    return parser_.number_float(value, text);
  }
  bool string(string_t& value) override { return parser_.string(value); }
  bool binary(binary_t& value) override { return parser_.binary(value); }
  bool start_object(std::size_t size) override { return parser_.start_object(size); }
  bool end_object() override { return parser_.end_object(); }
  bool start_array(std::size_t size) override { return parser_.start_array(size); }
  bool end_array() override { return parser_.end_array(); }
  bool key(string_t& name) override { return parser_.key(name); }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const json::exception& /*error*/) override {
    return false;
  }

 private:
  nlohmann::detail::json_sax_dom_parser<json> parser_;
};

// Through the interface, so that the parser's code exists once for all handlers.
bool Read(std::string_view text, nlohmann::json_sax<json>& handler) {
  return json::sax_parse(text, &handler);
}

}  // namespace

std::string JsonFault(std::string_view text, std::size_t max_depth) {
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return "is not JSON (byte " + std::to_string(nul + 1) + ")";
  }
  Checker checker(max_depth);
  Read(text, checker);
  return checker.fault();
}

nlohmann::json ParseJson(std::string_view text) {
  json root;
  Builder builder(root);
  return Read(text, builder) ? root : json(json::value_t::discarded);
}

}  // namespace smartsynch
