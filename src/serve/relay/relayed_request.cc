// Approach: the request is written again while it is read, value by value; a function gives what is written
// in place of an image. So both forms of a request, the question that keys its answer and the body that is
// sent on, come from one walk, and a field that this version does not know is in both.
//
// Images and the ids of calls are looked for in the conversation only: a tool's schema may well describe an
// object that looks like one. So may the arguments of a call.
#include "serve/relay/relayed_request.h"

#include <algorithm>
#include <array>
#include <format>
#include <functional>
#include <map>
#include <optional>
#include <span>

#include "image/data_url.h"
#include "serve/openai/content.h"
#include "serve/relay/relayed_image.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace {

// Given a part that is an image, what is written in its place.
using WriteImage = std::function<Parsed<std::string>(const JsonObject& part)>;

// Fields that do not change the answer: who asks, and how it is delivered. Of completions and Messages,
// answers are kept as they came, so a stream is another answer; Responses repeat what was asked.
std::span<const std::string_view> left_out(RelayedApi api) {
  static constexpr std::array<std::string_view, 7> chat = {"stream",   "stream_options",    "user", "prompt_cache_key",
                                                           "metadata", "safety_identifier", "store"};
  static constexpr std::array<std::string_view, 1> completions = {"user"}, messages = {"metadata"};
  switch (api) {
    case RelayedApi::chat:
      return chat;
    case RelayedApi::completions:
      return completions;
    case RelayedApi::messages:
      return messages;
    case RelayedApi::responses:
      break;
  }
  return {};
}

// Where an API's conversation is; empty where it has no images.
std::string_view conversation_of(RelayedApi api) {
  if (api == RelayedApi::completions) return {};
  return api == RelayedApi::responses ? "input" : "messages";
}

// Whether a member of the conversation is what a model wrote to call a tool: no content, whatever it looks
// like.
bool is_call_arguments(const simdjson::dom::object& owner, std::string_view name) {
  if (name == "arguments") return true;
  std::string_view type;
  return name == "input" && owner["type"].get_string().get(type) == simdjson::SUCCESS && type.ends_with("tool_use");
}

// Ids of calls by their places: which result belongs to which call matters, the random text of an id does
// not. What stands for one is no JSON, as with images.
class CallIds {
 public:
  // Whether the text in this member is such an id.
  static bool is_one(const JsonObject& owner, std::string_view name, const Json& value) {
    if (!value.is_string()) return false;
    if (name == "tool_call_id" || name == "tool_use_id" || name == "call_id") return true;
    if (name != "id") return false;
    if (owner.path(name).contains(".tool_calls[")) return true;
    std::string_view type;
    return owner.fields()["type"].get_string().get(type) == simdjson::SUCCESS &&
           (type.ends_with("tool_use") || type.ends_with("_call") || type.ends_with("_call_output"));
  }

  std::string written(std::string_view id) {
    const auto place = places_.try_emplace(std::string(id), places_.size()).first->second;
    return std::format("call({})", place);
  }

 private:
  std::map<std::string, std::size_t> places_;
};

// Writes values again, with their images replaced, and with `call_ids` the ids of calls.
class Rewriting {
 public:
  Rewriting(const WriteImage& write_image, CallIds* call_ids) : write_image_(write_image), call_ids_(call_ids) {}

  Parsed<std::string> value(const Json& value, const std::string& where) const {
    simdjson::dom::array list;
    if (value.get_array().get(list) == simdjson::SUCCESS) return elements(list, where);
    if (!value.is_object()) return simdjson::minify(value);
    const auto object = JsonObject::of(value, where);
    if (!object) return std::unexpected(object.error());
    if (is_relayed_image(*object)) return write_image_(*object);
    return members(*object);
  }

 private:
  Parsed<std::string> elements(const simdjson::dom::array& list, const std::string& where) const {
    const bool objects = where == "messages" || where.ends_with(".content");  // nothing else may be there
    std::string out = "[";
    std::size_t index = 0;
    for (const Json element : list) {
      const std::string place = std::format("{}[{}]", where, index++);
      if (objects && !element.is_object()) return std::unexpected(JsonObject::of(element, place).error());
      const auto text = value(element, place);
      if (!text) return text;
      if (out.size() > 1) out += ',';
      out += *text;
    }
    return out + "]";
  }

