// Approach: the request is written again while it is read, field by field; a function gives what is written
// in place of an image. So both forms of a request, the question that keys its answer and the body that is
// sent on, come from one walk, and a field that this version does not know is in both.
#include "serve/openai/relayed_request.h"

#include <algorithm>
#include <array>
#include <format>
#include <functional>

#include "image/format.h"
#include "serve/openai/content.h"
#include "serve/wire/data_url.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace {

// Fields that do not change the answer: who asks, and how the answer is delivered.
constexpr std::array<std::string_view, 7> left_out = {"stream",   "stream_options",    "user", "prompt_cache_key",
                                                      "metadata", "safety_identifier", "store"};

// Given a content part that is an image, what is written in its place.
using WriteImage = std::function<Parsed<std::string>(const JsonObject& part)>;

bool is_image(const JsonObject& part) {
  const auto type = part.text("type");
  if (!type || !*type) return false;
  if (**type == "file") {  // an uploaded image has a file_id; other files are passed on
    const auto file = part.find("file");
    const auto fields = file ? JsonObject::of(*file, part.path("file")) : refuse({}, {});
    return fields && fields->find("file_id");
  }
  return **type == "image_url" || **type == "input_image";
}

// The content of one message, with its images replaced.
Parsed<std::string> written_content(const Json& content, const std::string& where, const WriteImage& write_image) {
  simdjson::dom::array parts;
  if (content.get_array().get(parts) != simdjson::SUCCESS) return simdjson::minify(content);
  std::string out = "[";
  std::size_t index = 0;
  for (const Json part : parts) {
    const auto object = JsonObject::of(part, std::format("{}[{}]", where, index++));
    if (!object) return std::unexpected(object.error());
    if (out.size() > 1) out += ',';
    if (!is_image(*object)) {
      out += simdjson::minify(part);
      continue;
    }
    const auto image = write_image(*object);
    if (!image) return std::unexpected(image.error());
    out += *image;
  }
  return out + "]";
}

// An object with each field's value as `write` gives it; a field for which it gives an empty text is left
// out.
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

Parsed<std::string> written_messages(const Json& messages, const WriteImage& write_image) {
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
          if (name == "content") return written_content(value, where + ".content", write_image);
          return simdjson::minify(value);
        });
    if (!text) return text;
    if (out.size() > 1) out += ',';
    out += *text;
  }
  return out + "]";
}

Parsed<std::string> written_request(const JsonObject& body, const WriteImage& write_image, bool all_fields) {
  return written_object(body.fields(), [&](std::string_view name, const Json& value) -> Parsed<std::string> {
    if (!all_fields && std::ranges::contains(left_out, name)) return std::string();
    if (name == "messages") return written_messages(value, write_image);
    return simdjson::minify(value);
  });
}

// The fields beside an image, as two objects: of the image (its detail) and of the part. All of them may
// change the answer.
struct Beside {
  std::string of_image, of_part;
};

std::string without(const simdjson::dom::object& fields, std::initializer_list<std::string_view> names) {
  return *written_object(fields, [&](std::string_view name, const Json& value) -> Parsed<std::string> {
    return std::ranges::contains(names, name) ? std::string() : simdjson::minify(value);
  });
}

// REQUIRES: is_image(part), and read_image() accepted it.
Beside beside_image(const JsonObject& part) {
  const std::string_view type = **part.text("type");
  if (type == "input_image") {  // its detail is a field of the part
    const auto detail = part.find("detail");
    return {detail ? "{\"detail\":" + simdjson::minify(*detail) + "}" : "{}",
            without(part.fields(), {"type", "detail", part.find("image_url") ? "image_url" : "file_id"})};
  }
  const std::string_view image = type == "file" ? "file" : "image_url";
  return {without(JsonObject::of(*part.find(image), {})->fields(), {type == "file" ? "file_id" : "url"}),
          without(part.fields(), {"type", image})};
}

// An object of `member` and the members of `object`.
std::string with_member(const std::string& member, const std::string& object) {
  return "{" + member + (object == "{}" ? "}" : "," + object.substr(1));
}

bool is_deterministic(const JsonObject& body) {
  if (body.find("seed")) return true;
  const auto value = body.find("temperature");
  double temperature = 1;  // OpenAI's default
  return value && value->get_double().get(temperature) == simdjson::SUCCESS && temperature == 0;
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
  request.deterministic = is_deterministic(body);
  auto question = written_request(
      body,
      [&](const JsonObject& part) -> Parsed<std::string> {
        auto image = read_image(part, rules);
        if (!image) return std::unexpected(image.error());
        if (request.images.size() == rules.images_max) return std::unexpected(too_many_images(*image, rules));
        request.images.push_back(std::move(*image));
        const auto [of_image, of_part] = beside_image(part);
        // A list, which no content part can be: no client can send what stands for an image.
        return std::format("[{},{},{}]", request.images.size() - 1, of_image, of_part);
      },
      false);
  if (!question) return std::unexpected(question.error());
  request.question = std::move(*question);
  return request;
}

std::string with_inline_images(const JsonObject& body, const std::vector<Blob>& sources) {
  std::size_t next = 0;
  return *written_request(
      body,
      [&](const JsonObject& part) -> Parsed<std::string> {
        const Blob& source = sources[next++];
        const auto [of_image, of_part] = beside_image(part);
        const std::string url = R"("url":")" + encode_data_url(media_type(format_of(source.bytes())), source) + '"';
        return with_member(R"("type":"image_url","image_url":)" + with_member(url, of_image), of_part);
      },
      true);
}

}  // namespace fovea::serve
