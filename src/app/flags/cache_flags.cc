#include "app/flags/cache_flags.h"

#include "base/units.h"

namespace fovea::app {

namespace {

constexpr const char* group = "Cache";

std::string policy_names() {
  std::string names;
  for (const PolicyKind kind : all_policies()) names.append(names.empty() ? "" : ", ").append(to_string(kind));
  return names;
}

Result<std::uint64_t> bytes_of(const std::string& flag, const std::string& text) {
  auto bytes = parse_bytes(text);
  if (!bytes) return fail(bytes.error().fault, flag + ": " + bytes.error().message);
  return bytes;
}

}  // namespace

void add_cache_flags(CLI::App& verb, CacheFlags& flags) {
  auto* embedding = verb.add_option("--embedding-cache", flags.embedding_cache,
                                    "Memory for what pictures look like to the model; 0 = off")
                        ->type_name("SIZE")
                        ->capture_default_str()
                        ->group(group);
  auto* prefix =
      verb.add_option("--prefix-cache", flags.prefix_cache,
                      "Memory for what the decoder made of prompts up to their pictures; 0 = off, which makes every\n"
                      "answer bit-identical to one computed from nothing")
          ->type_name("SIZE")
          ->capture_default_str()
          ->group(group);
  auto* response = verb.add_option("--response-cache", flags.response_cache, "Memory for whole answers; 0 = off")
                       ->type_name("SIZE")
                       ->capture_default_str()
                       ->group(group);
  verb.add_option("--cache-size", flags.cache_size,
                  "Memory for all of them together, in place of one each: it goes where it saves most time")
      ->type_name("SIZE")
      ->excludes(embedding, prefix, response)
      ->group(group);
  verb.add_option("--policy", flags.policy, "Who leaves a full cache: " + policy_names())
      ->type_name("NAME")
      ->capture_default_str()
      ->group(group);
}

Result<PipelineOptions> pipeline_options(const CacheFlags& flags) {
  const auto embedding = bytes_of("--embedding-cache", flags.embedding_cache);
  if (!embedding) return std::unexpected(embedding.error());
  const auto prefix = bytes_of("--prefix-cache", flags.prefix_cache);
  if (!prefix) return std::unexpected(prefix.error());
  const auto response = bytes_of("--response-cache", flags.response_cache);
  if (!response) return std::unexpected(response.error());
  const auto policy = policy_kind_of(flags.policy);
  if (!policy) return fail(policy.error().fault, "--policy: " + policy.error().message);
  PipelineOptions options{.embedding_bytes_max = *embedding,
                          .prefix_bytes_max = *prefix,
                          .response_bytes_max = *response,
                          .policy = *policy};
  if (flags.cache_size.empty()) return options;
  const auto shared = bytes_of("--cache-size", flags.cache_size);
  if (!shared) return std::unexpected(shared.error());
  options.shared_bytes_max = *shared;
  return options;
}

}  // namespace fovea::app
