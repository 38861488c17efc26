// llama-server's fields, as far as they say something here. Its stream has no [DONE]: the piece with "stop"
// ends it.
#include "serve/model/native_completion_form.h"

#include <vector>

#include "serve/openai/tokens/usage.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

struct NativePiece {
  std::int32_t index = 0;
  std::string_view content;
  std::vector<std::int32_t> tokens;
  bool stop = false;
};

struct NativeCompletion {
  std::int32_t index = 0;
  std::string_view content;
  std::vector<std::int32_t> tokens;
  bool stop = true;
  std::string_view model;
  std::int32_t tokens_predicted, tokens_evaluated, tokens_cached;
  bool truncated = false;
  std::string_view stop_type, stopping_word;
  Timings timings;
};

}  // namespace json

namespace {

std::string_view stop_type_of(const Answer& answer) {
  if (answer.finish_reason == FinishReason::length) return "limit";
  return answer.stop.empty() ? "eos" : "word";
}

// Of the one answer that there is.
std::string written(std::span<const FinishedAnswer> answers, std::string_view content, std::string_view model) {
  const Answer& answer = answers.front().answer;
  const json::Timings timings = json::timings_of(answers);
  return json_text(json::NativeCompletion{.content = content,
                                          .tokens = {},
                                          .model = model,
                                          .tokens_predicted = answer.answer_tokens,
                                          .tokens_evaluated = answer.prompt_tokens,
                                          .tokens_cached = timings.cache_n,
                                          .stop_type = stop_type_of(answer),
                                          .stopping_word = answer.stop,
                                          .timings = timings});
}

}  // namespace

std::string NativeCompletionForm::whole(std::span<const FinishedAnswer> answers) {
  return written(answers, answers.front().answer.text, model_);
}

std::string NativeCompletionForm::piece_event(const AnswerPiece& piece) {
  const auto* content = std::get_if<ContentPiece>(&piece);
  if (content == nullptr) return {};
  return "data: " + json_text(json::NativePiece{.content = content->text, .tokens = {}}) + "\n\n";
}

std::string NativeCompletionForm::last_events(std::span<const FinishedAnswer> answers) {
  return "data: " + written(answers, "", model_) + "\n\n";
}

}  // namespace fovea::serve
