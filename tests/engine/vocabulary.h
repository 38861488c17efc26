// The bundled model's vocabulary without its weights: every byte is a token there.
#pragma once

#include <llama.h>

#include <array>

#include "base/owned.h"
#include "engine/llama/backend.h"
#include "engine/llama/decode/token_text.h"
#include "engine/models.h"

namespace fovea::test {

class Vocabulary {
 public:
  Vocabulary() {
    llama::start_backend();
    llama_model_params params = llama_model_default_params();
    params.vocab_only = true;
    model_.reset(llama_model_load_from_file(tiny_model.c_str(), params));
    for (llama_token token = 0; token < size(); ++token) {
      const std::string text = llama::token_text(&get(), token, false);
      if (text.size() == 1) of_byte_[static_cast<unsigned char>(text[0])] = token;
    }
  }

  const llama_vocab& get() const { return *llama_model_get_vocab(model_.get()); }
  std::int32_t size() const { return llama_vocab_n_tokens(&get()); }
  llama_token of(char byte) const { return of_byte_[static_cast<unsigned char>(byte)]; }
  llama_token end() const { return llama_vocab_eos(&get()); }

 private:
  Owned<llama_model, llama_model_free> model_;
  std::array<llama_token, 256> of_byte_{};
};

}  // namespace fovea::test
