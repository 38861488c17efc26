#include "serve/http/http_exchange.h"

#include <atomic>
#include <utility>

#include "serve/http/message/multipart.h"

namespace fovea::serve {

namespace {

class ClientStream final : public BodyStream {
 public:
  ClientStream(std::shared_ptr<Client> client, std::stop_token gone)
      : client_(std::move(client)), gone_(std::move(gone)) {}
  ~ClientStream() override {
    if (!aborted_) client_->end();
  }
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;
  bool send(std::string_view bytes) override { return client_->send(bytes); }
  bool wait_for_room() override { return client_->wait_for_room(gone_); }
  void abort() override {
    if (!aborted_.exchange(true)) client_->abort();
  }

 private:
  const std::shared_ptr<Client> client_;
  const std::stop_token gone_;
  std::atomic<bool> aborted_ = false;
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
  return std::make_unique<ClientStream>(std::move(client), client_gone());
}

}  // namespace fovea::serve
