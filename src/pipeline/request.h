// Request and Answer: one question about images, and what came of it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "pipeline/answer_attention.h"
#include "pipeline/cache_use.h"
#include "pipeline/image_source.h"
#include "pipeline/request_report.h"

namespace fovea {

struct Request {
  std::vector<Message> messages;
  // A prompt that is rendered already, in place of messages; ImageSlots are as in these.
  std::optional<Prompt> prompt;
  bool continue_final = false;       // the answer goes on with the last message, the assistant's
  std::string template_args;         // RenderOptions::template_args
  std::vector<ImageSource> sources;  // an ImageSlot in a message is an index here
  GenerateOptions options;
  std::string prediction;  // what the answer is expected to be, to compute it faster; in no key
  CacheUse cache;
  // Entries are never shared between tenants; from the configuration, never from the request
  std::string tenant;
  // Tenants of the same group share their entries, if the operator says so; empty = with nobody.
  std::string group;
  // Entries are shared between a tenant's requests of the same salt only. It may come from the request: it
  // narrows, and what is another tenant's stays so whatever it says.
  std::string cache_salt;
  // Whose requests follow each other, as a hash that the tenant is in; it is in no key of a level. Absent:
  // what comes next is not predicted.
  std::optional<Key> session;
  // Whose frames its images are, as a hash that the tenant is in. Absent: they are not compared with earlier
  // ones, and everything is exact.
  std::optional<Key> camera;
  std::optional<double> timeout_ms;  // from the call on; then it is given up
  // Tell what the answer attended to, if it is computed: a stored one attended to nothing today
  bool attention = false;
  bool no_cache_read = false;  // compute it though it may be stored: somebody wants to see it being made
};

struct Answer {
  std::string text;
  std::int32_t prompt_tokens = 0;
  std::int32_t image_tokens = 0;  // of prompt_tokens
  std::int32_t answer_tokens = 0;
  FinishReason finish_reason = FinishReason::stop;
  std::string stop;                          // the stop string that ended it; empty = none did
  std::optional<AnswerAttention> attention;  // if the request asked for it, and the engine can tell
  RequestReport report;
};

// What a request's caller may watch. Any of them may be empty. What comes while the answer is generated is
// called on the engine's thread, while everybody's answers wait: none may wait itself, throw, or ask the
// pipeline anything.
struct Listener {
  std::function<void(std::string_view text)> on_text;  // the answer as it grows
  // Each generated token; never called for a response hit
  TokenCallback on_token;
  // Once, before the answer begins, with the report as far as it goes: what the levels had is known then. On
  // the caller's thread, where it may wait.
  std::function<void(const RequestReport& so_far)> on_start;
  // Before encoding tile `tile` of an image's `tiles`.
  std::function<void(std::size_t tile, std::size_t tiles)> on_encode;
};

}  // namespace fovea
