// The C interface on top of Level. No exception crosses it: guarded() turns one into FOVEA_FAILED and keeps
// its message. The messages are thread-local. A C struct is filled by copying as many bytes as the caller's
// struct_size says, so fields can be added at its end.
#include "fovea/fovea.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <format>
#include <string>

#include "fovea/level.h"
#include "fovea/version.h"

struct fovea_level {
  fovea::Level level;
};

struct fovea_value {
  fovea::Blob blob;
};

struct fovea_sink {
  fovea::Blob blob;
  bool filled = false;
};

namespace {

thread_local std::string last_error;

fovea_status refuse(fovea_status status, std::string why) {
  last_error = std::move(why);
  return status;
}

fovea_status refuse_null(const char* what) {
  return refuse(FOVEA_INVALID, std::format("{} is NULL; pass a valid pointer.", what));
}

// Runs `body`. An exception becomes FOVEA_FAILED.
template <typename Body>
fovea_status guarded(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception& error) {
    return refuse(FOVEA_FAILED, error.what());
  } catch (...) {
    return refuse(FOVEA_FAILED, "The computation threw something that is not a std::exception.");
  }
}

fovea::Key key_of(const fovea_key& key) {
  fovea::Key result;
  std::memcpy(result.bytes.data(), key.bytes, sizeof key.bytes);
  return result;
}

fovea::Result<fovea::Blob> computed(fovea_compute compute, void* context) {
  fovea_sink sink;
  const int code = compute(context, &sink);
  if (code != 0) return fovea::fail(fovea::Fault::internal, std::format("The compute function returned {}.", code));
  if (!sink.filled)
    return fovea::fail(fovea::Fault::invalid, "The compute function returned 0 without calling fovea_fill.");
  return std::move(sink.blob);
}

}  // namespace

const char* fovea_last_error(void) { return last_error.c_str(); }

const char* fovea_version(void) { return FOVEA_VERSION; }

fovea_status fovea_key_of(const char* domain, const void* const* fields, const size_t* lengths, size_t count,
                          fovea_key* key) {
  if (domain == nullptr || key == nullptr) return refuse_null(domain == nullptr ? "domain" : "key");
  if (count != 0 && (fields == nullptr || lengths == nullptr)) return refuse_null("fields or lengths");
  return guarded([&] {
    fovea::KeyBuilder builder{domain};
    for (std::size_t i = 0; i < count; ++i) {
      if (fields[i] == nullptr && lengths[i] != 0) return refuse_null("a field");
      builder.field(std::span(static_cast<const std::byte*>(fields[i]), lengths[i]));
    }
    std::memcpy(key->bytes, builder.finish().bytes.data(), sizeof key->bytes);
    return FOVEA_OK;
  });
}

fovea_status fovea_level_open(uint64_t bytes_max, const char* policy, fovea_level** level) {
  if (level == nullptr) return refuse_null("level");
  *level = nullptr;
  return guarded([&] {
    fovea::LevelOptions options{.bytes_max = bytes_max};
    if (policy != nullptr) {
      const auto kind = fovea::policy_kind_of(policy);
      if (!kind) return refuse(FOVEA_INVALID, kind.error().message);
      options.policy = *kind;
    }
    *level = new fovea_level{fovea::Level(options)};
    return FOVEA_OK;
  });
}

void fovea_level_close(fovea_level* level) { delete level; }

fovea_status fovea_find(fovea_level* level, const fovea_key* key, fovea_value** value) {
  if (level == nullptr || key == nullptr || value == nullptr) return refuse_null("level, key or value");
  *value = nullptr;
  return guarded([&] {
    auto hit = level->level.find(key_of(*key));
    if (!hit) return FOVEA_MISS;
    *value = new fovea_value{std::move(hit->value)};
    return FOVEA_OK;
  });
}

