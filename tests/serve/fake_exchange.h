// FakeExchange: a request that a test makes up, and the reply that a handler gave to it. No HTTP.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "serve/exchange.h"

namespace fovea::serve::test {

class FakeExchange final : public Exchange {
 public:
  explicit FakeExchange(std::string path, std::string body = "") : path_(std::move(path)), body_(std::move(body)) {}

  // The request.
  std::string verb = "POST";
  std::string raw_target;                                   // empty: the path
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  std::map<std::string, std::string, std::less<>> parameters;
  std::vector<FormField> fields;
  std::stop_source client;  // stopped: the client has left

  // The reply.
  std::optional<Reply> replied;
  std::string streamed;  // what was sent after begin_stream()
  bool stream_ended = false;
  bool stream_aborted = false;
  int waits_for_room = 0;

  int status() const { return replied ? replied->status : 0; }
  // A header of the reply; empty where there is none.
  std::string reply_header(std::string_view name) const {
    for (const auto& [known, value] : replied.value().headers) {
      if (known == name) return value;
    }
    return {};
  }

  std::string_view method() const override { return verb; }
  std::string_view path() const override { return path_; }
  std::string_view target() const override { return raw_target.empty() ? path_ : raw_target; }
  std::string_view header(std::string_view name) const override { return value_of(headers, name); }
  Headers all_headers() const override { return {headers.begin(), headers.end()}; }
  std::string query(std::string_view name) const override { return std::string(value_of(parameters, name)); }
  std::string_view body() const override { return body_; }
  std::vector<FormField> form() const override { return fields; }
  std::stop_token client_gone() const override { return client.get_token(); }

  void reply(Reply reply) override {
    check(!replied, "an exchange is replied to once");
    replied = std::move(reply);
  }
  std::unique_ptr<BodyStream> begin_stream(Reply head) override {
    reply(std::move(head));
    return std::make_unique<Stream>(*this);
  }

 private:
  class Stream final : public BodyStream {
   public:
    explicit Stream(FakeExchange& exchange) : exchange_(exchange) {}
    ~Stream() override { exchange_.stream_ended = true; }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    bool send(std::string_view bytes) override {
      exchange_.streamed += bytes;
      return !exchange_.client.stop_requested();
    }
    bool wait_for_room() override {
      ++exchange_.waits_for_room;
      return !exchange_.client.stop_requested();
    }
    void abort() override { exchange_.stream_aborted = true; }

   private:
    FakeExchange& exchange_;
  };

  static std::string_view value_of(const std::map<std::string, std::string, std::less<>>& map, std::string_view name) {
    const auto found = map.find(name);
    return found == map.end() ? std::string_view() : found->second;
  }

  const std::string path_;
  const std::string body_;
};

}  // namespace fovea::serve::test
