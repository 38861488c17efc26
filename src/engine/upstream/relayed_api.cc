// Streams are kept byte for byte, since replaying them needs no knowledge of their events; only their end
// must be known.
#include "engine/upstream/relayed_api.h"

#include <algorithm>
#include <array>
#include <format>
#include <optional>
#include <vector>

#include "engine/upstream/call_id.h"
#include "engine/upstream/completion.h"
#include "engine/upstream/json_value.h"

namespace fovea {

namespace {

constexpr std::uint64_t choices_max = 128;  // far more than requests ask for

bool is_completion(const Json& json) {
  const auto* choices = list_member(json, "choices");
  return choices != nullptr && !choices->empty() && std::ranges::all_of(*choices, [](const Json& choice) {
           const std::string* reason = text_member(choice, "finish_reason");
           return reason != nullptr && is_finish(*reason);
         });
}

// "incomplete": cut at the length that was asked for.
bool is_response_end(const Json& response) {
  const std::string* status = text_member(response, "status");
  return status != nullptr && (*status == "completed" || *status == "incomplete") &&
         member(response, "error") == nullptr;
}

bool is_message_end(const Json& message) {
  constexpr std::array<std::string_view, 5> ends = {"end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal"};
  const std::string* reason = text_member(message, "stop_reason");
  return reason != nullptr && std::ranges::contains(ends, *reason);
}

// The first object of an answer says its id, in an event perhaps one member deeper.
std::string id_of(std::string_view answer, bool streamed) {
  std::optional<Json> object;
  if (streamed) {
    EventStream().feed(answer, [&](const StreamedEvent& event) {
      if (!object) object = parse_json(event.data);
    });
  } else {
    object = parse_json(answer);
  }
  if (!object) return {};
  if (const std::string* id = text_member(*object, "id")) return *id;
  for (const char* name : {"response", "message"}) {
    const Json* inner = member(*object, name);
    if (const std::string* id = inner == nullptr ? nullptr : text_member(*inner, "id")) return *id;
  }
  return {};
}

// An id that is the tool's name is none that differs from reply to reply.
void add_call_id(const Json& block, std::vector<std::string>& ids) {
  const std::string *type = text_member(block, "type"), *id = text_member(block, "id");
  if (type == nullptr || *type != "tool_use" || id == nullptr) return;
  const std::string* name = text_member(block, "name");
  if (name == nullptr || *name != *id) ids.push_back(*id);
}

// The ids of the calls of a message (Anthropic's), whole or as a stream.
std::vector<std::string> call_ids_of(std::string_view answer, bool streamed) {
  std::vector<std::string> ids;
  if (!answer.contains("\"tool_use\"")) return ids;
  if (streamed) {
    EventStream().feed(answer, [&](const StreamedEvent& event) {
      const auto object = parse_json(event.data);
      const Json* block = object ? member(*object, "content_block") : nullptr;
      if (block != nullptr) add_call_id(*block, ids);
    });
  } else if (const auto message = parse_json(answer)) {
    const auto* content = list_member(*message, "content");
    for (std::size_t i = 0; content != nullptr && i < content->size(); ++i) add_call_id((*content)[i], ids);
  }
  return ids;
}

// Whether the value behind this text is that of a member with an id. In a text of the answer, the quotes of a
// name would have backslashes before them.
bool ends_with_id_name(std::string_view json) {
  const auto trim = [&] { json = json.substr(0, json.find_last_not_of(" \t\r\n") + 1); };
  trim();
  if (!json.ends_with(':')) return false;
  json.remove_suffix(1);
  trim();
  return json.ends_with(R"("id")") || json.ends_with(R"("tool_use_id")");
}

// The answer with the id `before` replaced, wherever a member has it.
std::string with_id(std::string_view answer, std::string_view before, std::string_view after) {
  const std::string quoted = std::format("\"{}\"", before);
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = answer.find(quoted); at != std::string_view::npos; at = answer.find(quoted, at + 1)) {
    if (!ends_with_id_name(answer.substr(0, at))) continue;
    out.append(answer, from, at + 1 - from).append(after);
    from = at + 1 + before.size();
  }
  return out.append(answer, from);
}

}  // namespace

