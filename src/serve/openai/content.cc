// One reader for both APIs: Chat's parts (text, image_url, file) and the parts of Responses (input_text,
// output_text, input_image) have different names, so that both can be accepted everywhere.
#include "serve/openai/content.h"

#include <algorithm>
#include <array>
#include <format>

#include "image/data_url.h"
#include "serve/openai/video_content.h"

namespace fovea::serve {

namespace {

Parsed<void> check_detail(const JsonObject& object) {
  constexpr std::array<std::string_view, 4> known = {"auto", "low", "high", "original"};
  const auto detail = object.text("detail");
  if (!detail) return std::unexpected(detail.error());
  if (!*detail || std::ranges::contains(known, **detail)) return {};
  return refuse(object.path("detail"), object.path("detail") + " must be auto, low, high or original");
}

Parsed<ImageReference> image_of_file(const JsonObject& object) {
  const auto id = object.text("file_id");
  if (!id) return std::unexpected(id.error());
  if (!*id)
    return refuse(object.path("file_id"),
                  object.path("file_id") + " is missing: upload the picture to /v1/files first");
  return ImageReference{ImageFileId{std::string(**id)}, object.path("file_id")};
}

// {"type": "image_url", "image_url": {"url", "detail"}}, or the URL itself in place of the object.
Parsed<ImageReference> read_image_url_part(const JsonObject& part, const RequestRules& rules) {
  const auto value = part.find("image_url");
  if (!value) return refuse(part.path("image_url"), part.path("image_url") + " is missing: an object with a url");
  std::string_view address;
  if (value->get_string().get(address) == simdjson::SUCCESS)
    return read_image_url(address, part.path("image_url"), rules);
  const auto object = JsonObject::of(*value, part.path("image_url"));
  if (!object) return std::unexpected(object.error());
  if (auto valid = check_detail(*object); !valid) return std::unexpected(valid.error());
  const auto url = object->text("url");
  if (!url) return std::unexpected(url.error());
  if (!*url) return refuse(object->path("url"), object->path("url") + " is missing");
  return read_image_url(**url, object->path("url"), rules);
}

// {"type": "input_image", "image_url": URL or "file_id": ID, "detail"}
Parsed<ImageReference> read_input_image(const JsonObject& part, const RequestRules& rules) {
  if (auto valid = check_detail(part); !valid) return std::unexpected(valid.error());
  const auto url = part.text("image_url");
  if (!url) return std::unexpected(url.error());
  return *url ? read_image_url(**url, part.path("image_url"), rules) : image_of_file(part);
}

// {"type": "file", "file": {"file_id"}}
Parsed<ImageReference> read_file(const JsonObject& part) {
  const auto value = part.find("file");
  if (!value) return refuse(part.path("file"), part.path("file") + " is missing: an object with a file_id");
  const auto object = JsonObject::of(*value, part.path("file"));
  if (!object) return std::unexpected(object.error());
  return image_of_file(*object);
}

Parsed<std::string_view> text_of(const JsonObject& part, std::string_view name) {
  const auto text = part.text(name);
  if (!text) return std::unexpected(text.error());
  if (!*text) return refuse(part.path(name), part.path(name) + " is missing");
  return **text;
}

constexpr std::string_view part_types =
    "text, image_url, video_url or file (of Responses: input_text, input_image, input_video)";

bool is_image_part(std::string_view type) { return type == "image_url" || type == "input_image" || type == "file"; }

std::unexpected<Refusal> unknown_type(const JsonObject& part, std::string_view type, std::string_view known) {
  const std::string where = part.path("type");
  if (type.empty()) return refuse(where, std::format("{} is missing: {}", where, known), "missing_required_parameter");
  return refuse(where, std::format("{} must be {}, not \"{}\"", where, known, type), "unsupported_value");
}

Parsed<void> read_part(const JsonObject& part, const RequestRules& rules, ChatRequest& request) {
  const auto type = part.text("type");
  if (!type) return std::unexpected(type.error());
  const std::string_view name = type->value_or("");
  if (name == "text" || name == "input_text" || name == "output_text" || name == "refusal") {
    const auto text = text_of(part, name == "refusal" ? "refusal" : "text");
    if (!text) return std::unexpected(text.error());
    add_text(*text, request.messages.back());
    return {};
  }
  if (is_video_part(name)) return read_video_part(part, rules, request);
  if (!is_image_part(name)) return unknown_type(part, name, part_types);
  auto image = read_image(part, rules);
  if (!image) return std::unexpected(image.error());
  return add_image(std::move(*image), rules, request);
}

}  // namespace

Parsed<ImageReference> read_image_url(std::string_view url, const std::string& where, const RequestRules& rules) {
  if (is_data_url(url)) {
    auto bytes = decode_data_url(url, rules.image_bytes_max);
    if (!bytes) {
      Refusal refusal = refusal_of(bytes.error());
      refusal.param = where;
      refusal.message = where + ": " + refusal.message;
      return std::unexpected(refusal);
    }
    return ImageReference{std::move(*bytes), where};
  }
  if (url.starts_with("http://") || url.starts_with("https://"))
    return ImageReference{ImageUrl{std::string(url)}, where};
  return refuse(where, where + " must be a data: URL (data:image/jpeg;base64,...) or an http(s) address",
                "invalid_image_url");
}

Parsed<ImageReference> read_image(const JsonObject& part, const RequestRules& rules) {
  const auto type = part.text("type");
  if (!type) return std::unexpected(type.error());
  const std::string_view name = type->value_or("");
  if (name == "image_url") return read_image_url_part(part, rules);
  if (name == "input_image") return read_input_image(part, rules);
  if (name == "file") return read_file(part);
  return unknown_type(part, name, "image_url, input_image or file");
}

void add_text(std::string_view text, Message& message) {
  auto* before = message.parts.empty() ? nullptr : std::get_if<std::string>(&message.parts.back());
  if (before == nullptr) {
    message.parts.emplace_back(std::string(text));
    return;
  }
  if (!before->empty()) *before += '\n';
  *before += text;
}

Parsed<void> add_image(ImageReference image, const RequestRules& rules, ChatRequest& request) {
  if (request.images.size() == rules.images_max) return std::unexpected(too_many_images(image, rules));
  request.messages.back().parts.emplace_back(ImageSlot{request.images.size()});
  request.images.push_back(std::move(image));
  return {};
}

Refusal too_many_images(const ImageReference& image, const RequestRules& rules) {
  return {400, std::format("a request may have {} pictures; ask about fewer", rules.images_max), image.where,
          "too_many_images"};
}

Parsed<void> read_content(const JsonObject& holder, std::string_view name, const RequestRules& rules,
                          ChatRequest& request) {
  const auto content = holder.find(name);
  if (!content) return refuse(holder.path(name), holder.path(name) + " is missing: a text, or a list of parts");
  std::string_view text;
  if (content->get_string().get(text) == simdjson::SUCCESS) {
    request.messages.back().parts.emplace_back(std::string(text));
    return {};
  }
  simdjson::dom::array parts;
  if (content->get_array().get(parts) != simdjson::SUCCESS)
    return refuse(holder.path(name), holder.path(name) + " must be a text or a list of parts", "invalid_type");
  std::size_t index = 0;
  for (const Json part : parts) {
    const auto object = JsonObject::of(part, std::format("{}[{}]", holder.path(name), index++));
    if (!object) return std::unexpected(object.error());
    if (auto read = read_part(*object, rules, request); !read) return read;
  }
  return {};
}

}  // namespace fovea::serve
