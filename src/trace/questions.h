// Questions: data sets of visual question answering as traces, in the files' order or shuffled.
//
// Such files name images and questions, but neither sizes nor costs; those come from a model profile. Every
// question becomes a request of two look-ups. The response is named by the image and the exact text. The
// embedding is the image's, all tiles as one entry. A response costs everything (encoding, reading the image,
// generating), an embedding its encoding. Plain values; one call uses its source or builder alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/result.h"
#include "trace/model_profile.h"
#include "trace/trace_builder.h"
#include "trace/trace_source.h"

namespace fovea {

struct Question {
  std::string image;
  std::string text;
};

// Appends the questions of `source`: one document {"questions": [{"image_id": ..., "question": ...}]} (VQA
// v2), or one object a line with "image" or "image_id", and "text" or "question" (POPE, VizWiz).
// Faults: invalid, too_large, unavailable; the message begins with the file.
Result<void> read_question_document(TraceSource& source, std::vector<Question>& questions);
Result<void> read_question_lines(TraceSource& source, std::vector<Question>& questions);

// Puts `questions` into the order that `seed` gives (Fisher and Yates).
void shuffle(std::vector<Question>& questions, std::uint64_t seed);

// Adds one request for each question, a second apart. `seed` draws the tiles of images and the lengths of
// answers.
// Faults: too_large.
Result<void> add_questions(const std::vector<Question>& questions, const ModelProfile& profile, std::uint64_t seed,
                           TraceBuilder& builder);

}  // namespace fovea
