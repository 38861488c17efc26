// A document is read whole and a list line by line; both give the same Question values, and add_questions
// turns them into look-ups. Both are bounded, in bytes and in questions. The order and all draws depend on
// the seed alone.
#include "trace/questions.h"

#include <format>
#include <glaze/glaze.hpp>
#include <utility>

#include "fovea/key.h"
#include "trace/lenient_json.h"
#include "trace/mixed_bits.h"

namespace fovea {

namespace json {  // glaze reads the names of fields, which needs types with external linkage

struct Question {
  glz::raw_json_view image, image_id, text, question;
};

struct Questions {
  std::vector<Question> questions;
};

}  // namespace json

namespace {

// The largest known data set, VQA v2, has 60 MB. A hostile document takes some 30 times its bytes of memory.
constexpr std::size_t document_bytes_max = 1ULL << 27;
constexpr std::size_t questions_max = 20'000'000;  // some hundred bytes each
constexpr double apart_ms = 1000;                  // the files have no times: only the order counts

Result<Question> question_of(const json::Question& written) {
  bool valid = true;
  const std::string_view image = raw_text(written.image.str, valid);
  const std::string_view image_id = raw_text(written.image_id.str, valid);
  const std::string_view text = raw_text(written.text.str, valid);
  const std::string_view question = raw_text(written.question.str, valid);
  Question read{std::string(image.empty() ? image_id : image), std::string(text.empty() ? question : text)};
  if (!valid || read.image.empty() || read.text.empty()) {
    return fail(Fault::invalid, "not a question: it needs image or image_id, and text or question");
  }
  if (read.image.size() + read.text.size() >= key_text_bytes_max) {
    return fail(Fault::too_large, std::format("a question of more than {} bytes", key_text_bytes_max));
  }
  return read;
}

Result<void> append(const json::Question& written, std::vector<Question>& questions) {
  auto question = question_of(written);
  if (!question) return std::unexpected(question.error());
  if (questions.size() >= questions_max)
    return fail(Fault::too_large, std::format("more than {} questions", questions_max));
  questions.push_back(std::move(*question));
  return {};
}

// A number for `text`, the same on every machine.
std::uint64_t number_of(std::string_view text) { return KeyBuilder("fovea/question/1").field(text).finish().bits(); }

}  // namespace

Result<void> read_question_document(TraceSource& source, std::vector<Question>& questions) {
  const auto document = source.rest(document_bytes_max);
  if (!document) return std::unexpected(document.error());
  json::Questions written;
  if (const auto error = glz::read<lenient_json>(written, *document)) {
    return fail(Fault::invalid,
                std::format("{}: not a document of questions: {}", source.name(), glz::format_error(error)));
  }
  for (std::size_t i = 0; i < written.questions.size(); ++i) {
    if (const auto appended = append(written.questions[i], questions); !appended) {
      return fail(appended.error().fault,
                  std::format("{}: question {}: {}", source.name(), i + 1, appended.error().message));
    }
  }
  return {};
}

Result<void> read_question_lines(TraceSource& source, std::vector<Question>& questions) {
  std::string text;  // glaze needs a terminated buffer
  for (;;) {
    const auto line = source.line();
    if (!line) return std::unexpected(line.error());
    if (!*line) return {};
    if ((*line)->find_first_not_of(" \t") == std::string_view::npos) continue;
    text.assign(**line);
    json::Question written;
    const auto error = glz::read<lenient_json>(written, text);
    const Result<void> appended =
        error ? fail(Fault::invalid, "not a JSON object: " + glz::format_error(error)) : append(written, questions);
    if (!appended) {
      return fail(appended.error().fault,
                  std::format("{}:{}: {}", source.name(), source.line_number(), appended.error().message));
    }
  }
}

void shuffle(std::vector<Question>& questions, std::uint64_t seed) {
  for (std::size_t left = questions.size(); left > 1; --left) {
    std::swap(questions[left - 1], questions[mixed_bits(mixed_bits(seed) ^ left) % left]);
  }
}

Result<void> add_questions(const std::vector<Question>& questions, const ModelProfile& profile, std::uint64_t seed,
                           TraceBuilder& builder) {
  double time_ms = 0;
  for (const auto& [image, text] : questions) {
    const std::string image_and_text = std::format("{}\n{}", image, text);
    const auto embedding = builder.key(0, TraceLevel::embedding, image);
    const auto response = builder.key(0, TraceLevel::response, image_and_text);
    if (!embedding) return std::unexpected(embedding.error());
    if (!response) return std::unexpected(response.error());
    const ImageTerms encoding = image_terms(profile, number_of(image), seed);
    const AnswerTerms answer = answer_terms(profile, number_of(image_and_text), seed);
    const auto response_added = builder.add({.key = *response,
                                             .related = *embedding,
                                             .time_ms = time_ms,
                                             .cost_ms = encoding.encode_ms + encoding.prefill_ms + answer.generate_ms,
                                             .size = answer.bytes,
                                             .level = TraceLevel::response},
                                            true);
    if (!response_added) return response_added;
    const auto embedding_added = builder.add(
        {.key = *embedding, .time_ms = time_ms, .cost_ms = encoding.encode_ms, .size = encoding.bytes}, false);
    if (!embedding_added) return embedding_added;
    time_ms += apart_ms;
  }
  return {};
}

}  // namespace fovea
