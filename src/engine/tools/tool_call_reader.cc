// One character after the other goes through a small machine: content, the beginning of a call, its
// arguments, its tail, and the beginning of a call that belongs to the one before. Characters that may be
// part of a pattern are held; if they are not, the first of them is content and the others are read again.
// What is held is bounded, and few characters begin a pattern, so the time is linear in the answer.
#include "engine/tools/tool_call_reader.h"

#include <algorithm>
#include <utility>

#include "engine/tools/text_parameters.h"

namespace fovea {

namespace {

constexpr std::size_t held_max = 512;  // a beginning with a name of 128 characters and generous white space

// Whether a pattern of a call may begin with `c`.
bool begins_with(std::span<const CallPattern> patterns, char c) {
  return std::ranges::any_of(patterns, [c](CallPattern pattern) { return pattern.front() == c; });
}

}  // namespace

ToolCallReader::ToolCallReader(ToolFormat format, const ToolUse& use)
    : form_(call_form(format)), use_(use), may_call_(use.wanted()) {
  if (may_call_ && form_.alone) expect(Part::content, form_.first, {});
}

std::vector<AnswerPiece> ToolCallReader::push(std::string_view text) {
  if (!may_call_) add_content(text);
  for (std::size_t i = 0; may_call_ && i < text.size(); ++i) take(text[i]);
  return std::exchange(pieces_, {});
}

std::vector<AnswerPiece> ToolCallReader::finish() {
  // Behind arguments it is the beginning of what closes a call; before them, of a call that never came.
  if (part_ == Part::content) {
    if (!held_.empty()) add_content(std::exchange(space_, {}) + held_);
    if (!behind_call_) add_content(space_);
  }
  return std::exchange(pieces_, {});
}

void ToolCallReader::take(char c) {
  if (part_ == Part::arguments) {
    take_arguments(c);
    return;
  }
  if (candidates_.empty()) {
    if (form_.alone || !begins_with(form_.first, c)) {
      content(c);
      return;
    }
    expect(Part::content, form_.first, {});
  }
  match(c);
}

void ToolCallReader::expect(Part part, std::span<const CallPattern> begins, std::span<const CallPattern> closes) {
  part_ = part;
  candidates_.clear();
  held_.clear();
  for (const CallPattern pattern : begins) candidates_.push_back({PatternMatch(pattern), false});
  for (const CallPattern pattern : closes) candidates_.push_back({PatternMatch(pattern), true});
}

void ToolCallReader::match(char c) {
  held_ += c;
  std::erase_if(candidates_, [&](Candidate& candidate) {
    return candidate.match.take(c, use_.tools) == PatternMatch::State::broken;
  });
  if (candidates_.empty() || held_.size() > held_max) {
    mismatched();
    return;
  }
  const auto whole = std::ranges::find_if(candidates_, [](const Candidate& one) { return one.match.whole(); });
  if (whole != candidates_.end()) matched(std::string(whole->match.name()), whole->closes);
}

void ToolCallReader::mismatched() {
  candidates_.clear();
  const std::string again = std::exchange(held_, {});
  const bool was_content = std::exchange(part_, Part::content) == Part::content;
  std::string_view rest = again;
  if (was_content) {
    content(rest.front());
    rest.remove_prefix(1);
  }
  for (const char c : rest) take(c);
}

void ToolCallReader::matched(const std::string& name, bool closes) {
  if (!closes) {
    begin_call(name);
    return;
  }
  const bool was_tail = part_ == Part::tail;
  expect(Part::content, {}, {});
  if (was_tail) behind_tail();
}

void ToolCallReader::begin_call(const std::string& name) {
  const char first = held_.back();
  expect(Part::arguments, {}, {});
  space_.clear();
  behind_call_ = true;
  pieces_.emplace_back(CallBegin{calls_++, name});
  object_ = {};
  if (form_.tags != nullptr) {
    const auto tool = std::ranges::find(use_.tools, name, &Tool::name);
    tagged_.emplace(*form_.tags, text_parameters(tool->parameters));
  }
  take_arguments(first);
}

void ToolCallReader::take_arguments(char c) {
  std::string json;
  auto state = TaggedArguments::State::open;
  if (tagged_) {
    state = tagged_->take(c, json);
  } else {
    json = c;
    if (object_.take(c)) state = TaggedArguments::State::whole;
  }
  if (!json.empty()) {
    if (auto* last = pieces_.empty() ? nullptr : std::get_if<ArgumentsPiece>(&pieces_.back()))
      last->text += json;
    else
      pieces_.emplace_back(ArgumentsPiece{calls_ - 1, json});
  }
  if (state == TaggedArguments::State::open) return;
  behind_arguments();
  if (state != TaggedArguments::State::broken) return;
  const std::string rest = tagged_->rest();
  expect(Part::content, {}, {});
  for (const char again : rest) take(again);
}

void ToolCallReader::behind_arguments() {
  if (form_.tail.empty())
    behind_tail();
  else
    expect(Part::tail, {}, form_.tail);
}

void ToolCallReader::behind_tail() {
  if (form_.next.empty())
    expect(Part::content, {}, {});
  else
    expect(Part::next, form_.next, form_.close);
}

void ToolCallReader::content(char c) {
  if (is_call_space(c)) {
    space_ += c;
    return;
  }
  if (!space_.empty()) add_content(std::exchange(space_, {}));
  behind_call_ = false;
  add_content({&c, 1});
}

void ToolCallReader::add_content(std::string_view text) {
  if (text.empty()) return;
  if (auto* last = pieces_.empty() ? nullptr : std::get_if<ContentPiece>(&pieces_.back()))
    last->text += text;
  else
    pieces_.emplace_back(ContentPiece{std::string(text)});
}

AnswerParts read_answer(ToolFormat format, const ToolUse& use, std::string_view text) {
  ToolCallReader reader(format, use);
  AnswerParts parts;
  const auto take = [&](const std::vector<AnswerPiece>& pieces) {
    for (const AnswerPiece& piece : pieces) {
      if (const auto* content = std::get_if<ContentPiece>(&piece)) parts.content += content->text;
      if (const auto* begin = std::get_if<CallBegin>(&piece)) parts.calls.push_back({.name = begin->name});
      if (const auto* arguments = std::get_if<ArgumentsPiece>(&piece))
        parts.calls[arguments->index].arguments += arguments->text;
    }
  };
  take(reader.push(text));
  take(reader.finish());
  parts.cut = reader.within_call();
  return parts;
}

}  // namespace fovea
