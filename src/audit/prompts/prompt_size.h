// PromptSize: how long a piece of a prompt is, in what a log says of it; TokenFit makes tokens of it. Plain
// values.
#pragma once

namespace fovea {

struct PromptSize {
  double bytes = 0;           // of texts
  double parts = 0;           // texts and pictures: a chat template puts some tokens around each
  double picture_tokens = 0;  // by the profile

  PromptSize& operator+=(const PromptSize& other) {
    bytes += other.bytes;
    parts += other.parts;
    picture_tokens += other.picture_tokens;
    return *this;
  }
  friend PromptSize operator-(PromptSize one, const PromptSize& other) {
    return {one.bytes - other.bytes, one.parts - other.parts, one.picture_tokens - other.picture_tokens};
  }
};

}  // namespace fovea
