// A text is passed on as it comes, escaped for JSON. A value of another type is kept until it ends, since
// only then it is seen whether it is JSON.
#include "engine/tools/tagged_arguments.h"

#include <format>
#include <nlohmann/json.hpp>
#include <utility>

namespace fovea {

namespace {

constexpr std::size_t held_max = 256;  // white space and tags between parameters
constexpr std::size_t key_max = 1024;

void append_escaped(std::string& json, char c) {
  switch (c) {
    case '"':
      json += R"(\")";
      return;
    case '\\':
      json += R"(\\)";
      return;
    case '\n':
      json += R"(\n)";
      return;
    case '\r':
      json += R"(\r)";
      return;
    case '\t':
      json += R"(\t)";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20)
    json += std::format("\\u{:04x}", byte);
  else
    json += c;
}

void append_text(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) append_escaped(json, c);
  json += '"';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_call_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_call_space(text.back())) text.remove_suffix(1);
  return text;
}

// Not deep: whoever reads the arguments may walk over them by recursion.
bool is_json(std::string_view text) {
  constexpr int depth_max = 128;
  bool deep = false;
  const auto watch = [&deep](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
    return !(deep |= depth > depth_max);
  };
  return !nlohmann::json::parse(text, watch, false).is_discarded() && !deep;
}

}  // namespace

TaggedArguments::TaggedArguments(const ArgumentTags& tags, std::set<std::string> text)
    : tags_(tags), text_(std::move(text)) {
  expect_tags();
}

void TaggedArguments::expect_tags() {
  part_ = Part::between;
  open_ = {{PatternMatch(tags_.open), false}, {PatternMatch(tags_.close), true}};
}

TaggedArguments::State TaggedArguments::take(char c, std::string& json) {
  switch (part_) {
    case Part::between:
      return between(c, json);
    case Part::key:
    case Part::named:
      return key(c, json);
    case Part::value:
      value(c, json);
      break;
  }
  return State::open;
}

TaggedArguments::State TaggedArguments::between(char c, std::string& json) {
  held_ += c;
  const auto goes_on = [c](Tag& tag) { return tag.match.take(c, {}) != PatternMatch::State::broken; };
  std::erase_if(open_, [&](Tag& tag) { return !goes_on(tag); });
  if (open_.empty() || held_.size() > held_max) return broken(json);
  if (!open_.front().match.whole()) return State::open;
  if (open_.front().closes) {
    json += has_parameters_ ? "}" : "{}";
    return State::whole;
  }
  part_ = Part::key;
  key_.clear();
  return State::open;
}

// The key, and what stands between it and the value.
TaggedArguments::State TaggedArguments::key(char c, std::string& json) {
  held_ += c;
  if (part_ == Part::key && c != '<' && c != '>') {
    key_ += c;
    return key_.size() > key_max ? broken(json) : State::open;
  }
  if (part_ == Part::key) {
    part_ = Part::named;
    open_ = {{PatternMatch(tags_.named), false}};
  }
  const auto state = open_.front().match.take(c, {});
  if (state == PatternMatch::State::broken || held_.size() > key_max + held_max) return broken(json);
  if (state == PatternMatch::State::whole) begin_value(json);
  return State::open;
}

TaggedArguments::State TaggedArguments::broken(std::string& json) {
  json += has_parameters_ ? "}" : "{}";
  return State::broken;
}

void TaggedArguments::begin_value(std::string& json) {
  json += has_parameters_ ? ',' : '{';
  has_parameters_ = true;
  append_text(json, key_);
  json += ':';
  is_text_ = text_.contains(key_);
  if (is_text_) json += '"';
  part_ = Part::value;
  at_start_ = true;
  line_break_ = false;
  end_seen_ = 0;
  value_.clear();
  held_.clear();
}

// The end begins with its only '<', so what was seen of it holds no other beginning of it.
void TaggedArguments::value(char c, std::string& json) {
  if (c == tags_.value_end[end_seen_]) {
    if (++end_seen_ == tags_.value_end.size()) end_value(json);
    return;
  }
  for (const char seen : tags_.value_end.substr(0, std::exchange(end_seen_, 0))) add(seen, json);
  if (c == tags_.value_end.front())
    end_seen_ = 1;
  else
    add(c, json);
}

void TaggedArguments::add(char c, std::string& json) {
  const bool first = std::exchange(at_start_, false);
  if (!is_text_) {
    value_ += c;
    return;
  }
  if (tags_.own_lines && first && c == '\n') return;
  if (std::exchange(line_break_, false)) append_escaped(json, '\n');
  if (tags_.own_lines && c == '\n')
    line_break_ = true;
  else
    append_escaped(json, c);
}

void TaggedArguments::end_value(std::string& json) {
  if (is_text_)
    json += '"';
  else if (const std::string_view value = trimmed(value_); is_json(value))
    json += value;
  else
    append_text(json, value);
  expect_tags();
}

}  // namespace fovea
