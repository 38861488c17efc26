#include "serve/asking/prompt_tokens.h"

#include <utility>

namespace fovea::serve {

Result<std::int64_t> prompt_tokens(Pipeline& pipeline, const Request& request, std::stop_token stop) {
  const auto laid_out = pipeline.lay_out(request, std::move(stop), Overlong::counted);
  if (laid_out) return laid_out->layout->tokens();
  if (const auto& overflow = laid_out.error().overflow; overflow && !overflow->at_least) return overflow->prompt_tokens;
  return std::unexpected(laid_out.error());
}

}  // namespace fovea::serve
