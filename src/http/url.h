// Url: an http or https address, parsed once with the parser of the library that sends the request, so that
// the host that was checked is the host that is contacted. An immutable value.
#pragma once

#include <string>
#include <string_view>

#include "fovea/result.h"

namespace fovea {

class Url {
 public:
  // Faults: invalid, where it is no URL, has another scheme than http or https, or carries a user name or
  // password: they belong in a header, since URLs are logged. The message never repeats the URL.
  static Result<Url> parse(std::string_view text);

  // The target of a redirect's Location, which may be relative to this. Faults: as of parse().
  Result<Url> resolve(std::string_view location) const;

  const std::string& text() const { return text_; }      // normalised, without a fragment
  const std::string& host() const { return host_; }      // in lower case, without brackets or a dot at its end
  const std::string& origin() const { return origin_; }  // scheme, host and port: what error messages may name

 private:
  std::string text_;
  std::string host_;
  std::string origin_;
};

}  // namespace fovea