  Parsed<std::string> members(const JsonObject& object) const {
    std::string out = "{";
    for (const auto [name, member] : object.fields()) {
      const auto text = written_member(object, name, member);
      if (!text) return text;
      if (out.size() > 1) out += ',';
      out += json_text(name) + ":" + *text;
    }
    return out + "}";
  }

  Parsed<std::string> written_member(const JsonObject& owner, std::string_view name, const Json& member) const {
    if (is_call_arguments(owner.fields(), name)) return simdjson::minify(member);
    if (call_ids_ != nullptr && CallIds::is_one(owner, name, member))
      return call_ids_->written(member.get_string().value_unsafe());
    return value(member, owner.path(name));
  }

  const WriteImage& write_image_;
  CallIds* const call_ids_;  // null: they stay
};

Parsed<std::string> written_request(RelayedApi api, const JsonObject& body, const WriteImage& write_image,
                                    bool all_fields) {
  CallIds call_ids;
  const Rewriting rewriting(write_image, all_fields ? nullptr : &call_ids);
  std::string out = "{";
  for (const auto [name, value] : body.fields()) {
    if (!all_fields && std::ranges::contains(left_out(api), name)) continue;
    auto text = name == conversation_of(api) ? rewriting.value(value, std::string(name))
                                             : Parsed<std::string>(simdjson::minify(value));
    if (!text) return text;
    if (out.size() > 1) out += ',';
    out += json_text(name) + ":" + *text;
  }
  return out + "}";
}

// A number in the body; nullopt where there is none.
std::optional<double> number_in(const JsonObject& body, std::string_view name) {
  double number = 0;
  const auto value = body.find(name);
  return value && value->get_double().get(number) == simdjson::SUCCESS ? std::optional(number) : std::nullopt;
}

// Servers take -1 for a fresh seed; llama-server keeps seeds in 32 bits, where -1 is also the largest one.
bool has_seed(const JsonObject& body) {
  constexpr double fresh = -1, fresh_in_32_bits = 4'294'967'295;
  const auto seed = number_in(body, "seed");
  return seed && *seed != fresh && *seed != fresh_in_32_bits;
}

bool is_deterministic(RelayedApi api, const JsonObject& body) {
  if (body.find("t_max_predict_ms") && number_in(body, "t_max_predict_ms").value_or(1) > 0) return false;  // the clock
  if (api != RelayedApi::messages && has_seed(body)) return true;
  const bool samples = body.find("mirostat") && number_in(body, "mirostat") != 0;  // whatever the temperature
  return !samples && number_in(body, "temperature") == 0;                          // 1 is the default of all of them
}

// Tools that the other server runs itself have a type of their own.
bool runs_tools(const JsonObject& body) {
  const auto tools = body.find("tools");
  simdjson::dom::array list;
  if (!tools || tools->get_array().get(list) != simdjson::SUCCESS) return false;
  return std::ranges::any_of(list, [](const Json& tool) {
    std::string_view type = "function";
    if (tool["type"].get_string().get(type) != simdjson::SUCCESS) return false;
    return type != "function" && type != "custom";
  });
}

// Whether `value` is an address, or has one as an element. What is inside the request, a data: URL, is a part
// of the question.
bool has_address(const Json& value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return !is_data_url(text);
  simdjson::dom::array list;
  return value.get_array().get(list) == simdjson::SUCCESS && std::ranges::any_of(list, has_address);
}

// A field that says where its owner's content is. The other names are those of parts which have an address in
// place of an object.
bool is_address_field(std::string_view name) {
  constexpr std::array<std::string_view, 5> parts = {"url", "image", "video", "audio", "input_video"};
  return name.ends_with("_url") || std::ranges::contains(parts, name);
}

