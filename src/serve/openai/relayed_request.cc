// Approach: the request is written again while it is read, field by field; where a picture stands, a function says what is
// written in its place. So both forms of a request, the one that names its answer and the one that is sent on, come from one
// walk, and a field that nobody has heard of yet is in both.
#include "serve/openai/relayed_request.h"

#include <simdutf.h>

#include <algorithm>
#include <array>
#include <format>
#include <functional>

#include "image/format.h"
#include "serve/openai/content.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace {

// Who asks, and how the answer is delivered, does not change it.
constexpr std::array<std::string_view, 7> left_out = {"stream",   "stream_options",    "user", "prompt_cache_key",
                                                      "metadata", "safety_identifier", "store"};

// Given a content part that is a picture, what is written in place of its value.
using WritePicture = std::function<Parsed<std::string>(const JsonObject& part)>;

bool is_picture(const JsonObject& part) {
  const auto type = part.text("type");
  if (!type || !*type) return false;
  if (**type == "file") {  // a picture that was uploaded; other files are the server's matter
    const auto file = part.find("file");
    const auto fields = file ? JsonObject::of(*file, part.path("file")) : refuse({}, {});
    return fields && fields->find("file_id");
  }
  return **type == "image_url" || **type == "input_image";
}

// The content of one message, with its pictures written otherwise.
Parsed<std::string> written_content(const Json& content, const std::string& where, const WritePicture& write_picture) {
  simdjson::dom::array parts;
  if (content.get_array().get(parts) != simdjson::SUCCESS) return simdjson::minify(content);
  std::string out = "[";
  std::size_t index = 0;
  for (const Json part : parts) {
    const auto object = JsonObject::of(part, std::format("{}[{}]", where, index++));
    if (!object) return std::unexpected(object.error());
    if (out.size() > 1) out += ',';
    if (!is_picture(*object)) {
      out += simdjson::minify(part);
      continue;
    }
    const auto picture = write_picture(*object);
    if (!picture) return std::unexpected(picture.error());
    out += *picture;
  }
  return out + "]";
}

// An object's fields, but for those that `write` writes or leaves out itself (it returns true).
template <typename Write>
Parsed<std::string> written_object(const simdjson::dom::object& fields, const Write& write) {
  std::string out = "{";
  for (const auto [name, value] : fields) {
    const auto text = write(name, value);
    if (!text) return std::unexpected(text.error());
    if (text->empty()) continue;
    if (out.size() > 1) out += ',';
    out += json_text(name) + ":" + *text;
  }
  return out + "}";
}

Parsed<std::string> written_messages(const Json& messages, const WritePicture& write_picture) {
  simdjson::dom::array list;
  if (messages.get_array().get(list) != simdjson::SUCCESS)
    return refuse("messages", "messages must be a list", "invalid_type");
  std::string out = "[";
  std::size_t index = 0;
  for (const Json message : list) {
    const std::string where = std::format("messages[{}]", index++);
    const auto object = JsonObject::of(message, where);
    if (!object) return std::unexpected(object.error());
    const auto text =
        written_object(object->fields(), [&](std::string_view name, const Json& value) -> Parsed<std::string> {
          if (name == "content") return written_content(value, where + ".content", write_picture);
          return simdjson::minify(value);
        });
    if (!text) return text;
    if (out.size() > 1) out += ',';
    out += *text;
  }
  return out + "]";
}

Parsed<std::string> written_request(const JsonObject& body, const WritePicture& write_picture, bool all_fields) {
  return written_object(body.fields(), [&](std::string_view name, const Json& value) -> Parsed<std::string> {
    if (!all_fields && std::ranges::contains(left_out, name)) return std::string();
    if (name == "messages") return written_messages(value, write_picture);
    return simdjson::minify(value);
  });
}

// What a part says besides its picture, as two objects: of the picture (its detail) and of the part. The server may heed it all.
struct Beside {
  std::string of_picture, of_part;
};

std::string without(const simdjson::dom::object& fields, std::initializer_list<std::string_view> names) {
  return *written_object(fields, [&](std::string_view name, const Json& value) -> Parsed<std::string> {
    return std::ranges::contains(names, name) ? std::string() : simdjson::minify(value);
  });
}

// REQUIRES: is_picture(part), and read_picture() took it.
Beside beside_picture(const JsonObject& part) {
  const std::string_view type = **part.text("type");
  if (type == "input_image") {  // its detail stands in the part
    const auto detail = part.find("detail");
    return {detail ? "{\"detail\":" + simdjson::minify(*detail) + "}" : "{}",
            without(part.fields(), {"type", "detail", part.find("image_url") ? "image_url" : "file_id"})};
  }
  const std::string_view picture = type == "file" ? "file" : "image_url";
  return {without(JsonObject::of(*part.find(picture), {})->fields(), {type == "file" ? "file_id" : "url"}),
          without(part.fields(), {"type", picture})};
}

// An object of this member and those of `object`.
std::string with_member(const std::string& member, const std::string& object) {
  return "{" + member + (object == "{}" ? "}" : "," + object.substr(1));
}

}  // namespace

Parsed<RelayedRequest> read_relayed_request(const JsonObject& body, const RequestRules& rules) {
  RelayedRequest request;
  ChatRequest delivery;
  if (auto read = read_delivery(body, delivery); !read) return std::unexpected(read.error());
  request.stream = delivery.stream;
  request.include_usage = delivery.include_usage;
  if (!body.find("messages"))
    return refuse("messages", "messages is missing: a list of messages", "missing_required_parameter");
  const auto temperature = body.find("temperature");
  double degrees = 1;  // OpenAI's default
  if (temperature && temperature->get_double().get(degrees) != simdjson::SUCCESS) degrees = 1;
  request.deterministic = degrees == 0 || body.find("seed");
  auto question = written_request(
      body,
      [&](const JsonObject& part) -> Parsed<std::string> {
        auto picture = read_picture(part, rules);
        if (!picture) return std::unexpected(picture.error());
        if (request.pictures.size() == rules.pictures_max) return std::unexpected(too_many_pictures(*picture, rules));
        request.pictures.push_back(std::move(*picture));
        const auto [of_picture, of_part] = beside_picture(part);
        // A list, which is no part: no client can write what stands for a picture.
        return std::format("[{},{},{}]", request.pictures.size() - 1, of_picture, of_part);
      },
      false);
  if (!question) return std::unexpected(question.error());
  request.question = std::move(*question);
  return request;
}

std::string with_pictures_inside(const JsonObject& body, const std::vector<Blob>& sources) {
  std::size_t next = 0;
  return *written_request(
      body,
      [&](const JsonObject& part) -> Parsed<std::string> {
        const Blob& source = sources[next++];
        std::string base64(simdutf::base64_length_from_binary(source.size()), '\0');
        simdutf::binary_to_base64(reinterpret_cast<const char*>(source.bytes().data()), source.size(), base64.data());
        const auto [of_picture, of_part] = beside_picture(part);
        const std::string url =
            std::format(R"("url":"data:{};base64,{}")", media_type(format_of(source.bytes())), base64);
        return with_member(R"("type":"image_url","image_url":)" + with_member(url, of_picture), of_part);
      },
      true);
}

}  // namespace fovea::serve
