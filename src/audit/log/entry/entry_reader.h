// EntryReader: a request out of an entry of a log, wherever in it the request's body lies.
//
// An entry is the body itself, or an object that has it under a name such as "body" or "request", as an
// object or as a text of JSON. Beside it are times, the client and the reply. Not thread-safe.
#pragma once

#include "audit/audited_request.h"
#include "audit/log/content/picture_reader.h"
#include "audit/log/entry/json_parser.h"
#include "fovea/result.h"

namespace fovea {

class EntryReader {
 public:
  explicit EntryReader(PictureReader& pictures) : pictures_(pictures) {}

  // Writes the entry's request into `request`, which is empty. False: the entry is something else than a
  // request to a model. Faults: invalid (it should have a request, and has none that can be read), too_large.
  Result<bool> read(const JsonFields& entry, AuditedRequest& request);

  // The reply in the field `value`, an object or a text of JSON.
  void read_reply_in(const Json& value, AuditedRequest& request);

  // `text` parsed; nullopt if it is no JSON object. Valid until the next call.
  std::optional<JsonFields> parsed(std::string_view text);

 private:
  std::optional<JsonFields> body_in(const JsonFields& entry, int depth, AuditedRequest& request);

  PictureReader& pictures_;
  JsonParser nested_;  // of JSON in a text
};

}  // namespace fovea