// The field with the content of a recognised image: it is resolved here, and in the key. Empty for other
// objects.
std::string_view image_field(const Json& value) {
  const auto part = JsonObject::of(value, {});
  if (!part || !is_relayed_image(*part)) return {};
  const auto type = part->text("type");
  const std::string_view name = type ? type->value_or("") : std::string_view();
  if (is_relayed_video(*part)) return name;
  return name == "file" ? "file" : name == "image" ? "source" : "image_url";
}

// Whether a part of the conversation is known by its address only, or by an id in a server's memory: what is
// there is looked up each time. What an answer cites was looked up before.
bool is_elsewhere(const Json& value) {
  simdjson::dom::array list;
  if (value.get_array().get(list) == simdjson::SUCCESS) return std::ranges::any_of(list, is_elsewhere);
  simdjson::dom::object fields;
  if (value.get_object().get(fields) != simdjson::SUCCESS) return false;
  std::string_view type;
  if (fields["type"].get_string().get(type) == simdjson::SUCCESS && type == "item_reference") return true;
  const std::string_view image = image_field(value);
  return std::ranges::any_of(fields, [&](const auto& field) {
    const std::string_view name = field.key;
    if (name == image || name == "annotations" || name == "citations" || is_call_arguments(fields, name)) return false;
    return (is_address_field(name) && has_address(field.value)) || is_elsewhere(field.value);
  });
}

bool is_stateful(RelayedApi api, const JsonObject& body) {
  constexpr std::array<std::string_view, 5> state = {"previous_response_id", "conversation", "web_search_options",
                                                     "mcp_servers", "container"};
  if (std::ranges::any_of(state, [&](std::string_view name) { return body.find(name).has_value(); })) return true;
  const auto is_true = [&](std::string_view name) {
    const auto truth = body.truth(name);
    return truth && truth->value_or(false);
  };
  const std::string_view conversation = conversation_of(api);
  const auto said = conversation.empty() ? std::nullopt : body.find(conversation);
  if (said && is_elsewhere(*said)) return true;
  if (runs_tools(body) || is_true("background")) return true;
  const auto prompt = body.find("prompt");  // Responses: a template that the server keeps
  return api == RelayedApi::responses && (is_true("store") || (prompt && prompt->is_object()));
}

Parsed<void> check_conversation(RelayedApi api, const JsonObject& body) {
  if (api != RelayedApi::chat && api != RelayedApi::messages) return {};
  const auto messages = body.find("messages");
  if (!messages) return refuse("messages", "messages is missing: a list of messages", "missing_required_parameter");
  if (!messages->is_array()) return refuse("messages", "messages must be a list", "invalid_type");
  return {};
}

}  // namespace

Parsed<RelayedRequest> read_relayed_request(RelayedApi api, const JsonObject& body, const RequestRules& rules) {
  RelayedRequest request;
  ChatRequest delivery;
  if (auto read = read_delivery(body, delivery); !read) return std::unexpected(read.error());
  if (auto checked = check_conversation(api, body); !checked) return std::unexpected(checked.error());
  request.stream = delivery.stream;
  request.include_usage = delivery.include_usage;
  request.deterministic = is_deterministic(api, body);
  request.stateful = is_stateful(api, body);
  const WriteImage take = [&](const JsonObject& part) -> Parsed<std::string> {
    auto image = read_relayed_image(part, rules);
    if (!image) return std::unexpected(image.error());
    if (request.images.size() == rules.images_max) return std::unexpected(too_many_images(*image, rules));
    request.images.push_back(std::move(*image));
    const auto [of_image, of_part] = beside_image(part);
    const std::string_view kind = is_relayed_video(part) ? "video" : "image";  // other parts of the same file
    return std::format("{}({},{},{})", kind, request.images.size() - 1, of_image, of_part);
  };
  auto question = written_request(api, body, take, false);
  if (!question) return std::unexpected(question.error());
  request.question = std::move(*question);
  return request;
}

std::string with_inline_images(RelayedApi api, const JsonObject& body, const std::vector<Blob>& sources) {
  std::size_t next = 0;
  const WriteImage put = [&](const JsonObject& part) -> Parsed<std::string> {
    return inline_image(api, part, sources[next++]);
  };
  return *written_request(api, body, put, true);
}

}  // namespace fovea::serve
