// JsonScope: while a request is handled, its body is parsed where it lies, and what parsing took is given
// back at the end.
//
// On the handler's thread, around all of its work. Does not own the body.
#pragma once

#include <string_view>

namespace fovea::serve {

class JsonScope {
 public:
  // `body` has 64 readable bytes behind its last one.
  explicit JsonScope(std::string_view body);
  // Documents that were parsed meanwhile on this thread are no longer valid.
  ~JsonScope();
  JsonScope(const JsonScope&) = delete;
  JsonScope& operator=(const JsonScope&) = delete;
};

}  // namespace fovea::serve
