// Sizes stay text until pipeline_options() reads them, so that a wrong one is reported like any other wrong
// value.
#include "app/flags/cache_flags.h"

#include <CLI/CLI.hpp>

#include "base/units.h"

namespace fovea::app {

namespace {

constexpr const char* group = "Cache";

Result<std::uint64_t> bytes_of(const std::string& flag, const std::string& text) {
  auto bytes = parse_bytes(text);
  if (!bytes) return fail(bytes.error().fault, flag + ": " + bytes.error().message);
  return bytes;
}

}  // namespace

std::string policy_choices(const std::string& before) {
  std::string names = before;
  for (const PolicyKind kind : all_policies()) names.append(names.empty() ? "" : ",").append(to_string(kind));
  return "{" + names + "}";
}

void add_cache_flags(CLI::App& verb, CacheFlags& flags) {
  auto* embedding = verb.add_option("--embedding-cache", flags.embedding_cache, "Memory for image embeddings; 0 = off")
                        ->type_name("SIZE")
                        ->capture_default_str()
                        ->group(group);
  auto* prefix =
      verb.add_option(
              "--prefix-cache", flags.prefix_cache,
              "Memory for the decoder's state behind the last image of a prompt; 0 = off, and then every answer is "
              "bit-identical to one that is computed without a cache")
          ->type_name("SIZE")
          ->capture_default_str()
          ->group(group);
  auto* response = verb.add_option("--response-cache", flags.response_cache, "Memory for complete answers; 0 = off")
                       ->type_name("SIZE")
                       ->capture_default_str()
                       ->group(group);
  verb.add_option("--cache-size", flags.cache_size,
                  "One memory budget for all levels, in place of the three; it goes where it saves the most time")
      ->type_name("SIZE")
      ->excludes(embedding, prefix, response)
      ->group(group);
  verb.add_option("--policy", flags.policy, "The policy that chooses the entry to evict from a full cache")
      ->check(CLI::Validator(policy_choices()))
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
