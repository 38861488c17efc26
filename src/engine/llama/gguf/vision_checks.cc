// Numbers are checked for every projector, tensors for those whose encoder is a plain transformer on square
// patches. Every tensor's shape is compared with the encoder's width. The feed-forward width is taken from
// its tensors, since older converters state 0, or exchange the names of its two matrices (libmtmd tells them
// apart by shape).
#include "engine/llama/gguf/vision_checks.h"

#include <algorithm>
#include <array>
#include <format>

#include "engine/llama/gguf/file_rules.h"
#include "engine/llama/gguf/model_shape.h"
#include "engine/llama/vision/projectors.h"

namespace fovea::llama {

namespace {

constexpr std::int64_t side_max = 1 << 14;  // pixels; tiles have some hundred
constexpr std::int64_t layers_max = 512;
constexpr std::int64_t width_max = 1 << 17;
constexpr std::int64_t heads_max = 1 << 12;
constexpr std::int64_t merge_max = 64;
constexpr std::int64_t patches_max = 1 << 16;  // the memory for attention grows with its square
// Tiles a side; published models have at most 6, and each costs an encode.
constexpr std::int64_t grid_max = 16;
constexpr std::size_t channels = 3;

// Projectors behind a plain vision transformer (CLIP, SigLIP and their like).
constexpr std::string_view plain_encoders[] = {"mlp",      "ldp",      "ldpv2",     "adapter",       "gemma3",
                                               "idefics3", "internvl", "janus_pro", "qwen3vl_merger"};
// Those that join patches 2 by 2 in a graph that knows no other number.
constexpr std::string_view joins_four[] = {"qwen2vl_merger", "qwen2.5vl_merger", "qwen3vl_merger"};
// Those of them whose tiles all have the stated size, so that each patch needs its place in the position
// table.
constexpr std::string_view fixed_tiles[] = {"mlp", "ldp", "ldpv2", "gemma3", "idefics3", "internvl", "janus_pro"};
// The llava family selects rows of the position table, which converts them; the others add the table as it
// is.
constexpr std::string_view converts_positions[] = {"mlp", "ldp", "ldpv2", "adapter"};
// The projector of Yi-VL is also named mlp: two linear layers, each with a norm behind it.
constexpr std::string_view normed_layers[] = {"mm.0", "mm.3"};
constexpr std::string_view norms_of_layers[] = {"mm.1", "mm.4"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

Result<void> check_kind(const GgufFile& mmproj, std::string_view projector) {
  if (mmproj.truth("clip.has_vision_encoder") != true) {
    const bool audio = mmproj.truth("clip.has_audio_encoder") == true;
    return mmproj.refuse(Fault::invalid, audio ? "encodes sound, not pictures: give the mmproj file of a vision model"
                                               : "has no vision encoder: give the mmproj file of a vision model");
  }
  if (projector.empty()) return mmproj.refuse(Fault::unsupported, "names no projector: convert the model anew");
  if (is_audio_projector(projector)) {
    return mmproj.refuse(
        Fault::invalid,
        std::format("has the projector '{}', which is for sound: give the mmproj file of a vision model", projector));
  }
  if (is_known_projector(projector)) return {};
  return mmproj.refuse(
      Fault::unsupported,
      std::format("has the projector '{}', which this llama.cpp does not know: use a newer one or another model",
                  projector));
}

// libmtmd reads values by exact type.
Result<void> check_types(const GgufFile& mmproj) {
  struct Typed {
    std::string_view key;
    GgufType type;
  };
  constexpr Typed typed[] = {{"clip.vision.image_size", GgufType::u32},
                             {"clip.vision.patch_size", GgufType::u32},
                             {"clip.vision.embedding_length", GgufType::u32},
                             {"clip.vision.feed_forward_length", GgufType::u32},
                             {"clip.vision.block_count", GgufType::u32},
                             {"clip.vision.attention.head_count", GgufType::u32},
                             {"clip.vision.projection_dim", GgufType::u32},
                             {"clip.vision.projector.scale_factor", GgufType::u32},
                             {"clip.vision.preproc_image_size", GgufType::u32},
                             {"clip.vision.attention.layer_norm_epsilon", GgufType::f32},
                             {"clip.use_gelu", GgufType::boolean},
                             {"clip.use_silu", GgufType::boolean}};
  for (const Typed& expected : typed) {
    if (!mmproj.has(expected.key) || (!mmproj.is_array(expected.key) && mmproj.type(expected.key) == expected.type))
      continue;
    return mmproj.refuse(Fault::corrupt, std::format("is damaged: '{}' is not of type {}; get the file again",
                                                     expected.key, to_string(expected.type)));
  }
  for (const char* key : {"clip.vision.image_mean", "clip.vision.image_std"}) {
    if (!mmproj.has(key) && !is_one_of(plain_encoders, projector_of(mmproj))) continue;
    if (mmproj.is_array(key) && mmproj.type(key) == GgufType::f32 && mmproj.array_size(key) == channels) continue;
    return mmproj.refuse(
        Fault::corrupt,
        std::format("is damaged: '{}' is not a list of {} numbers, one for each colour; get the file again", key,
                    channels));
  }
  return {};
}

Result<void> check_numbers(const GgufFile& mmproj, const VisionShape& vision) {
  const std::int64_t least = is_one_of(plain_encoders, vision.projector) ? 1 : 0;
  const std::array rules{CountRule{"clip.vision.image_size", 1, side_max},
                         CountRule{"clip.vision.patch_size", 1, side_max},
                         CountRule{"clip.vision.embedding_length", least, width_max},
                         CountRule{"clip.vision.block_count", least, layers_max},
                         CountRule{"clip.vision.attention.head_count", least, heads_max},
                         CountRule{"clip.vision.feed_forward_length", 0, width_max, Need::optional},
                         CountRule{"clip.vision.projector.scale_factor", 1, merge_max, Need::optional},
                         CountRule{"clip.vision.preproc_image_size", 0, side_max, Need::optional}};
  if (Result<void> passed = check_counts(mmproj, rules); !passed) return passed;
  if (is_one_of(joins_four, vision.projector)) {
    const std::array two{CountRule{"clip.vision.spatial_merge_size", 2, 2, Need::optional}};
    if (Result<void> passed = check_counts(mmproj, two); !passed) return passed;
  }
  return check_number(mmproj, "clip.vision.attention.layer_norm_epsilon", 0, 1);
}

// A tile must have patches, not too many, and whole groups of them where a projector merges some.
Result<void> check_patches(const GgufFile& mmproj, const VisionShape& vision) {
  const std::int64_t side = vision.image_size / vision.patch_size;
  if (side == 0 || side * side > patches_max) {
    return mmproj.refuse(
        Fault::corrupt,
        std::format(
            "is damaged: a tile of {} pixels has no sensible number of patches of {} pixels; get the file again",
            vision.image_size, vision.patch_size));
  }
  if (vision.width % vision.heads != 0) {
    return mmproj.refuse(
        Fault::corrupt,
        std::format("is damaged: {} attention heads do not divide the encoder's width of {}; get the file again",
                    vision.heads, vision.width));
  }
  if (vision.image_size_max > grid_max * vision.image_size) {
    return mmproj.refuse(Fault::corrupt,
                         std::format("is damaged: it scales pictures to {} pixels and cuts them into tiles of {}; get "
                                     "the file again",
                                     vision.image_size_max, vision.image_size));
  }
  if (side % vision.merge == 0) return {};
  return mmproj.refuse(
      Fault::corrupt,
      std::format("is damaged: its projector joins patches {} by {}, and a tile has {} a side; get the file again",
                  vision.merge, vision.merge, side));
}

Result<void> check_input(const GgufFile& mmproj, const VisionShape& vision) {
  const std::int64_t width = vision.width;
  const std::int64_t patch = vision.patch_size;
  const std::array rules{TensorRule{"v.patch_embd.weight", {patch, patch, channels, width}},
                         TensorRule{"v.patch_embd.bias", {width}, Need::optional},
                         TensorRule{"v.class_embd", {width}, Need::optional},
                         TensorRule{"v.position_embd.weight", {width, 0}},
                         TensorRule{"v.pre_ln.weight", {width}, Need::optional},
                         TensorRule{"v.pre_ln.bias", {width}, Need::optional},
                         TensorRule{"v.post_ln.weight", {width}, Need::optional},
                         TensorRule{"v.post_ln.bias", {width}, Need::optional}};
  if (Result<void> passed = check_tensors(mmproj, rules); !passed) return passed;
  if (vision.projector == "qwen3vl_merger") {
    const std::array second{TensorRule{"v.patch_embd.weight.1", {patch, patch, channels, width}},
                            TensorRule{"v.patch_embd.bias", {width}}};
    if (Result<void> passed = check_tensors(mmproj, second); !passed) return passed;
  }
  const GgufTensor* table = mmproj.find_tensor("v.position_embd.weight");
  if (!table->is_float32() && !is_one_of(converts_positions, vision.projector)) {
    return mmproj.refuse(
        Fault::unsupported,
        std::format("has its table of positions as {}, which cannot be computed with: convert the model anew, with "
                    "'v.position_embd.weight' as f32",
                    table->type_name()));
  }
  if (!is_one_of(fixed_tiles, vision.projector)) return {};
  const std::int64_t side = vision.image_size / vision.patch_size;
  const std::int64_t places = side * side + (mmproj.find_tensor("v.class_embd") != nullptr ? 1 : 0);
  const std::array positions{TensorRule{"v.position_embd.weight", {width, places}}};
  return check_tensors(mmproj, positions);
}

Result<void> check_attention(const GgufFile& mmproj, const VisionShape& vision, std::string_view layer) {
  const std::int64_t width = vision.width;
  std::vector<TensorRule> rules;
  for (const char* norm : {"ln1", "ln2"}) {
    rules.push_back({std::format("{}.{}.weight", layer, norm), {width}});
    rules.push_back({std::format("{}.{}.bias", layer, norm), {width}, Need::optional});
  }
  const bool fused =
      vision.projector == "qwen3vl_merger" || mmproj.find_tensor(std::format("{}.attn_qkv.weight", layer)) != nullptr;
  if (fused) {
    rules.push_back({std::format("{}.attn_qkv.weight", layer), {width, 3 * width}});
    const bool added = vision.projector == "qwen3vl_merger";  // without a check
    rules.push_back({std::format("{}.attn_qkv.bias", layer), {3 * width}, added ? Need::required : Need::optional});
  }
  for (const char* part : {"attn_q", "attn_k", "attn_v", "attn_out"}) {
    const bool replaced = fused && std::string_view(part) != "attn_out";
    rules.push_back(
        {std::format("{}.{}.weight", layer, part), {width, width}, replaced ? Need::optional : Need::required});
    rules.push_back({std::format("{}.{}.bias", layer, part), {width}, Need::optional});
  }
  return check_tensors(mmproj, rules);
}

Result<void> check_feed_forward(const GgufFile& mmproj, const VisionShape& vision, std::string_view layer) {
  const std::int64_t width = vision.width;
  std::string first = std::format("{}.ffn_up", layer);
  std::string second = std::format("{}.ffn_down", layer);
  if (const GgufTensor* down = mmproj.find_tensor(second + ".weight"); down != nullptr && down->extent(0) == width)
    std::swap(first, second);
  const GgufTensor* widening = mmproj.find_tensor(first + ".weight");
  const std::int64_t inner = widening == nullptr ? 0 : widening->extent(1);
  const std::array rules{TensorRule{first + ".weight", {width, inner}},
                         TensorRule{first + ".bias", {inner}, Need::optional},
                         TensorRule{std::format("{}.ffn_gate.weight", layer), {width, inner}, Need::optional},
                         TensorRule{std::format("{}.ffn_gate.bias", layer), {inner}, Need::optional},
                         TensorRule{second + ".weight", {inner, width}},
                         TensorRule{second + ".bias", {width}, Need::optional}};
  return check_tensors(mmproj, rules);
}

// The width that the first layer of the projector takes: of a patch, of several joined ones, or of a patch in
// several layers of the encoder side by side.
std::int64_t projector_input(const GgufFile& mmproj, const VisionShape& vision) {
  if (vision.projector == "idefics3" || vision.projector == "internvl")
    return std::int64_t{vision.width} * vision.merge * vision.merge;
  if (is_one_of(joins_four, vision.projector)) return std::int64_t{4} * vision.width;
  if (vision.projector == "janus_pro") return vision.width;
  if (vision.projector == "mlp")
    return vision.width *
           std::max<std::int64_t>(1, static_cast<std::int64_t>(mmproj.array_size("clip.vision.feature_layer")));
  return 0;  // not known
}

Result<void> check_projector_norms(const GgufFile& mmproj) {
  for (std::size_t i = 0; i < std::size(norms_of_layers); ++i) {
    const std::int64_t width = mmproj.find_tensor(std::format("{}.weight", normed_layers[i]))->extent(1);
    const std::array rules{TensorRule{std::format("{}.weight", norms_of_layers[i]), {width}},
                           TensorRule{std::format("{}.bias", norms_of_layers[i]), {width}}};
    if (Result<void> passed = check_tensors(mmproj, rules); !passed) return passed;
  }
  return {};
}

Result<void> check_projector(const GgufFile& mmproj, const VisionShape& vision) {
  std::int64_t in = projector_input(mmproj, vision);
  const bool mlp = vision.projector == "mlp";
  const bool normed = mlp && mmproj.find_tensor("mm.3.weight") != nullptr;
  const Need bias = mlp ? Need::required : Need::optional;  // libmtmd adds an mlp's biases without a check
  for (std::string_view layer :
       normed ? std::span<const std::string_view>(normed_layers) : projector_layers(vision.projector)) {
    const GgufTensor* weight = mmproj.find_tensor(std::format("{}.weight", layer));
    const std::int64_t out = weight == nullptr ? 0 : weight->extent(1);
    const std::array rules{TensorRule{std::format("{}.weight", layer), {in, out}},
                           TensorRule{std::format("{}.bias", layer), {out}, bias}};
    if (Result<void> passed = check_tensors(mmproj, rules); !passed) return passed;
    in = out;
  }
  if (normed) return check_projector_norms(mmproj);
  if (vision.projector != "gemma3") return {};
  const std::array rules{TensorRule{"mm.input_projection.weight", {0, vision.width}},
                         TensorRule{"mm.soft_emb_norm.weight", {vision.width}}};
  if (Result<void> passed = check_tensors(mmproj, rules); !passed) return passed;
  const GgufTensor* turned = mmproj.find_tensor("mm.input_projection.weight");
  if (!turned->is_quantised()) return {};
  return mmproj.refuse(
      Fault::unsupported,
      std::format("has 'mm.input_projection.weight' as {}, which cannot be transposed: convert the model anew, with it "
                  "as f16",
                  turned->type_name()));
}

}  // namespace

Result<void> check_vision(const GgufFile& mmproj) {
  const VisionShape vision = read_vision_shape(mmproj);
  if (Result<void> passed = check_kind(mmproj, vision.projector); !passed) return passed;
  if (Result<void> passed = check_types(mmproj); !passed) return passed;
  if (Result<void> passed = check_numbers(mmproj, vision); !passed) return passed;
  if (!is_one_of(plain_encoders, vision.projector)) return check_projector(mmproj, vision);
  if (Result<void> passed = check_patches(mmproj, vision); !passed) return passed;
  if (Result<void> passed = check_input(mmproj, vision); !passed) return passed;
  for (std::uint32_t layer = 0; layer < vision.layers; ++layer) {
    const std::string name = std::format("v.blk.{}", layer);
    if (Result<void> passed = check_attention(mmproj, vision, name); !passed) return passed;
    if (Result<void> passed = check_feed_forward(mmproj, vision, name); !passed) return passed;
  }
  return check_projector(mmproj, vision);
}

}  // namespace fovea::llama
