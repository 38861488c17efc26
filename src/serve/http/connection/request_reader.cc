// What is already there is used first; then the socket is read as long as it has something, but not so long
// that other connections of the loop wait. A body of known length is read straight into its memory. The time
// in which a body waits for memory does not count as the client's.
#include "serve/http/connection/request_reader.h"

#include <format>
#include <utility>

#include "base/clock.h"
#include "base/units.h"

namespace fovea::serve {

namespace {

constexpr std::size_t turn_bytes_max = 1 << 20;  // of one body, before other connections have their turn
constexpr double head_ms_max = 20'000;           // for a head, from its first byte on
constexpr double room_ms_max = 10'000;           // for room in the memory for bodies

double now_ms() { return Clock::steady().now_ms(); }

Refusal no_room() {
  return {503, "the memory for requests' bodies is full: ask again in a moment", {}, "overloaded", 1};
}

}  // namespace

bool has_body(const RequestHead& head) { return head.chunked || head.length.value_or(0) > 0; }

Refusal body_too_large(std::uint64_t bytes_max) {
  return {413,
          std::format("the request's body is larger than {}: send a smaller one", format_bytes(bytes_max)),
          {},
          "too_large"};
}

RequestReader::RequestReader(BodyMemory& memory, std::uint64_t body_bytes_max)
    : memory_(memory), body_bytes_max_(body_bytes_max), body_(memory), head_since_ms_(now_ms()) {}

Parsed<RequestReader::Step> RequestReader::read(SocketInput& input) {
  switch (part_) {
    case Part::head:
      return read_head(input);
    case Part::body:
      return read_body(input);
    case Part::chunks:
      return read_chunks(input);
  }
  std::unreachable();
}

Parsed<RequestReader::Step> RequestReader::read_head(SocketInput& input) {
  while (true) {
    if (input.bytes().starts_with("\r\n")) input.use(2);  // some clients end a body so (RFC 9112, 2.2)
    const bool begun = !input.bytes().empty();
    if (begun && input.bytes() != "\r") {
      const auto size = scan_.scan(input.bytes());
      if (!size) return std::unexpected(size.error());
      if (*size) return parse_head(input, **size);
    }
    const auto read = input.read();
    if (read != SocketInput::Read::some) return read == SocketInput::Read::ended ? Step::ended : Step::input;
    if (!begun) head_since_ms_ = now_ms();
  }
}

Parsed<RequestReader::Step> RequestReader::parse_head(SocketInput& input, std::size_t size) {
  parser_ = std::make_unique<RequestParser>();
  auto head = parser_->parse_head(input.bytes().substr(0, size));
  input.use(size);
  scan_ = {};
  if (!head) return std::unexpected(std::move(head.error()));
  head_ = std::move(*head);
  return Step::head;
}

void RequestReader::begin_body() {
  part_ = head_.chunked ? Part::chunks : Part::body;
  owes_continue_ = has_body(head_) && head_.http_1_1 && !head_.header("expect").empty();
  const double now = now_ms();
  pace_ = {.since_ms = now, .last_ms = now};
  if (head_.chunked) parser_->limit_chunks(body_bytes_max_);
}

// The memory is taken as the bytes come: who only says that a body is large takes nothing from others.
Parsed<RequestReader::Step> RequestReader::read_body(SocketInput& input) {
  for (std::size_t turn = 0; body_.size() < head_.length.value_or(0);) {
    const auto room = has_room();
    if (!room) return std::unexpected(room.error());
    if (!*room) return Step::memory;
    if (turn >= turn_bytes_max) return Step::input;
    std::size_t count = 0;
    const auto read = input.read_into(body_.room(), count);
    if (read != SocketInput::Read::some) return read == SocketInput::Read::ended ? Step::ended : Step::input;
    body_.filled(count);
    turn += count;
    pace_.last_ms = now_ms();
  }
  return Step::whole;
}

Parsed<bool> RequestReader::has_room() {
  if (body_.grow(*head_.length)) {
    if (!waits_since_ms_) return true;
    pace_.last_ms = now_ms();
    pace_.since_ms += pace_.last_ms - *std::exchange(waits_since_ms_, std::nullopt);
    return true;
  }
  if (!waits_since_ms_) waits_since_ms_ = now_ms();
  if (now_ms() - *waits_since_ms_ > room_ms_max) return std::unexpected(no_room());
  return false;
}

Parsed<RequestReader::Step> RequestReader::read_chunks(SocketInput& input) {
  const auto take = [&](std::string_view bytes) -> Parsed<void> {
    if (body_.append(bytes, body_bytes_max_)) return {};
    return std::unexpected(body_.size() >= body_bytes_max_ ? body_too_large(body_bytes_max_) : no_room());
  };
  std::size_t turn = 0;
  while (true) {
    const auto chunks = parser_->parse_chunks(input.bytes(), take);
    if (!chunks) return std::unexpected(chunks.error());
    input.use(chunks->used);
    if (chunks->complete) return Step::whole;
    if (turn >= turn_bytes_max) return Step::input;
    const std::size_t left = input.bytes().size();
    const auto read = input.read();
    if (read != SocketInput::Read::some) return read == SocketInput::Read::ended ? Step::ended : Step::input;
    turn += input.bytes().size() - left;
    pace_.last_ms = now_ms();
  }
}

HttpExchange::Request RequestReader::take(const std::stop_source& gone) {
  const auto coding = has_body(head_) ? content_coding_of(head_.header("content-encoding")) : std::nullopt;
  HttpExchange::Request request{std::move(head_), std::move(body_), coding.value_or(ContentCoding::identity), gone};
  drop();
  return request;
}

void RequestReader::drop() {
  part_ = Part::head;
  scan_ = {};
  parser_.reset();
  head_ = {};
  body_ = BodyBytes(memory_);
  owes_continue_ = false;
  head_since_ms_ = now_ms();
  waits_since_ms_.reset();
}

bool RequestReader::owes_continue(const SocketInput& input) {
  return std::exchange(owes_continue_, false) && body_.empty() && input.bytes().empty();
}

double RequestReader::idle_ms(double now_ms, const SocketInput& input) const {
  return part_ == Part::head && input.bytes().empty() ? now_ms - head_since_ms_ : 0;
}

std::optional<Refusal> RequestReader::overdue(double now_ms, const SocketInput& input) const {
  if (part_ == Part::head) {
    if (input.bytes().empty() || now_ms - head_since_ms_ <= head_ms_max) return std::nullopt;
    return Refusal{408, "the request's head did not come", {}, "timed_out"};
  }
  if (waits_since_ms_ || !pace_.too_slow(now_ms, body_.size())) return std::nullopt;
  return Refusal{408, "the request's body did not come, or too slowly", {}, "timed_out"};
}

}  // namespace fovea::serve
