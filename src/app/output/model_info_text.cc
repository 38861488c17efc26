// Fields that a file does not state have no line, and no member in the JSON object.
#include "app/output/model_info_text.h"

#include <cstdio>
#include <format>
#include <optional>
#include <vector>

#include "app/output/json_line.h"
#include "base/units.h"

namespace fovea::app {

// The JSON object: glaze names its members after those of these structs.
namespace json {

struct Type {
  std::string type;
  std::size_t tensors;
  std::uint64_t parameters;
};

struct Decoder {
  std::uint32_t layers, width, heads, heads_kv, ffn, context, vocabulary;
  bool chat_template;
};

struct Vision {
  std::string projector;
  std::uint32_t layers, width, heads, ffn, image_size, patch_size, merge;
  std::optional<std::uint32_t> image_size_max, tile_tokens, token_width;
  std::optional<std::uint64_t> tile_bytes;
};

struct Model {
  std::string file, name, architecture;
  std::uint64_t parameters;
  std::vector<Type> types;
  std::optional<Decoder> decoder;
  std::optional<Vision> vision;
  std::uint64_t file_bytes;
  std::string fingerprint;
};

Vision vision_of(const llama::ModelInfo& info) {
  const llama::VisionShape& shape = *info.vision;
  return {
      shape.projector,  shape.layers,     shape.width,
      shape.heads,      shape.ffn,        shape.image_size,
      shape.patch_size, shape.merge,      shape.image_size_max > 0 ? std::optional(shape.image_size_max) : std::nullopt,
      info.tile_tokens, info.token_width, info.tile_bytes};
}

}  // namespace json

namespace {

constexpr std::size_t label_columns = 14;

// Lines of a label and a value, under the file's name.
class Lines {
 public:
  explicit Lines(const std::string& title) : text_(title + "\n") {}
  void add(std::string_view label, const std::string& value) {
    if (!value.empty()) text_ += std::format("  {:{}}{}\n", label, label_columns, value);
  }
  void add(std::string_view label, std::uint32_t number, std::string_view unit = "") {
    if (number > 0) add(label, std::format("{}{}", number, unit));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string types_text(const llama::ModelInfo& info) {
  std::string text;
  for (const llama::ModelInfo::Share& share : info.types) {
    const double percent = 100 * static_cast<double>(share.parameters) / static_cast<double>(info.parameters);
    text += std::format("{}{} {:.3g} %", text.empty() ? "" : ", ", share.type, percent);
  }
  return text;
}

void add_decoder(Lines& lines, const llama::DecoderShape& shape, bool has_chat_template) {
  lines.add("layers", shape.layers);
  lines.add("width",
            shape.ffn > 0 ? std::format("{}, {} inside a layer", shape.width, shape.ffn) : std::to_string(shape.width));
  lines.add("heads", std::format("{}, {} for keys and values", shape.heads, shape.heads_kv));
  lines.add("context", shape.context, " tokens");
  lines.add("vocabulary", shape.vocabulary, " tokens");
  lines.add("chat template", has_chat_template ? "yes" : "none");
}

void add_vision(Lines& lines, const llama::ModelInfo& info) {
  const llama::VisionShape& shape = *info.vision;
  lines.add("projector", shape.projector);
  lines.add("layers", shape.layers);
  lines.add("width", std::format("{}, {} inside a layer", shape.width, shape.ffn));
  lines.add("heads", shape.heads);
  lines.add("image size", std::format("{0} x {0} pixels in patches of {1} x {1}", shape.image_size, shape.patch_size));
  if (shape.image_size_max > 0) {
    lines.add("tiles",
              std::format("pictures are scaled to {} pixels and divided; an overview is added", shape.image_size_max));
  }
  lines.add("tokens", info.tile_tokens ? std::format("{} a tile", *info.tile_tokens) : "depends on the picture's size");
  if (info.tile_bytes) {
    lines.add("embedding",
              std::format("{} bytes a tile ({} x {} x 4)", *info.tile_bytes, *info.tile_tokens, *info.token_width));
  }
}

}  // namespace

std::string count_text(std::uint64_t count) {
  constexpr std::string_view units[] = {"", " K", " M", " B", " T"};
  std::size_t unit = 0;
  double shown = static_cast<double>(count);
  for (; shown >= 999.5 && unit + 1 < std::size(units); ++unit) shown /= 1000;
  return std::format("{:.{}f}{}", shown, unit == 0 || shown >= 99.95 ? 0 : shown >= 9.995 ? 1 : 2, units[unit]);
}

std::string model_info_text(const llama::ModelInfo& info) {
  Lines lines(info.path.string());
  lines.add("name", info.name);
  lines.add("kind", info.vision ? "vision encoder (mmproj)" : "decoder");
  lines.add("architecture", info.architecture);
  lines.add("parameters", std::format("{} ({})", count_text(info.parameters), info.parameters));
  lines.add("quantisation", types_text(info));
  if (info.decoder) add_decoder(lines, *info.decoder, info.has_chat_template);
  if (info.vision) add_vision(lines, info);
  lines.add("file size", std::format("{} ({} bytes)", format_bytes(info.file_bytes), info.file_bytes));
  lines.add("fingerprint", info.fingerprint.hex());
  return lines.text();
}

std::string model_info_json(const llama::ModelInfo& info) {
  json::Model object{
      .file = info.path.string(), .name = info.name, .architecture = info.architecture, .parameters = info.parameters};
  for (const llama::ModelInfo::Share& share : info.types)
    object.types.push_back({share.type, share.tensors, share.parameters});
  if (info.decoder) {
    const llama::DecoderShape& shape = *info.decoder;
    object.decoder = {shape.layers, shape.width,   shape.heads,      shape.heads_kv,
                      shape.ffn,    shape.context, shape.vocabulary, info.has_chat_template};
  }
  if (info.vision) object.vision = json::vision_of(info);
  object.file_bytes = info.file_bytes;
  object.fingerprint = info.fingerprint.hex();
  return json_line(object);
}

}  // namespace fovea::app
