#include "serve/http/drogon_exchange.h"

#include <drogon/HttpResponse.h>
#include <drogon/MultiPart.h>

#include <utility>

#include "serve/http/chunked_body.h"
#include "serve/http/drogon_reply.h"

namespace fovea::serve {

namespace {

std::string target_of(const drogon::HttpRequest& request) {
  const std::string& query = request.query();
  return query.empty() ? request.getOriginalPath() : request.getOriginalPath() + "?" + query;
}

}  // namespace

DrogonExchange::DrogonExchange(drogon::HttpRequestPtr request, drogon::AdviceCallback callback, ClientWatch& watch)
    : request_(std::move(request)),
      target_(target_of(*request_)),
      callback_(std::move(callback)),
      watch_(watch),
      client_(watch.add(request_->getConnectionPtr())) {}

DrogonExchange::~DrogonExchange() { watch_.remove(client_); }

std::string_view DrogonExchange::method() const { return request_->methodString(); }

std::string_view DrogonExchange::path() const { return request_->path(); }

std::string_view DrogonExchange::header(std::string_view name) const { return request_->getHeader(std::string(name)); }

std::string_view DrogonExchange::target() const { return target_; }

Headers DrogonExchange::all_headers() const {
  const auto& all = request_->headers();
  return {all.begin(), all.end()};
}

std::string DrogonExchange::query(std::string_view name) const { return request_->getParameter(std::string(name)); }

std::string_view DrogonExchange::body() const { return request_->body(); }

std::stop_token DrogonExchange::client_gone() const { return client_->gone.get_token(); }

std::vector<FormField> DrogonExchange::form() const {
  drogon::MultiPartParser parser;
  std::vector<FormField> fields;
  if (parser.parse(request_) != 0) return fields;
  for (const auto& file : parser.getFiles())
    fields.push_back({file.getItemName(), file.getFileName(), {file.fileData(), file.fileLength()}});
  for (const auto& [name, text] : parser.getParameters()) fields.push_back({name, {}, kept(text)});
  return fields;
}

void DrogonExchange::reply(Reply reply) {
  const auto response = response_with_head(reply);
  response->setBody(std::move(reply.body));
  send(response);
}

std::unique_ptr<BodyStream> DrogonExchange::begin_stream(Reply head) {
  auto body = std::make_shared<ChunkedBody>();
  constexpr bool no_timeout = true;  // an answer may take longer to begin than the library's default allows
  const auto response = drogon::HttpResponse::newAsyncStreamResponse(
      [body](drogon::ResponseStreamPtr stream) { body->open(std::move(stream)); }, no_timeout);
  set_head(*response, head);
  send(response);
  return stream_of(std::move(body));
}

void DrogonExchange::send(const drogon::HttpResponsePtr& response) { std::exchange(callback_, nullptr)(response); }

}  // namespace fovea::serve