fovea_status fovea_insert(fovea_level* level, const fovea_key* key, const void* bytes, size_t size, double cost_ms) {
  if (level == nullptr || key == nullptr) return refuse_null("level or key");
  if (bytes == nullptr && size != 0) return refuse_null("bytes");
  if (!(cost_ms >= 0)) return refuse(FOVEA_INVALID, "cost_ms must be 0 or more.");
  return guarded([&] {
    auto blob = fovea::Blob::copy_of(std::span(static_cast<const std::byte*>(bytes), size));
    const auto insertion = level->level.insert(key_of(*key), std::move(blob), cost_ms);
    return insertion == fovea::Insertion::stored ? FOVEA_OK : FOVEA_BYPASS;
  });
}

void* fovea_fill(fovea_sink* sink, size_t size) {
  if (sink == nullptr) return nullptr;
  void* room = nullptr;
  const fovea_status status = guarded([&] {
    sink->blob = fovea::Blob::filled(size, [&](std::span<std::byte> bytes) { room = bytes.data(); });
    sink->filled = true;
    return FOVEA_OK;
  });
  return status == FOVEA_OK ? room : nullptr;
}

fovea_status fovea_get_or_compute(fovea_level* level, const fovea_key* key, fovea_compute compute, void* context,
                                  fovea_value** value) {
  if (level == nullptr || key == nullptr || value == nullptr) return refuse_null("level, key or value");
  *value = nullptr;
  if (compute == nullptr) return refuse_null("compute");
  return guarded([&] {
    auto blob = level->level.get_or_compute(key_of(*key), [&] { return computed(compute, context); });
    if (!blob) return refuse(FOVEA_FAILED, std::move(blob.error().message));
    *value = new fovea_value{std::move(*blob)};
    return FOVEA_OK;
  });
}

const void* fovea_value_bytes(const fovea_value* value) {
  return value == nullptr ? nullptr : value->blob.bytes().data();
}

size_t fovea_value_size(const fovea_value* value) { return value == nullptr ? 0 : value->blob.size(); }

void fovea_value_release(fovea_value* value) { delete value; }

fovea_status fovea_erase(fovea_level* level, const fovea_key* key) {
  if (level == nullptr || key == nullptr) return refuse_null("level or key");
  return guarded([&] { return level->level.erase(key_of(*key)) ? FOVEA_OK : FOVEA_MISS; });
}

fovea_status fovea_clear(fovea_level* level) {
  if (level == nullptr) return refuse_null("level");
  return guarded([&] {
    level->level.clear();
    return FOVEA_OK;
  });
}

fovea_status fovea_resize(fovea_level* level, uint64_t bytes_max) {
  if (level == nullptr) return refuse_null("level");
  return guarded([&] {
    level->level.resize(bytes_max);
    return FOVEA_OK;
  });
}

fovea_status fovea_set_importance(fovea_level* level, const fovea_key* key, float importance) {
  if (level == nullptr || key == nullptr) return refuse_null("level or key");
  if (!(importance >= 0 && importance <= 1)) return refuse(FOVEA_INVALID, "importance must lie between 0 and 1.");
  return guarded([&] { return level->level.set_importance(key_of(*key), importance) ? FOVEA_OK : FOVEA_MISS; });
}

fovea_status fovea_level_stats(const fovea_level* level, fovea_stats* stats) {
  if (level == nullptr || stats == nullptr) return refuse_null("level or stats");
  if (stats->struct_size < sizeof(std::size_t))
    return refuse(FOVEA_INVALID, "Set stats->struct_size to sizeof(fovea_stats).");
  return guarded([&] {
    const fovea::LevelStats now = level->level.stats();
    const fovea_stats all{.struct_size = stats->struct_size,
                          .hits = now.hits,
                          .misses = now.misses,
                          .insertions = now.insertions,
                          .bypasses = now.bypasses,
                          .evictions = now.evictions,
                          .entries = now.entries,
                          .bytes = now.bytes,
                          .bytes_max = now.bytes_max,
                          .pinned_bytes = now.pinned_bytes,
                          .in_use_bytes = now.in_use_bytes,
                          .saved_ms = now.saved_ms};
    std::memcpy(stats, &all, std::min(stats->struct_size, sizeof all));
    return FOVEA_OK;
  });
}
