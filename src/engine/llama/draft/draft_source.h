// DraftSource and DraftMode: where drafted tokens come from, and whether there are any. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea::llama {

// Whose text is repeated: the prompt's and the answer's own, an earlier answer's, or the client's prediction.
enum class DraftSource : std::uint8_t { own, earlier, prediction };
constexpr std::size_t draft_sources = 3;

enum class DraftMode : std::uint8_t {
  off,        // none
  automatic,  // as many in a step as the measured cost of batches and the share of right ones make worth it
  on,         // all that there are, at most LlamaOptions::draft_max in a step
};

}  // namespace fovea::llama
