// RequestParser: a request's head, and a body that comes in chunks, read by Boost.Beast's parser, and refused
// where RFC 9112 leaves a doubt that Beast does not: every refusal here means that the connection is closed.
//
// One for each request, for one thread. Owns copies of what it returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "serve/http/message/request_head.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

class RequestParser {
 public:
  RequestParser();
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // `head` is a whole one, as HeadScan measures it. Called first and once.
  // Refused: 400; 501 for a Transfer-Encoding that is not known; 505 for a version of HTTP that is not.
  Parsed<RequestHead> parse_head(std::string_view head);

  struct Chunks {
    std::size_t used = 0;  // of the bytes given; the others are to be given again, with more behind them
    bool complete = false;
  };
  using TakeBody = std::function<Parsed<void>(std::string_view bytes)>;
  // How many bytes the chunks may have in all: a chunk that says it has more is refused before it comes.
  void limit_chunks(std::uint64_t bytes_max);
  // Bytes behind the head of a chunked body, and what to do with those that are the body's. Trailers are read
  // and dropped. Refused: 400, 413, and as `take` does.
  Parsed<Chunks> parse_chunks(std::string_view bytes, const TakeBody& take);

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace fovea::serve
