// A grammar is slow on a whole vocabulary, and models mostly follow the schema anyway. So a token is first
// chosen without the grammar, and only that token is checked. Where it does not fit, the tokens that do are
// found and one of them is chosen. The result has the same distribution as a choice among the fitting tokens
// in the first place.
//
// The library's grammar sees a text for control tokens, but the answer has none of it. So they are forbidden
// under a grammar, except for those that calls are written with, which the answer shows. Where an answer may
// be free text until it calls a tool, they may be chosen as long as it is free, and the grammar is not told
// of them. It is free wherever it might as well end.
#include "engine/llama/decode/sampler.h"

#include <algorithm>
#include <exception>
#include <format>
#include <limits>
#include <stdexcept>
#include <utility>

#include "engine/generate_checks.h"
#include "engine/llama/backend.h"
#include "engine/llama/grammar/json_grammar.h"
#include "engine/llama/grammar/tool_grammar.h"
#include "engine/llama/vocabulary/call_token_ids.h"

namespace fovea::llama {

namespace {

constexpr float forbidden = -std::numeric_limits<float>::infinity();  // the grammar's own mark
// Tokens; no context is longer; each takes memory.
constexpr std::int32_t penalty_window = 1 << 20;

// Whether the library's grammar sees a text for this token that no answer shows.
bool is_unwritten(const llama_vocab& vocab, llama_token token) {
  constexpr int special = LLAMA_TOKEN_ATTR_UNKNOWN | LLAMA_TOKEN_ATTR_CONTROL;
  return (llama_vocab_get_attr(&vocab, token) & special) != 0 && !llama_vocab_is_eog(&vocab, token);
}

// The likeliest token, as the library's greedy sampler chooses it among all.
llama_token likeliest(std::span<const float> logits) {
  return static_cast<llama_token>(std::ranges::max_element(logits) - logits.begin());
}

}  // namespace

Result<Sampler> Sampler::make(const llama_vocab& vocab, const GenerateOptions& options, std::int32_t tokens_max,
                              ToolFormat tool_format) {
  if (auto checked = check_generate(options, llama_vocab_n_tokens(&vocab)); !checked)
    return std::unexpected(checked.error());
  Sampler sampler(vocab, options, tokens_max, tool_format);
  if (!options.json_schema && !options.tools.wanted()) return sampler;
  const auto grammar = options.tools.wanted() ? tool_grammar(tool_format, options.tools, options.json_schema)
                                              : json_grammar(*options.json_schema);
  if (!grammar) return std::unexpected(grammar.error());
  if (auto kept = sampler.keep_to(*grammar); !kept) return std::unexpected(kept.error());
  return sampler;
}

Sampler::Sampler(const llama_vocab& vocab, const GenerateOptions& options, std::int32_t tokens_max,
                 ToolFormat tool_format)
    : vocab_(&vocab),
      greedy_(options.temperature == 0),
      call_tokens_(options.tools.wanted() ? call_token_ids(vocab, tool_format) : std::vector<llama_token>()),
      shape_(llama_sampler_chain_init(llama_sampler_chain_default_params())),
      choose_(llama_sampler_chain_init(llama_sampler_chain_default_params())) {
  add_biases(options);
  // Penalties are about the whole answer, as in OpenAI's API. The sampler sees nothing of the prompt.
  if (options.frequency_penalty != 0 || options.presence_penalty != 0)
    llama_sampler_chain_add(shape_.get(), llama_sampler_init_penalties(llama_vocab_n_tokens(&vocab),
                                                                       std::clamp(tokens_max, 1, penalty_window), 1,
                                                                       static_cast<float>(options.frequency_penalty),
                                                                       static_cast<float>(options.presence_penalty)));
  const auto add = [this](llama_sampler* sampler) { llama_sampler_chain_add(choose_.get(), sampler); };
  if (options.temperature == 0) {
    add(llama_sampler_init_greedy());
    return;
  }
  constexpr std::size_t keep_min = 1;  // a filter leaves at least this many candidates
  if (options.top_k > 0) add(llama_sampler_init_top_k(options.top_k));
  if (options.top_p < 1) add(llama_sampler_init_top_p(static_cast<float>(options.top_p), keep_min));
  if (options.min_p > 0) add(llama_sampler_init_min_p(static_cast<float>(options.min_p), keep_min));
  add(llama_sampler_init_temp(static_cast<float>(options.temperature)));
  // llama.cpp draws a random seed when it sees LLAMA_DEFAULT_SEED, so a request for that very number gets the
  // number below it.
  const std::uint32_t seed = options.seed ? std::min(*options.seed, LLAMA_DEFAULT_SEED - 1) : LLAMA_DEFAULT_SEED;
  add(llama_sampler_init_dist(seed));
}

void Sampler::add_biases(const GenerateOptions& options) {
  std::vector<llama_logit_bias> biases;
  for (const LogitBias& biased : options.logit_bias) biases.push_back({biased.token, static_cast<float>(biased.bias)});
  const std::int32_t tokens = llama_vocab_n_tokens(vocab_);
  const bool never_free = options.tools.wanted()
                              ? options.tools.choice == ToolChoice::required || options.json_schema.has_value()
                              : options.json_schema.has_value();
  for (llama_token token = 0; never_free && token < tokens; ++token) {
    if (is_unseen(token)) biases.push_back({token, forbidden});
  }
  if (biases.empty()) return;
  llama_sampler_chain_add(
      shape_.get(), llama_sampler_init_logit_bias(tokens, static_cast<std::int32_t>(biases.size()), biases.data()));
}

Result<void> Sampler::keep_to(const std::string& grammar) {
  try {
    const AbortGuard guard;
    grammar_.reset(llama_sampler_init_grammar(vocab_, grammar.c_str(), "root"));
  } catch (const std::exception& error) {
    return engine_failure("reading the grammar of a JSON schema", error.what());
  }
  if (!grammar_) return engine_failure("reading the grammar of a JSON schema");
  for (llama_token token = 0; token < llama_vocab_n_tokens(vocab_) && end_ == LLAMA_TOKEN_NULL; ++token) {
    if (llama_vocab_is_eog(vocab_, token)) end_ = token;
  }
  return {};
}

// Whether the grammar must not be told of a token, since the answer does not show it.
bool Sampler::is_unseen(llama_token token) const {
  return is_unwritten(*vocab_, token) && !std::ranges::contains(call_tokens_, token);
}

bool Sampler::fits(llama_token token) {
  if (is_unseen(token)) token = end_;
  if (token == LLAMA_TOKEN_NULL) return false;
  llama_token_data alone{token, 0, 0};
  llama_token_data_array candidates{&alone, 1, -1, false};
  llama_sampler_apply(grammar_.get(), &candidates);
  return alone.logit != forbidden;
}

// Removes the candidates that do not fit. Throws where none is left, since the samplers behind would choose
// one anyway.
void Sampler::leave_fitting(llama_token_data_array& candidates) {
  if (!first_bytes_) first_bytes_.emplace(*vocab_, call_tokens_);
  const std::vector<bool> possible = first_bytes_->possible(*grammar_);
  const auto leave = [&](const auto& is_out) {
    const std::span all(candidates.data, candidates.size);
    candidates.size -= std::ranges::remove_if(all, is_out).size();
  };
  leave([&](const llama_token_data& candidate) { return !possible[static_cast<std::size_t>(candidate.id)]; });
  llama_sampler_apply(grammar_.get(), &candidates);
  leave([](const llama_token_data& candidate) { return candidate.logit == forbidden; });
  if (candidates.size == 0) throw std::runtime_error("no token of this model goes on with the JSON that is wanted");
}

llama_token Sampler::choose(std::span<const float> logits, bool fitting) {
  // No list of the whole vocabulary, which would cost as much as a hundredth of a small model's token.
  if (greedy_ && !fitting && llama_sampler_chain_n(shape_.get()) == 0) return likeliest(logits);
  candidates_.resize(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) candidates_[i] = {static_cast<llama_token>(i), logits[i], 0};
  llama_token_data_array candidates{candidates_.data(), candidates_.size(), -1, false};
  llama_sampler_apply(shape_.get(), &candidates);
  if (fitting) leave_fitting(candidates);
  llama_sampler_apply(choose_.get(), &candidates);
  if (candidates.selected < 0 || static_cast<std::size_t>(candidates.selected) >= candidates.size)
    throw std::runtime_error("no token can be chosen");
  return candidates.data[candidates.selected].id;
}

llama_token Sampler::sample(std::span<const float> logits) {
  llama_token chosen = choose(logits, false);
  if (grammar_ && !fits(chosen)) chosen = choose(logits, true);
  for (const Handle* sampler : {&shape_, &grammar_, &choose_}) {
    if (*sampler && (sampler != &grammar_ || !is_unseen(chosen))) llama_sampler_accept(sampler->get(), chosen);
  }
  return chosen;
}

}  // namespace fovea::llama
