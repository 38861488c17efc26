// DrogonExchange: an Exchange over one request of Drogon's.
//
// Replies go through Drogon's callback, which queues them to the connection's own thread. Used by one thread
// at a time: Drogon's until the request is queued for a handler, then the handler's. While it lives, its
// client is watched.
#pragma once

#include <drogon/HttpRequest.h>
#include <drogon/drogon_callbacks.h>

#include <deque>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "serve/exchange.h"
#include "serve/http/client_watch.h"

namespace fovea::serve {

class DrogonExchange final : public Exchange {
 public:
  // `watch` must outlive the exchange.
  DrogonExchange(drogon::HttpRequestPtr request, drogon::AdviceCallback callback, ClientWatch& watch);
  ~DrogonExchange() override;
  DrogonExchange(const DrogonExchange&) = delete;
  DrogonExchange& operator=(const DrogonExchange&) = delete;

  std::string_view method() const override;
  std::string_view path() const override;
  std::string_view target() const override;
  std::string_view header(std::string_view name) const override;
  Headers all_headers() const override;
  std::string query(std::string_view name) const override;
  std::string_view body() const override;
  std::vector<FormField> form() const override;
  std::stop_token client_gone() const override;

  void reply(Reply reply) override;
  std::unique_ptr<BodyStream> begin_stream(Reply head) override;

  // Whether reply() or begin_stream() was called.
  bool replied() const { return !callback_; }

 private:
  void send(const drogon::HttpResponsePtr& response);
  std::string_view kept(const std::string& text) const { return form_texts_.emplace_back(text); }

  const drogon::HttpRequestPtr request_;
  const std::string target_;
  drogon::AdviceCallback callback_;  // empty once called
  ClientWatch& watch_;
  const ClientWatch::Handle client_;
  // Texts of form(): the parser's own live no longer than the parser.
  mutable std::deque<std::string> form_texts_;
};

}  // namespace fovea::serve
