// The replies are plain structs in the order of OpenAI's fields, as in chat_reply.cc. Log probabilities have
// the form that completions had before chats: lists side by side, and where each token begins in the text.
#include "serve/model/completion_form.h"

#include <ctime>
#include <map>
#include <utility>

#include "serve/openai/tokens/usage.h"
#include "serve/wire/fresh_id.h"
#include "serve/wire/json_text.h"
#include "serve/wire/valid_text.h"

namespace fovea::serve {

namespace json {

struct ListedLogprobs {
  std::vector<std::size_t> text_offset;
  std::vector<double> token_logprobs;
  std::vector<std::string> tokens;
  std::vector<std::map<std::string, double>> top_logprobs;
};

struct TextChoice {
  std::string text;
  std::size_t index;
  glz::raw_json logprobs, finish_reason;
};

struct TextCompletion {
  std::string_view id, object = "text_completion";
  std::int64_t created;
  std::string_view model;
  std::vector<TextChoice> choices;
  std::optional<glz::raw_json> usage;
  std::string_view system_fingerprint;
  std::optional<Timings> timings;
};

}  // namespace json

namespace {

// `offset`: where the first token begins in the choice's text.
glz::raw_json logprobs_of(const ChosenTokens* tokens, std::size_t offset) {
  if (tokens == nullptr) return {"null"};
  json::ListedLogprobs listed;
  for (const ChosenToken& token : *tokens) {
    listed.text_offset.push_back(offset);
    offset += token.chosen.bytes.size();
    listed.tokens.push_back(valid_text(token.chosen.bytes));
    listed.token_logprobs.push_back(token.chosen.log_probability);
    auto& top = listed.top_logprobs.emplace_back();
    for (const TokenChoice& other : token.likeliest) top.emplace(valid_text(other.bytes), other.log_probability);
  }
  return {json_text(listed)};
}

glz::raw_json finish_reason_of(const FinishedAnswer* answer) {
  if (answer == nullptr) return {"null"};
  return {answer->answer.finish_reason == FinishReason::stop ? R"("stop")" : R"("length")"};
}

std::string as_event(const json::TextCompletion& data) { return "data: " + brief_json_text(data) + "\n\n"; }

}  // namespace

CompletionForm::CompletionForm(ChatReply::Options reply, const VisionLanguageEngine& engine, Options options)
    : reply_(std::move(reply)),
      options_(std::move(options)),
      id_(fresh_id("cmpl-")),
      created_(std::time(nullptr)),
      tokens_(engine, options_.top_logprobs) {}

std::string CompletionForm::whole(std::span<const FinishedAnswer> answers) {
  json::TextCompletion completion{.id = id_,
                                  .created = created_,
                                  .model = reply_.model,
                                  .choices = {},
                                  .usage = glz::raw_json{brief_json_text(json::usage_of(answers, options_.choices))},
                                  .system_fingerprint = reply_.fingerprint,
                                  .timings = {}};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const ChosenTokens* tokens = by_choice_.empty() ? nullptr : &by_choice_[i];
    completion.choices.push_back(
        {std::string(echo_of(i)) + answers[i].answer.text, i, logprobs_of(tokens, 0), finish_reason_of(&answers[i])});
  }
  if (reply_.timings) completion.timings = json::timings_of(answers);
  return brief_json_text(completion);
}

std::string_view CompletionForm::echo_of(std::size_t choice) const {
  return options_.echo.empty() ? std::string_view() : options_.echo[choice / options_.choices];
}

std::string CompletionForm::begin_event() const {
  const std::string_view echo = echo_of(choice_);
  return echo.empty() ? std::string() : event(echo, nullptr, nullptr);
}

std::string CompletionForm::event(std::string_view text, const ChosenTokens* tokens,
                                  const FinishedAnswer* ended) const {
  json::TextCompletion chunk{
      .id = id_,
      .created = created_,
      .model = reply_.model,
      .choices = {{std::string(text), choice_, logprobs_of(tokens, text_bytes_), finish_reason_of(ended)}},
      .usage = {},
      .system_fingerprint = reply_.fingerprint,
      .timings = {}};
  if (reply_.include_usage) chunk.usage = glz::raw_json{"null"};
  if (ended != nullptr && reply_.timings) chunk.timings = json::timings_of(std::span(ended, 1));
  return as_event(chunk);
}

std::string CompletionForm::piece_event(const AnswerPiece& piece) {
  const auto* content = std::get_if<ContentPiece>(&piece);
  if (content == nullptr) return {};  // a completion has no tools
  const std::optional<ChosenTokens> tokens = tokens_.take();
  std::string written = event(content->text, tokens ? &*tokens : nullptr, nullptr);
  text_bytes_ += content->text.size();
  return written;
}

std::string CompletionForm::choice_end(const FinishedAnswer& answer) {
  std::optional<ChosenTokens> tokens = tokens_.take();
  std::string events = event("", tokens && !tokens->empty() ? &*tokens : nullptr, &answer);
  if (tokens) by_choice_.push_back(std::move(*tokens));
  ++choice_;
  text_bytes_ = 0;
  const std::size_t all = options_.choices * std::max<std::size_t>(options_.echo.size(), 1);
  if (choice_ < all) events += begin_event();
  return events;
}

std::string CompletionForm::last_events(std::span<const FinishedAnswer> answers) {
  constexpr const char* done = "data: [DONE]\n\n";
  if (!reply_.include_usage) return done;
  return as_event({.id = id_,
                   .created = created_,
                   .model = reply_.model,
                   .choices = {},
                   .usage = glz::raw_json{brief_json_text(json::usage_of(answers, options_.choices))},
                   .system_fingerprint = reply_.fingerprint,
                   .timings = {}}) +
         done;
}

}  // namespace fovea::serve
