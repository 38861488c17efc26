// Findings that a test can count by hand.
#pragma once

#include "audit/findings.h"

namespace fovea::test {

inline SavingsRow example_row(const char* name, std::uint64_t memory_bytes, double saved_ms) {
  SavingsRow row{.name = name,
                 .embedding = true,
                 .prefix = true,
                 .response = true,
                 .memory_bytes = memory_bytes,
                 .mean_ms = 100,
                 .factor = 2,
                 .saved_ms = saved_ms,
                 .prompt_tokens_saved = 1'500'000,
                 .answer_tokens_saved = 20'000};
  row.machine_money = saved_ms / 3.6e6 * 2;
  return row;
}

// Ten hours of work, of which four came again; 4 GiB get nine tenths of these.
inline AuditFindings example_findings() {
  constexpr double hour_ms = 3.6e6;
  constexpr std::uint64_t gib = std::uint64_t{1} << 30;
  AuditFindings findings;
  findings.traffic = {.requests = 1200,
                      .failed = 3,
                      .with_pictures = 1000,
                      .pictures = 1100,
                      .clients = 2,
                      .routes = 1,
                      .models = 1,
                      .span_ms = 7 * 24 * hour_ms,
                      .prompt_tokens = 2e6,
                      .picture_tokens = 1.5e6,
                      .answer_tokens = 50'000,
                      .provider_cached_tokens = 500'000};
  findings.reuse.pictures = {.sent = 1100,
                             .different = 500,
                             .same_file = 400,
                             .other_file = 100,
                             .as_tiles = 60,
                             .tiles = 5000,
                             .tiles_again = 2000,
                             .near = 40,
                             .same_prompt = 300,
                             .other_prompt = 200,
                             .other_client = 50};
  findings.reuse.prefixes = {
      .prompts = 1200, .shared = 600, .tokens = 2e6, .tokens_known = 1e6, .tokens_by_messages = 8e5};
  findings.reuse.questions = {
      .asked = 1200, .repeats = 120, .repeats_stored = 90, .repeats_sampled = 30, .other_settings = 12};
  findings.reuse.by_client = {{.name = "web",
                               .requests = 1000,
                               .pictures = 1000,
                               .pictures_again = 450,
                               .prompt_tokens = 1.8e6,
                               .prompt_tokens_known = 9e5,
                               .repeats = 100},
                              {.name = "",
                               .requests = 200,
                               .pictures = 100,
                               .pictures_again = 50,
                               .prompt_tokens = 2e5,
                               .prompt_tokens_known = 1e5,
                               .repeats = 20}};
  findings.spoilers = {{.kind = SpoilerKind::changing_time,
                        .client = "web",
                        .route = "/v1/chat/completions",
                        .where = "system prompt",
                        .first_request = 17,
                        .requests = 800,
                        .tokens = 400'000,
                        .ms = hour_ms,
                        .what = "A time changes in front of what stays the same.",
                        .fix = "Put it behind the picture."},
                       {.kind = SpoilerKind::similar_picture,
                        .first_request = 30,
                        .requests = 40,
                        .tokens = 1000,
                        .ms = 1000,
                        .sure = false,
                        .what = "Pictures were compressed again.",
                        .fix = "Send the file as it is."}};
  SavingsFindings& savings = findings.savings;
  savings.profile = "l4";
  savings.machine = "NVIDIA L4";
  savings.model = "llava-1.5-7b";
  savings.policy = "value";
  savings.requests = 1197;
  savings.baseline_ms = 10 * hour_ms;
  savings.baseline_mean_ms = 30'000;
  savings.levels = {example_row("all levels", 0, 4 * hour_ms)};
  savings.levels.insert(savings.levels.begin(), example_row("embedding", 0, 2 * hour_ms));
  savings.levels.front().prefix = savings.levels.front().response = false;
  savings.sizes = {example_row("1 GiB", gib, 2 * hour_ms), example_row("4 GiB", 4 * gib, 3.7 * hour_ms),
                   example_row("16 GiB", 16 * gib, 3.9 * hour_ms)};
  savings.tiers = {example_row("1 GiB and a disk of 64 GiB", gib, 3.5 * hour_ms)};
  savings.tiers.front().disk_bytes = 64 * gib;
  savings.prices.per_hour = 2;
  savings.assumptions = {"Times are those of the profile."};
  return findings;
}

}  // namespace fovea::test
