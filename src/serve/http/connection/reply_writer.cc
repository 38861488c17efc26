// A head is put together once the reply is known, from its own fields, the server's and what the request's
// version of HTTP understands. A short body goes into the same piece, so that it is one packet.
#include "serve/http/connection/reply_writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "serve/http/message/equal_names.h"

namespace fovea::serve {

namespace {

constexpr std::size_t joined_bytes_max = 16 << 10;  // a body that is sent in one piece with its head

// The id that another server gave its reply, or that is in a refusal's body, counts before this server's own.
bool is_told(const Headers& told, const Headers::value_type& own) {
  return own.first.ends_with("Request-Id") &&
         std::ranges::any_of(told, [&](const auto& field) { return equal_names(field.first, own.first); });
}

}  // namespace

void ReplyWriter::begin(const RequestHead& request, Headers headers) {
  headers_ = std::move(headers);
  keep_alive_ = request.keep_alive;
  http_1_1_ = request.http_1_1;
  head_only_ = request.method == "HEAD";
}

void ReplyWriter::drop_request() {
  headers_.clear();
  keep_alive_ = http_1_1_ = true;
  head_only_ = false;
}

void ReplyWriter::push_head(Reply reply, BodyEnd end) {
  body_end_ = end;
  if (end == BodyEnd::connection) keep_alive_ = false;
  std::erase_if(headers_, [&](const auto& own) { return is_told(reply.headers, own); });
  std::ranges::move(headers_, std::back_inserter(reply.headers));
  headers_.clear();
  const bool bare = head_only_ || has_no_body(reply.status);
  const ReplyFraming framing{.end = end,
                             .length = bare ? reply.length.value_or(reply.body.size()) : reply.body.size(),
                             .keep_alive = keep_alive_,
                             .http_1_1 = http_1_1_};
  std::string text = reply_head(reply, framing);
  const bool apart = !bare && reply.body.size() > joined_bytes_max;
  if (!bare && !apart) text += reply.body;
  output_.push(std::move(text));
  if (apart) output_.push(std::move(reply.body));
}

void ReplyWriter::piece(std::string bytes) {
  if (!head_only_) output_.push(body_end_ == BodyEnd::chunks ? chunk_of(bytes) : std::move(bytes));
}

void ReplyWriter::end() {
  if (body_end_ == BodyEnd::chunks && !head_only_) output_.push(std::string(last_chunk));
}

}  // namespace fovea::serve
