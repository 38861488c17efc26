// An image is told by its type, whatever the API: clients mix them, and some servers take all. What is beside
// it is told in two objects, so that the same image asks the same question in every form.
#include "serve/relay/relayed_image.h"

#include <algorithm>
#include <array>
#include <format>
#include <initializer_list>

#include "image/data_url.h"
#include "serve/anthropic/messages_content.h"
#include "serve/openai/content.h"
#include "serve/openai/video_content.h"
#include "serve/wire/json_text.h"
#include "serve/wire/media_type.h"

namespace fovea::serve {

namespace {

std::string_view type_of(const JsonObject& part) {
  const auto type = part.text("type");
  return type ? type->value_or("") : std::string_view();
}

// The object in the field `name`, if it is one.
std::optional<JsonObject> object_in(const JsonObject& part, std::string_view name) {
  const auto value = part.find(name);
  if (!value) return std::nullopt;
  auto object = JsonObject::of(*value, part.path(name));
  return object ? std::optional(std::move(*object)) : std::nullopt;
}

bool is_source(const JsonObject& source) {
  constexpr std::array<std::string_view, 3> known = {"base64", "url", "file"};
  return std::ranges::contains(known, type_of(source));
}

// The object without some of its fields.
std::string without(const simdjson::dom::object& fields, std::initializer_list<std::string_view> names) {
  std::string out = "{";
  for (const auto [name, value] : fields) {
    if (std::ranges::contains(names, name)) continue;
    if (out.size() > 1) out += ',';
    out += json_text(name) + ":" + simdjson::minify(value);
  }
  return out + "}";
}

// The object that names a video's file; the part itself where there is none in it.
JsonObject video_of(const JsonObject& part) { return object_in(part, type_of(part)).value_or(part); }

// An object of `member` and the members of `object`.
std::string with_member(const std::string& member, const std::string& object) {
  return "{" + member + (object == "{}" ? "}" : "," + object.substr(1));
}

std::string inline_video(const JsonObject& part, const std::string& url, const BesideImage& beside) {
  const auto& [of_video, of_part] = beside;
  if (type_of(part) == "input_video") {  // llama-server's has the base64 alone
    const std::string data = R"("data":")" + url.substr(url.find(',') + 1) + '"';
    return with_member(R"("type":"input_video","input_video":)" + with_member(data, of_video), of_part);
  }
  return with_member(R"("type":"video_url","video_url":)" + with_member(R"("url":")" + url + '"', of_video), of_part);
}

}  // namespace

bool is_relayed_video(const JsonObject& part) {
  if (!is_video_part(type_of(part))) return false;
  const JsonObject video = video_of(part);
  return video.find("file_id") && !video.find("url") && !video.find("data");
}

bool is_relayed_image(const JsonObject& part) {
  const std::string_view type = type_of(part);
  if (type == "file") {  // an uploaded image has a file_id; other files are passed on
    const auto file = object_in(part, "file");
    return file && file->find("file_id");
  }
  if (type == "image") {
    const auto source = object_in(part, "source");
    return source && is_source(*source);
  }
  return type == "image_url" || type == "input_image" || is_relayed_video(part);
}

Parsed<ImageReference> read_relayed_image(const JsonObject& part, const RequestRules& rules) {
  if (is_relayed_video(part)) {
    const JsonObject video = video_of(part);
    const auto id = video.text("file_id");
    if (!id) return std::unexpected(id.error());
    return ImageReference{ImageFileId{std::string(id->value_or(""))}, video.path("file_id")};
  }
  return type_of(part) == "image" ? anthropic::read_image_source(*object_in(part, "source"), rules)
                                  : read_image(part, rules);
}

BesideImage beside_image(const JsonObject& part) {
  const std::string_view type = type_of(part);
  if (type == "input_image") {  // its detail is a field of the part
    const auto detail = part.find("detail");
    return {detail ? "{\"detail\":" + simdjson::minify(*detail) + "}" : "{}",
            without(part.fields(), {"type", "detail", part.find("image_url") ? "image_url" : "file_id"})};
  }
  if (is_relayed_video(part)) {
    const auto video = object_in(part, type);
    if (!video) return {"{}", without(part.fields(), {"type", "file_id"})};
    return {without(video->fields(), {"file_id"}), without(part.fields(), {"type", type, "video_url"})};
  }
  const std::string_view image = type == "file" ? "file" : type == "image" ? "source" : "image_url";
  const auto object = object_in(part, image);  // none where the URL stands in its place
  // What an image_url has once the bytes are inside must not be there twice.
  const std::string of_part = without(part.fields(), {"type", image, "image_url"});
  if (!object) return {"{}", of_part};
  if (type == "image") return {without(object->fields(), {"type", "media_type", "data", "url", "file_id"}), of_part};
  return {without(object->fields(), {"file_id", "url"}), of_part};
}

std::string inline_image(RelayedApi api, const JsonObject& part, const Blob& source) {
  const std::string_view type = type_of(part);
  const BesideImage beside = beside_image(part);
  const auto& [of_image, of_part] = beside;
  const std::string_view media = media_type_of(source.bytes());
  const std::string url = encode_data_url(media, source);
  if (is_relayed_video(part) || (type == "file" && media.starts_with("video/"))) return inline_video(part, url, beside);
  if (type == "image") {
    const std::string_view base64 = std::string_view(url).substr(url.find(',') + 1);
    const std::string data = std::format(R"("type":"base64","media_type":"{}","data":"{}")", media, base64);
    return with_member(R"("type":"image","source":)" + with_member(data, of_image), of_part);
  }
  if (type == "input_image" && api == RelayedApi::responses) {
    const std::string detail = of_image == "{}" ? "" : "," + of_image.substr(1, of_image.size() - 2);
    return with_member(R"("type":"input_image","image_url":")" + url + '"' + detail, of_part);
  }
  return with_member(R"("type":"image_url","image_url":)" + with_member(R"("url":")" + url + '"', of_image), of_part);
}

}  // namespace fovea::serve
