// Any bytes as a form: what must hold of what they are read as.
#pragma once

#include <string_view>

#include "base/check.h"
#include "serve/http/message/multipart.h"

namespace fovea::serve::test {

// The first line of `input` is the Content-Type, the rest the body. True where it is a form.
inline bool check_hostile_form(std::string_view input) {
  const std::size_t end = input.find('\n');
  const std::string_view type = input.substr(0, end);
  const std::string_view body = end == std::string_view::npos ? std::string_view() : input.substr(end + 1);
  const auto fields = read_multipart(type, body);
  check(fields.size() <= form_fields_max, "a form has a bounded number of fields");
  const char* last = body.data();
  for (const FormField& field : fields) {
    check(field.bytes.data() >= last && field.bytes.data() + field.bytes.size() <= body.data() + body.size(),
          "fields stand in the body one behind the other");
    last = field.bytes.data() + field.bytes.size();
    check(field.name.size() <= body.size() && field.file_name.size() <= body.size(), "names come from the body");
  }
  return !fields.empty();
}

}  // namespace fovea::serve::test
