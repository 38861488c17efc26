// A vocabulary that a test makes up: a sentencepiece model ("llama") of the tokens "<unk>", "<s>" and "</s>",
// all bytes, and tokens of the test's own.
#pragma once

#include <llama.h>
#include <unistd.h>

#include <filesystem>
#include <format>
#include <string>
#include <vector>

#include "base/owned.h"
#include "engine/llama/backend.h"
#include "engine/llama/gguf/gguf_writer.h"

namespace fovea::test {

class MadeVocabulary {
 public:
  // The token types of the file format.
  enum Type : std::int32_t { normal = 1, unknown = 2, control = 3, user_defined = 4, byte = 6 };
  struct Made {
    std::string text;
    Type type;
  };

  // Blanks in a text are written as "\xe2\x96\x81", as in such files.
  explicit MadeVocabulary(const std::vector<Made>& more) {
    std::vector<Made> tokens{{"<unk>", unknown}, {"<s>", control}, {"</s>", control}};
    for (int value = 0; value < 256; ++value) tokens.push_back({std::format("<0x{:02X}>", value), byte});
    tokens.insert(tokens.end(), more.begin(), more.end());
    const auto file = std::filesystem::temp_directory_path() / std::format("fovea-vocabulary-{}.gguf", getpid());
    write(tokens, file);
    llama::start_backend();
    llama_model_params params = llama_model_default_params();
    params.vocab_only = true;
    model_.reset(llama_model_load_from_file(file.c_str(), params));
    std::filesystem::remove(file);
  }

  const llama_vocab& get() const { return *llama_model_get_vocab(model_.get()); }

  // REQUIRES: there is one.
  llama_token of(std::string_view text) const {
    llama_token token = 0;
    while (text != llama_vocab_get_text(&get(), token)) ++token;
    return token;
  }

 private:
  static void write(const std::vector<Made>& tokens, const std::filesystem::path& file) {
    std::vector<std::string> texts;
    std::vector<float> scores;
    std::vector<std::int32_t> types;
    for (const Made& token : tokens) {
      texts.push_back(token.text);
      scores.push_back(-static_cast<float>(scores.size()));
      types.push_back(token.type);
    }
    llama::GgufWriter writer;
    writer.set("general.architecture", std::string("llama"));
    writer.set("tokenizer.ggml.model", std::string("llama"));
    writer.set("tokenizer.ggml.tokens", texts);
    writer.set("tokenizer.ggml.scores", scores);
    writer.set("tokenizer.ggml.token_type", types);
    writer.set("tokenizer.ggml.bos_token_id", std::uint32_t{1});
    writer.set("tokenizer.ggml.eos_token_id", std::uint32_t{2});
    (void)writer.write(file, [](const llama::TensorPiece&, std::span<std::byte>) { return Result<void>(); });
  }

  Owned<llama_model, llama_model_free> model_;
};

}  // namespace fovea::test