std::string_view path_of(RelayedApi api) {
  switch (api) {
    case RelayedApi::chat:
      return "/chat/completions";
    case RelayedApi::completions:
      return "/completions";
    case RelayedApi::responses:
      return "/responses";
    case RelayedApi::messages:
      return "/messages";
  }
  return "";
}

bool is_whole_answer(RelayedApi api, std::string_view json) {
  if (api == RelayedApi::chat) return is_whole_completion(json);
  const auto answer = parse_json(json);
  if (!answer) return false;
  if (api == RelayedApi::completions) return is_completion(*answer);
  return api == RelayedApi::responses ? is_response_end(*answer) : is_message_end(*answer);
}

void AnswerEnd::add(const StreamedEvent& event) {
  if (event.type == "error") failed_ = true;
  if (last_ && event.data != "[DONE]") failed_ = true;  // nothing comes behind the end
  if (api_ == RelayedApi::completions) return add_completion(event.data);
  return api_ == RelayedApi::responses ? add_response(event.data) : add_message(event.data);
}

void AnswerEnd::add_completion(std::string_view data) {
  if (data == "[DONE]") {
    last_ = true;
    finished_ = !choices_.empty() && std::ranges::all_of(choices_, [](const auto& choice) { return choice.second; });
    return;
  }
  const auto chunk = parse_json(data);
  const auto* list = chunk ? list_member(*chunk, "choices") : nullptr;
  if (list == nullptr) {
    failed_ = true;
    return;
  }
  for (const Json& choice : *list) {
    const Json* index = member(choice, "index");
    const auto* number = index == nullptr ? nullptr : index->get_if<std::uint64_t>();
    if (number == nullptr || *number >= choices_max) {
      failed_ = true;
      return;
    }
    const std::string* reason = text_member(choice, "finish_reason");
    choices_[*number] |= reason != nullptr && is_finish(*reason);
  }
}

void AnswerEnd::add_response(std::string_view data) {
  if (data == "[DONE]") return;  // some servers send it though this API has none
  const auto event = parse_json(data);
  const std::string* type = event ? text_member(*event, "type") : nullptr;
  if (type == nullptr || *type == "error" || *type == "response.failed") {
    failed_ = true;
  } else if (*type == "response.completed" || *type == "response.incomplete") {
    const Json* response = member(*event, "response");
    last_ = true;
    finished_ = response != nullptr && is_response_end(*response);
  }
}

void AnswerEnd::add_message(std::string_view data) {
  const auto event = parse_json(data);
  const std::string* type = event ? text_member(*event, "type") : nullptr;
  if (type == nullptr || *type == "error") {
    failed_ = true;
  } else if (*type == "message_delta") {
    const Json* delta = member(*event, "delta");
    finished_ = delta != nullptr && is_message_end(*delta);
  } else if (*type == "message_stop") {
    last_ = true;
  }
}

std::string with_fresh_id(std::string answer, bool streamed, std::string_view fresh) {
  for (const std::string& id : call_ids_of(answer, streamed)) answer = with_id(answer, id, fresh_call_id(id, fresh));
  const std::string id = id_of(answer, streamed);
  constexpr std::size_t letters_min = 8;  // a shorter one could stand for something else too
  if (id.size() < letters_min) return answer;
  return with_id(answer, id, id.substr(0, id.find_first_of("-_") + 1) + std::string(fresh));
}

// In a text of the answer the name's quotes would have backslashes before them.
std::string with_created(const std::string& answer, std::int64_t created) {
  constexpr std::string_view name = R"("created":)";
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = answer.find(name); at != std::string::npos; at = answer.find(name, from)) {
    const std::size_t begin = std::min(answer.find_first_not_of(' ', at + name.size()), answer.size());
    const std::size_t end = std::min(answer.find_first_not_of("0123456789", begin), answer.size());
    out.append(answer, from, begin - from);
    if (end > begin) out += std::to_string(created);
    from = end;
  }
  return out.append(answer, from);
}

}  // namespace fovea
