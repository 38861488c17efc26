// {"type": "video_url",   "video_url":   {"url" or "file_id", "fps", "num_frames"} or URL}
// {"type": "input_video", "input_video": {"data": base64, or "url" or "file_id"} or base64 or URL}
// {"type": "video",       "video":       [URL of a frame, ...] or URL of a video}
//
// A data: URL of type video/jpeg is a list of frames too, as vLLM reads it: JPEG files in base64, with a
// comma after each but the last. All of a list's frames are taken, since its sender chose them; of vLLM's
// list the first num_frames.
#include "serve/openai/video_content.h"

#include <array>
#include <format>
#include <string>

#include "image/data_url.h"
#include "serve/openai/content.h"

namespace fovea::serve {

namespace {

constexpr double fps_max = 1'000;               // above any camera's
constexpr std::int64_t frames_max = 1'000'000;  // what is above the operator's limit is that limit

// The frames that `object` asks for, into `sampling`.
Parsed<void> read_sampling(const JsonObject& object, FrameSampling& sampling) {
  const auto fps = object.number("fps", -1, fps_max);
  if (!fps) return std::unexpected(fps.error());
  if (*fps && **fps > 0)
    sampling.fps = *fps;
  else if (*fps && **fps != -1)
    return refuse(object.path("fps"), object.path("fps") + " must be above 0: frames a second that are looked at");
  for (const std::string_view name : {"num_frames", "nframes"}) {
    const auto count = object.integer(name, -1, frames_max);
    if (!count) return std::unexpected(count.error());
    if (*count && **count == 0)
      return refuse(object.path(name), object.path(name) + " must be 1 or more: frames that are looked at");
    if (*count && **count > 0) sampling.num_frames = static_cast<std::uint32_t>(**count);
  }
  return {};
}

Parsed<void> add_frames(std::string_view list, const std::string& where, const FrameSampling& sampling,
                        const RequestRules& rules, ChatRequest& request) {
  const std::size_t count_max = sampling.num_frames.value_or(frames_max);
  for (std::size_t count = 0; count < count_max && !list.empty(); ++count) {
    const std::size_t comma = list.find(',');
    auto frame = read_image_url("data:image/jpeg;base64," + std::string(list.substr(0, comma)), where, rules);
    if (!frame) return std::unexpected(frame.error());
    if (auto added = add_image(std::move(*frame), rules, request); !added) return added;
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return {};
}

Parsed<void> add_url(std::string_view url, const std::string& where, const FrameSampling& sampling,
                     const RequestRules& rules, ChatRequest& request) {
  if (const auto frames = data_of_type(url, "video/jpeg")) return add_frames(*frames, where, sampling, rules, request);
  auto video = read_image_url(url, where, rules);
  if (!video) {
    if (video.error().code == "invalid_image_url")
      video.error().message = where + " must be a data: URL (data:video/mp4;base64,...) or an http(s) address";
    return std::unexpected(video.error());
  }
  video->video = sampling;
  return add_image(std::move(*video), rules, request);
}

// Base64 without a data: URL around it, as llama-server takes it; or a URL in its place.
Parsed<void> add_data(std::string_view data, const std::string& where, const FrameSampling& sampling,
                      const RequestRules& rules, ChatRequest& request) {
  const bool is_url = is_data_url(data) || data.starts_with("http://") || data.starts_with("https://");
  if (is_url) return add_url(data, where, sampling, rules, request);
  return add_url("data:video/mp4;base64," + std::string(data), where, sampling, rules, request);
}

// The object {"url" | "data" | "file_id"} of a part.
Parsed<void> add_object(const JsonObject& object, FrameSampling sampling, const RequestRules& rules,
                        ChatRequest& request) {
  if (auto read = read_sampling(object, sampling); !read) return read;
  const auto data = object.text("data"), url = object.text("url"), file = object.text("file_id");
  for (const auto* field : {&data, &url, &file}) {
    if (!*field) return std::unexpected(field->error());
  }
  if (*data) return add_data(**data, object.path("data"), sampling, rules, request);
  if (*url) return add_url(**url, object.path("url"), sampling, rules, request);
  if (*file) return add_image({ImageFileId{std::string(**file)}, object.path("file_id"), sampling}, rules, request);
  return refuse(object.path("url"), object.path("url") + " is missing: a data: URL or an address of a video");
}

Parsed<void> add_list(const simdjson::dom::array& frames, const std::string& where, const RequestRules& rules,
                      ChatRequest& request) {
  std::size_t index = 0;
  for (const Json frame : frames) {
    const std::string at = std::format("{}[{}]", where, index++);
    std::string_view url;
    if (frame.get_string().get(url) != simdjson::SUCCESS)
      return refuse(at, at + " must be a text: the data: URL or the address of a frame", "invalid_type");
    auto image = read_image_url(url, at, rules);
    if (!image) return std::unexpected(image.error());
    if (auto added = add_image(std::move(*image), rules, request); !added) return added;
  }
  if (index == 0) return refuse(where, where + " has no frame");
  return {};
}

}  // namespace

bool is_video_part(std::string_view type) { return type == "video_url" || type == "input_video" || type == "video"; }

Parsed<void> read_video_part(const JsonObject& part, const RequestRules& rules, ChatRequest& request) {
  const std::string_view type = (*part.text("type")).value_or("");
  FrameSampling sampling{.frames_max = rules.video_frames_max};
  if (auto read = read_sampling(part, sampling); !read) return read;
  const auto value = part.find(type);
  if (!value) return add_object(part, sampling, rules, request);
  const std::string where = part.path(type);
  std::string_view text;
  if (value->get_string().get(text) == simdjson::SUCCESS) {
    if (type == "input_video") return add_data(text, where, sampling, rules, request);
    return add_url(text, where, sampling, rules, request);
  }
  simdjson::dom::array list;
  if (type == "video" && value->get_array().get(list) == simdjson::SUCCESS)
    return add_list(list, where, rules, request);
  const auto object = JsonObject::of(*value, where);
  if (!object) return std::unexpected(object.error());
  return add_object(*object, sampling, rules, request);
}

}  // namespace fovea::serve
