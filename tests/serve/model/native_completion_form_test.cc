#include "serve/model/native_completion_form.h"

#include <gtest/gtest.h>

#include <array>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::value_at;

const std::array answers = {
    FinishedAnswer{{.text = "ab", .prompt_tokens = 5, .answer_tokens = 2, .finish_reason = FinishReason::length}, {}}};

std::string data_of(const std::string& event) { return event.substr(6, event.find("\n\n") - 6); }

TEST(NativeCompletionForm, HasLlamaServersFields) {
  const std::string json = NativeCompletionForm("m").whole(answers);
  EXPECT_EQ(value_at(json, "/content"), R"("ab")");
  EXPECT_EQ(value_at(json, "/stop"), "true");
  EXPECT_EQ(value_at(json, "/stop_type"), R"("limit")");
  EXPECT_EQ(value_at(json, "/tokens_predicted"), "2");
  EXPECT_EQ(value_at(json, "/tokens_evaluated"), "5");
  EXPECT_EQ(value_at(json, "/timings/predicted_n"), "2");
}

TEST(NativeCompletionForm, SaysWhatEndedIt) {
  const auto ended_by = [](const std::string& stop) {
    return NativeCompletionForm("m").whole(std::array{FinishedAnswer{{.text = "ab", .stop = stop}, {}}});
  };
  EXPECT_EQ(value_at(ended_by(""), "/stop_type"), R"("eos")");
  EXPECT_EQ(value_at(ended_by("c"), "/stop_type"), R"("word")");
  EXPECT_EQ(value_at(ended_by("c"), "/stopping_word"), R"("c")");
}

TEST(NativeCompletionForm, StreamsPiecesAndThenTheNumbers) {
  NativeCompletionForm form("m");
  const std::string piece = data_of(form.piece_event(ContentPiece{"a"}));
  EXPECT_EQ(value_at(piece, "/content"), R"("a")");
  EXPECT_EQ(value_at(piece, "/stop"), "false");
  const std::string last = data_of(form.last_events(answers));
  EXPECT_EQ(value_at(last, "/content"), R"("")");
  EXPECT_EQ(value_at(last, "/stop"), "true");
}

}  // namespace
}  // namespace fovea::serve
