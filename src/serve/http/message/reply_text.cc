// Heads are put together as text. A value that a model, a client or another server had a part in cannot end
// its line.
#include "serve/http/message/reply_text.h"

#include <algorithm>
#include <chrono>
#include <format>

namespace fovea::serve {

namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

// The time as HTTP writes it, made anew once a second.
std::string_view date() {
  thread_local std::chrono::sys_seconds made{};
  thread_local std::string text;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (now != made || text.empty()) {
    text = std::format("{:%a, %d %b %Y %H:%M:%S} GMT", now);
    made = now;
  }
  return text;
}

void add_field(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  const std::size_t begin = head.size();
  head += value;
  std::replace_if(
      head.begin() + static_cast<std::ptrdiff_t>(begin), head.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  head += "\r\n";
}

}  // namespace

bool has_no_body(int status) { return status == 204 || status == 304 || status < 200; }

std::string reply_head(const Reply& reply, const ReplyFraming& framing) {
  std::string head = std::format("HTTP/1.1 {} {}\r\n", reply.status, reason_of(reply.status));
  head.reserve(512);
  if (!has_no_body(reply.status)) {
    if (!reply.content_type.empty()) add_field(head, "Content-Type", reply.content_type);
    if (framing.end == BodyEnd::length) add_field(head, "Content-Length", std::to_string(framing.length));
    if (framing.end == BodyEnd::chunks) add_field(head, "Transfer-Encoding", "chunked");
  }
  if (reply.status == 304 && reply.length) add_field(head, "Content-Length", std::to_string(*reply.length));
  for (const auto& [name, value] : reply.headers) add_field(head, name, value);
  add_field(head, "Date", date());
  if (!framing.keep_alive)
    add_field(head, "Connection", "close");
  else if (!framing.http_1_1)
    add_field(head, "Connection", "keep-alive");
  head += "\r\n";
  return head;
}

std::string chunk_of(std::string_view bytes) { return std::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

}  // namespace fovea::serve
