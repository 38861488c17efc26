// PromptWalk: goes through the conversation of a request, whichever API it is of, and appends its parts.
//
// APIs mix: the parts of Chat Completions, Responses and Messages have different names, so that one reader
// takes all of them. Of what it does not know it keeps the hash. Used for one request.
#pragma once

#include <cstdint>
#include <string_view>

#include "audit/audited_request.h"
#include "audit/log/content/picture_reader.h"
#include "audit/log/content/prompt_parts.h"
#include "audit/log/entry/json.h"
#include "fovea/result.h"

namespace fovea {

class PromptWalk {
 public:
  PromptWalk(PictureReader& pictures, AuditedRequest& request) : pictures_(pictures), request_(request) {}

  // Definitions of tools, each a part; a value that is no list is one.
  void tools(const Json& value);
  // Instructions: a text, or a list of parts.
  void system(const Json& value);
  // "messages", and "input" of Responses: a text, or a list of messages and items.
  void conversation(const Json& value);
  // "prompt" of the old completions: a text, a list of texts, or tokens.
  void prompt(const Json& value);

  // Fault: too_large, if the request has more parts or pictures than are read.
  Result<void> finished() const;

 private:
  void entry(const Json& value);
  void item(const JsonFields& item, std::string_view type);
  void calls(const JsonFields& message);
  void call(const JsonFields& call, std::string_view arguments);
  void content(const Json& value);
  void part(const Json& value);
  void part_of_type(const JsonFields& part, std::string_view type);
  void picture_of(const JsonFields& part);
  void picture_value(const Json& value, PictureDetail detail);
  void picture_source(const JsonFields& source);
  void picture(std::string_view name, PictureDetail detail);
  void text(std::string_view text);
  void other(const Json& value);
  bool full();

  PictureReader& pictures_;
  AuditedRequest& request_;
  PartPlace place_;
  std::uint32_t messages_ = 0;
  bool too_many_ = false;
};

}  // namespace fovea
