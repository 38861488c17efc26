// A conversation is taken in two steps, because a target may not be the one whose answers continue it. ask()
// puts the request with its answer aside (asked_), and remember() makes it the state that the next turn
// carries (conversations_).
#include "bench/client.h"

#include <cmath>
#include <format>
#include <utility>

#include "fovea/key.h"

namespace fovea {

namespace {

constexpr std::size_t hash_digits = 16;  // of the answer's text: enough to tell the answers of a bench apart

// Digits beyond a microsecond are noise, and they would be half of a file.
double to_microseconds(double ms) { return std::round(ms * 1000) / 1000; }

BenchRecord record_of(const ScriptRequest& request, const Target& target, Result<Measured> measured) {
  BenchRecord record{
      .target = target.name(), .kind = std::string(to_string(request.kind)), .pictures = request.pictures()};
  if (!measured) {
    record.error = measured.error().message;
    return record;
  }
  record.first_ms = to_microseconds(measured->first_ms);
  record.total_ms = to_microseconds(measured->total_ms);
  record.prompt_tokens = measured->prompt_tokens;
  record.answer_tokens = measured->answer_tokens;
  record.cached_tokens = measured->cached_tokens;
  record.levels = std::move(measured->levels);
  for (const auto& [stage, ms] : measured->stages) record.stages[stage] = to_microseconds(ms);
  record.saved_ms = to_microseconds(measured->saved_ms);
  record.tiles = measured->tiles;
  record.tiles_encoded = measured->tiles_encoded;
  record.answer = KeyBuilder("fovea/bench-answer/1").field(measured->text).finish().hex().substr(0, hash_digits);
  return record;
}

}  // namespace

Result<Client::Conversation> Client::with_turn(const ScriptRequest& request) const {
  Conversation conversation;
  if (request.turn > 0) {
    MutexLock lock(mutex_);
    if (const auto found = conversations_.find(request.conversation); found != conversations_.end())
      conversation = found->second;
  }
  if (conversation.messages.empty() && !scenario_.system.empty())
    conversation.messages.push_back({"system", {scenario_.system}});
  Message user{"user", {}};
  for (const ScriptPart& part : request.parts) {
    if (const auto* text = std::get_if<std::string>(&part)) {
      user.parts.emplace_back(*text);
      continue;
    }
    const auto picture = std::get<PictureName>(part);
    auto bytes = pictures_.get(picture);
    if (!bytes) return std::unexpected(bytes.error());
    user.parts.emplace_back(ImageSlot{conversation.sources.size()});
    conversation.sources.push_back({std::move(*bytes), std::format("picture {}.{}", picture.number, picture.step)});
  }
  conversation.messages.push_back(std::move(user));
  return conversation;
}

Result<BenchRecord> Client::ask(const ScriptRequest& request, const Client& said, const std::stop_token& stop) {
  auto conversation = said.with_turn(request);
  if (!conversation) return std::unexpected(conversation.error());
  Request asked{.messages = conversation->messages, .sources = conversation->sources};
  asked.options.max_tokens = scenario_.max_tokens;
  auto measured = target_.ask(asked, stop);
  if (measured) conversation->messages.push_back({"assistant", {measured->text}});
  if (measured) {
    MutexLock lock(mutex_);
    asked_[request.conversation] = std::move(*conversation);
  }
  return record_of(request, target_, std::move(measured));
}

void Client::remember(const ScriptRequest& request) {
  MutexLock lock(mutex_);
  const auto found = asked_.find(request.conversation);
  if (found == asked_.end()) return;
  if (scenario_.prompt == "chat") conversations_[request.conversation] = std::move(found->second);
  asked_.erase(found);
}

void Client::purge() {
  MutexLock lock(mutex_);
  conversations_.clear();
  asked_.clear();
}

}  // namespace fovea
