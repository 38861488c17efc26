#include "serve/http/http_exchange.h"

#include <utility>

#include "serve/http/message/multipart.h"

namespace fovea::serve {

namespace {

class ClientStream final : public BodyStream {
 public:
  explicit ClientStream(std::shared_ptr<Client> client) : client_(std::move(client)) {}
  ~ClientStream() override { client_->end(); }
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;
  bool send(std::string_view bytes) override { return client_->send(bytes); }

 private:
  const std::shared_ptr<Client> client_;
};

}  // namespace

HttpExchange::HttpExchange(Request request, std::shared_ptr<Client> client, OpenRequests& open)
    : request_(std::move(request)), client_(std::move(client)), open_(open), handle_(open_.add(request_.gone)) {}

HttpExchange::~HttpExchange() { open_.remove(handle_); }

Parsed<void> HttpExchange::decode(BodyMemory& memory, std::uint64_t bytes_max) {
  if (request_.coding == ContentCoding::identity) return {};
  BodyBytes decoded(memory);
  if (auto done = decode_body(request_.coding, request_.body.text(), bytes_max, decoded); !done) return done;
  request_.body = std::move(decoded);
  // What is left is the body without it, for whoever passes the request on.
  std::erase_if(request_.head.headers, [](const auto& field) { return field.first == "content-encoding"; });
  return {};
}

std::vector<FormField> HttpExchange::form() const { return read_multipart(header("content-type"), body()); }

void HttpExchange::reply(Reply reply) { std::exchange(client_, nullptr)->reply(std::move(reply)); }

std::unique_ptr<BodyStream> HttpExchange::begin_stream(Reply head) {
  auto client = std::exchange(client_, nullptr);
  client->begin(std::move(head));
  return std::make_unique<ClientStream>(std::move(client));
}

}  // namespace fovea::serve
