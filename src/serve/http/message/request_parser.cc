// Beast's basic_parser calls the functions that end in _impl with each part it has read. It is strict about
// tokens, sizes of chunks, and lengths that contradict each other. What it would take and others might not is
// checked here: a length that is there twice, codings that are not known, HTTP/1.0 with chunks, and no or
// several Host fields.
#include "serve/http/message/request_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <format>
#include <optional>
#include <string>
#include <utility>

#include "serve/http/message/head_scan.h"

namespace fovea::serve {

namespace {

namespace beast = boost::beast;
using beast::error_code;
using BeastText = beast::string_view;

std::string_view plain(BeastText text) { return {text.data(), text.size()}; }

Refusal bad(std::string message) { return {400, std::move(message), {}, "invalid_http"}; }

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lowered;
}

// What may come once only: two of them, and two readers take different ones.
bool is_single(std::string_view name) {
  return name == "content-length" || name == "host" || name == "content-type" || name == "authorization";
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The first coding of a Transfer-Encoding that is not "chunked"; empty where there is none.
std::string unknown_coding(std::string_view codings) {
  while (!codings.empty()) {
    const std::string_view one = codings.substr(0, codings.find(','));
    codings.remove_prefix(std::min(codings.size(), one.size() + 1));
    if (auto name = lower(trimmed(one)); name != "chunked" && !name.empty()) return name;
  }
  return {};
}

}  // namespace

class RequestParser::Reader final : public beast::http::basic_parser<true> {
 public:
  Reader() {
    header_limit(HeadScan::head_bytes_max);
    body_limit(boost::none);  // whoever takes the bytes counts them
  }

  RequestHead head;
  const TakeBody* take = nullptr;
  std::optional<Refusal> refusal;  // why a function below gave an error

 private:
  void on_request_impl(beast::http::verb, BeastText method, BeastText target, int version, error_code&) override {
    head.method = plain(method);
    head.target = plain(target);
    head.http_1_1 = version >= 11;
  }

  void on_field_impl(beast::http::field, BeastText name, BeastText value, error_code& ec) override {
    std::string lowered = lower(plain(name));
    const auto known = std::ranges::find(head.headers, lowered, &Headers::value_type::first);
    if (known == head.headers.end()) {
      head.headers.emplace_back(std::move(lowered), plain(value));
    } else if (is_single(lowered)) {
      stop(bad(std::format("there is more than one {}", lowered)), ec);
    } else {
      known->second += lowered == "cookie" ? "; " : ", ";
      known->second += plain(value);
    }
  }

  void on_trailer_field_impl(beast::http::field, BeastText, BeastText, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastText body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, BeastText, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastText body, error_code& ec) override {
    if (auto taken = (*take)(plain(body)); !taken) stop(std::move(taken.error()), ec);
    return body.size();
  }
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, BeastText, int, error_code&) override {}

  void stop(Refusal why, error_code& ec) {
    refusal = std::move(why);
    ec = beast::http::error::bad_field;
  }
};

namespace {

bool names_another_version(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\r'));
  const std::size_t at = line.rfind(" HTTP/");
  return at != std::string_view::npos && line.size() == at + 9 && !line.ends_with("/1.1") && !line.ends_with("/1.0");
}

// Besides what Beast checks.
std::optional<Refusal> refused_head(RequestHead& head) {
  const std::string_view codings = head.header("transfer-encoding");
  if (const auto coding = unknown_coding(codings); !coding.empty())
    return Refusal{
        501, std::format("the Transfer-Encoding {} is not known here: send chunked", coding), {}, "unsupported"};
  if (const std::string_view length = head.header("content-length"); length.contains(','))
    return bad("there is more than one content-length");
  const bool has_host = std::ranges::contains(head.headers, "host", &Headers::value_type::first);
  if (head.http_1_1 && !has_host) return bad("a request of HTTP/1.1 has a Host field");
  if (head.header("host").find_first_of(" ,/") != std::string_view::npos) return bad("the Host field names no host");
  if (!head.split_target()) return bad("the request's target is no path");
  return std::nullopt;
}

}  // namespace

RequestParser::RequestParser() : reader_(std::make_unique<Reader>()) {}
RequestParser::~RequestParser() = default;

Parsed<RequestHead> RequestParser::parse_head(std::string_view bytes) {
  error_code ec;
  while (!ec && !reader_->is_header_done() && !bytes.empty())
    bytes.remove_prefix(reader_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec));
  RequestHead& head = reader_->head;
  if (reader_->refusal) return std::unexpected(std::move(*reader_->refusal));
  if (ec == beast::http::error::bad_version && names_another_version(bytes))
    return std::unexpected(Refusal{505, "the server speaks HTTP/1.0 and HTTP/1.1", {}, "invalid_http"});
  const bool has_length = std::ranges::contains(head.headers, "content-length", &Headers::value_type::first);
  const auto coding = unknown_coding(head.header("transfer-encoding"));
  if (ec && (coding.empty() || has_length || ec != beast::http::error::bad_transfer_encoding))
    return std::unexpected(bad(std::format("the request's head is no valid HTTP: {}", ec.message())));
  if (!ec && !reader_->is_header_done()) return std::unexpected(bad("the request's head is not complete"));
  if (auto refusal = refused_head(head)) return std::unexpected(std::move(*refusal));
  head.chunked = reader_->chunked();
  if (const auto length = reader_->content_length()) head.length = *length;
  head.keep_alive = reader_->keep_alive();
  return std::move(head);
}

void RequestParser::limit_chunks(std::uint64_t bytes_max) { reader_->body_limit(bytes_max); }

Parsed<RequestParser::Chunks> RequestParser::parse_chunks(std::string_view bytes, const TakeBody& take) {
  reader_->take = &take;
  Chunks chunks;
  error_code ec;
  while (!ec && !reader_->is_done() && chunks.used < bytes.size()) {
    const std::string_view rest = bytes.substr(chunks.used);
    chunks.used += reader_->put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
  }
  reader_->take = nullptr;
  if (reader_->refusal) return std::unexpected(std::move(*reader_->refusal));
  if (ec == beast::http::error::body_limit)
    return std::unexpected(Refusal{413, "the request's body is larger than this server takes", {}, "too_large"});
  if (ec && ec != beast::http::error::need_more)
    return std::unexpected(bad(std::format("the request's chunks are no valid HTTP: {}", ec.message())));
  chunks.complete = reader_->is_done();
  return chunks;
}

}  // namespace fovea::serve
