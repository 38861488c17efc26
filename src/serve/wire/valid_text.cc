#include "serve/wire/valid_text.h"

#include "engine/answer_text.h"

namespace fovea::serve {

std::string valid_text(std::string_view bytes) {
  AnswerText text({});
  text.push(bytes);
  text.finish();
  return text.text();
}

}  // namespace fovea::serve
