// Only numbers that something divides by, or that are summed up, have bounds here: a file that somebody
// changed by hand must not make a cost infinite or negative. Fields that a later version adds are passed over
// within one format version; those that are not optional must be there, since a number left out would be 0.
#include "profile/profile_file.h"

#include <unistd.h>
#include <cstdlib>
#include <format>
#include <fstream>
#include <glaze/glaze.hpp>

#include "trace/trace_source.h"

namespace fovea {

namespace {

constexpr std::uint32_t version = 1;
constexpr std::size_t profile_bytes_max = 1 << 20;
constexpr double ms_max = 1e9;     // eleven days
constexpr double rate_max = 1e12;  // bytes in a millisecond
constexpr double tokens_max = 1 << 24;
constexpr std::size_t list_max = 64;  // batches, threads, tiers
constexpr std::uint64_t tile_bytes_max = 1ULL << 34;
constexpr std::string_view measure_again = "Measure again with fovea profile and the flags of your model";

struct Options : glz::opts {
  bool error_on_unknown_keys = false;
  bool error_on_missing_keys = true;  // but optional ones
  bool escape_control_characters = true;
};
constexpr Options options{};

bool is_time(double ms) { return ms >= 0 && ms <= ms_max; }
bool is_rate(double bytes_per_ms) { return bytes_per_ms > 0 && bytes_per_ms <= rate_max; }
bool is_count(double tokens) { return tokens >= 0 && tokens <= tokens_max; }

// Larger and larger ones.
bool are_batches(const std::vector<BatchTime>& batches) {
  if (batches.empty() || batches.size() > list_max) return false;
  std::uint32_t before = 0;
  for (const BatchTime& batch : batches) {
    if (batch.tokens <= before || batch.tokens > tokens_max || !is_time(batch.ms) || batch.ms == 0) return false;
    before = batch.tokens;
  }
  return true;
}

// The first field of the load that is out of its range; empty where none is.
std::string_view wrong_field(const LoadTimes& load) {
  if (load.width == 0 || load.height == 0) return "load.width";
  for (const double tokens : {load.prompt_tokens, load.image_tokens, load.answer_tokens, load.steps})
    if (!is_count(tokens)) return "load.prompt_tokens, image_tokens, answer_tokens or steps";
  for (const double ms :
       {load.open_ms, load.preprocess_ms, load.hash_ms, load.encode_ms, load.encode_once_ms, load.prefill_ms,
        load.question_ms, load.generate_ms, load.around_ms, load.known_around_ms, load.hit_ms})
    if (!is_time(ms)) return "a time of load";
  return {};
}

std::string_view wrong_field(const ModelTimes& model) {
  if (!Key::from_hex(model.vision_fingerprint)) return "vision_fingerprint";
  if (!Key::from_hex(model.text_fingerprint)) return "text_fingerprint";
  if (model.tiles == 0 || model.tiles > tokens_max) return "tiles";
  if (model.tile_bytes == 0 || model.tile_bytes > tile_bytes_max) return "tile_bytes";
  if (model.width == 0) return "width";
  if (!is_time(model.encode_ms)) return "encode_ms";
  if (!is_time(model.image_prefill_ms)) return "image_prefill_ms";
  if (!is_time(model.load_ms)) return "load_ms";
  if (!are_batches(model.prefill)) return "prefill";
  if (!are_batches(model.batches) || model.batches.front().tokens != 1) return "batches";
  if (model.state && (model.state->bytes == 0 || model.state->tokens == 0 || !is_time(model.state->in_ms) ||
                      !is_time(model.state->out_ms)))
    return "state";
  if (model.threads.size() > list_max) return "threads";
  for (const ThreadTime& at : model.threads)
    if (at.threads == 0 || !is_time(at.encode_ms) || !is_time(at.prefill_ms) || !is_time(at.decode_ms))
      return "threads";
  return wrong_field(model.load);
}

std::string_view wrong_field(const Profile& profile) {
  if (profile.models.empty() || profile.models.size() > 2) return "models";
  for (const ModelTimes& model : profile.models)
    if (const auto wrong = wrong_field(model); !wrong.empty()) return wrong;
  if (profile.tiers.size() > list_max) return "tiers";
  for (const TierTime& tier : profile.tiers)
    if (!is_time(tier.wait_ms) || !is_rate(tier.bytes_per_ms) || !is_rate(tier.write_bytes_per_ms)) return "tiers";
  if (profile.memory.size() > list_max) return "memory";
  for (const BandwidthAt& at : profile.memory)
    if (!is_rate(at.bytes_per_ms)) return "memory";
  return {};
}

}  // namespace

// Only the version, to tell a later format from a damaged file.
struct ProfileVersion {
  std::optional<std::uint32_t> fovea_profile;
};

std::string to_json(const Profile& profile) { return glz::write<options>(profile).value_or("{}") + "\n"; }

Result<Profile> parse_profile(std::string_view json, const std::string& name) {
  const std::string document(json);  // glaze needs a terminated buffer
  ProfileVersion head;
  const auto damaged = [&](const glz::error_ctx& error) {
    return fail(Fault::invalid, std::format("{}: not a profile of fovea profile: {}\n{}", name,
                                            glz::format_error(error, document), measure_again));
  };
  if (const auto error = glz::read<options>(head, document)) return damaged(error);
  if (!head.fovea_profile)
    return fail(Fault::invalid, std::format("{}: not a profile of fovea profile: it has no fovea_profile", name));
  if (*head.fovea_profile != version)
    return fail(Fault::unsupported, std::format("{}: a profile of version {}, and this program reads version {}. {}",
                                                name, *head.fovea_profile, version, measure_again));
  Profile profile;
  if (const auto error = glz::read<options>(profile, document)) {
    if (error.ec != glz::error_code::missing_key) return damaged(error);
    return fail(Fault::invalid, std::format("{}: {} is missing. {}", name, error.custom_error_message, measure_again));
  }
  if (const std::string_view field = wrong_field(profile); !field.empty())
    return fail(Fault::invalid, std::format("{}: {} is missing or out of its range. {}", name, field, measure_again));
  return profile;
}

Result<Profile> read_profile(const std::filesystem::path& path) {
  auto source = TraceSource::open(path.string());
  if (!source) return std::unexpected(source.error());
  const auto json = source->rest(profile_bytes_max);
  if (!json) return std::unexpected(json.error());
  return parse_profile(*json, path.string());
}

Result<void> check_profile_target(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status target = std::filesystem::status(path, error);
  if (std::filesystem::is_directory(target))
    return fail(Fault::invalid, std::format("{}: is a folder: name a file for the profile", path.string()));
  if (std::filesystem::exists(target) && !std::filesystem::is_regular_file(target))
    return fail(Fault::invalid,
                std::format("{}: is no regular file, and a profile would replace it: name a file, or - for standard "
                            "output",
                            path.string()));
  if (path.has_parent_path() && !std::filesystem::is_directory(path.parent_path(), error))
    return fail(Fault::invalid,
                std::format("{}: there is no folder {}: make it first", path.string(), path.parent_path().string()));
  return {};
}

Result<void> write_profile(const Profile& profile, const std::filesystem::path& path) {
  if (auto possible = check_profile_target(path); !possible) return possible;
  std::error_code error;
  std::filesystem::path unfinished = path;
  unfinished += std::format(".{}.part", ::getpid());
  std::ofstream out(unfinished, std::ios::binary);
  out << to_json(profile);
  out.close();
  if (out) std::filesystem::rename(unfinished, path, error);
  if (out && !error) return {};
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  return fail(Fault::unavailable,
              std::format("{}: the profile cannot be written{}", path.string(), error ? ": " + error.message() : ""));
}

std::optional<std::filesystem::path> profile_path(const std::string& model_name) {
  const std::filesystem::path file = std::filesystem::path("fovea") / "profiles" / (model_name + ".json");
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return cache / file;
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return std::filesystem::path(home) / ".cache" / file;
  return std::nullopt;
}

const ModelTimes* find_model(const Profile& profile, const Key& vision_fingerprint, const Key& text_fingerprint) {
  for (const ModelTimes& model : profile.models)
    if (model.vision_fingerprint == vision_fingerprint.hex() && model.text_fingerprint == text_fingerprint.hex())
      return &model;
  return nullptr;
}

}  // namespace fovea
