// A response is stored when its answer is finished, before the client is told of its end: what a client has
// read to the end it can continue. A response whose answer failed is not stored.
#include "serve/responses/responses_handler.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <utility>

#include "serve/asking/answerable.h"
#include "serve/asking/prompt_tokens.h"
#include "serve/asking/request_refusal.h"
#include "serve/openai/responses_reply.h"
#include "serve/openai/responses_request.h"
#include "serve/send_refusal.h"
#include "serve/wire/json_text.h"
#include "serve/wire/list_page.h"

namespace fovea::serve {

namespace json {

struct InputTokens {
  std::string_view object = "response.input_tokens";
  std::int64_t input_tokens;
};

struct ResponseDeleted {
  std::string_view id, object = "response";
  bool deleted = true;
};

}  // namespace json

namespace {

constexpr std::string_view path_begin = "/responses/", items_end = "/input_items";
constexpr std::size_t page_max = 100, page_default = 20;  // OpenAI's

// What follows /v1/responses/ in the path.
std::string_view rest_of(const Exchange& exchange) {
  const std::string_view path = exchange.path();
  return path.substr(std::min(path.find(path_begin) + path_begin.size(), path.size()));
}

Refusal no_response(std::string_view id, std::string_view where) {
  return {404,
          std::format("there is no stored response {}: it was not asked to be stored (\"store\": true), was deleted, "
                      "has expired, or made room for others",
                      id),
          std::string(where), "response_not_found"};
}

// Of the stored texts that one request stands for: a few bytes may name the same large item often.
constexpr std::uint64_t resolved_bytes_max = std::uint64_t{64} << 20;

constexpr std::size_t conversation_max = 100'000;  // responses that are looked at to say which one is missing

// What one tenant has stored, for one request.
class TenantsResponses final : public EarlierResponses {
 public:
  TenantsResponses(ResponseStore& store, std::string_view tenant) : store_(store), tenant_(tenant) {}

  Parsed<std::vector<std::string>> conversation(std::string_view id) override {
    const auto stored = store_.conversation(tenant_, id);
    if (stored.empty()) return std::unexpected(no_response(missing(id), "previous_response_id"));
    std::vector<std::string> items;
    for (const auto& response : stored) {
      for (const auto* some : {&response->input, &response->output}) {
        for (const StoredItem& item : *some) {
          if (!take(item.json.size())) return std::unexpected(too_many_bytes("previous_response_id"));
          items.push_back(item.json);
        }
      }
    }
    return items;
  }

  Parsed<std::string> item(std::string_view id, const std::string& where) override {
    if (auto text = store_.item(tenant_, id)) {
      if (!take(text->size())) return std::unexpected(too_many_bytes(where));
      return std::move(*text);
    }
    return std::unexpected(Refusal{404,
                                   std::format("there is no stored item {}: send the item itself, or ask with "
                                               "\"store\": true for the response that has it",
                                               id),
                                   where, "item_not_found"});
  }

 private:
  // The first response that is not there, of `id` and those that it continues.
  std::string missing(std::string_view id) {
    std::string next(id);
    for (std::size_t i = 0; i < conversation_max; ++i) {
      const auto stored = store_.find(tenant_, next);
      if (!stored) return next;
      if (stored->previous.empty()) break;
      next = stored->previous;
    }
    return std::string(id);
  }
  bool take(std::uint64_t bytes) {
    bytes_ += bytes;
    return bytes_ <= resolved_bytes_max;
  }
  static Refusal too_many_bytes(const std::string& where) {
    return {413,
            std::format("the stored items that this request names have more than {} bytes together: send fewer",
                        resolved_bytes_max),
            where, "too_large"};
  }

  ResponseStore& store_;
  const std::string_view tenant_;
  std::uint64_t bytes_ = 0;
};

// Reads a request that may name what is in `earlier`.
auto reader(EarlierResponses& earlier) {
  return [&earlier](const JsonObject& body, const RequestRules& rules) {
    return read_responses_request(body, rules, earlier);
  };
}

// A page of a response's input, as the query asks: the newest first unless order is asc.
Parsed<json::ListPage> page_of(const std::vector<StoredItem>& input, const Exchange& exchange) {
  std::vector<const StoredItem*> items;
  for (const StoredItem& item : input) items.push_back(&item);
  if (exchange.query("order") != "asc") std::ranges::reverse(items);
  if (const std::string after = exchange.query("after"); !after.empty()) {
    const auto found = std::ranges::find_if(items, [&](const StoredItem* item) { return item->id == after; });
    if (found == items.end()) return refuse("after", std::format("there is no item {} in this input", after));
    items.erase(items.begin(), std::next(found));
  }
  std::size_t limit = page_default;
  if (const std::string text = exchange.query("limit"); !text.empty()) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc() || end != text.data() + text.size() || limit == 0 || limit > page_max)
      return refuse("limit", std::format("limit must be between 1 and {}", page_max));
  }
  json::ListPage page{.data = {}, .first_id = {}, .last_id = {}, .has_more = items.size() > limit};
  if (page.has_more) items.resize(limit);
  for (const StoredItem* item : items) page.data.push_back({item->json});
  if (!items.empty()) page.first_id = items.front()->id, page.last_id = items.back()->id;
  return page;
}

}  // namespace

void ResponsesHandler::create(Exchange& exchange, const Tenant& tenant) {
  const Stopwatch reading;
  TenantsResponses earlier(store_, tenant.name);
  auto asked = intake_.read(exchange, reader(earlier));
  if (!asked) return sender_.refuse(exchange, tenant, {}, asked.error());
  if (asked->store && !store_.enabled())
    return sender_.refuse(exchange, tenant, {},
                          {400, "this server stores no responses: leave store out", "store", "unsupported_value"});
  if (auto fits = check_answerable(asked->asked, "input"); !fits)
    return sender_.refuse(exchange, tenant, {}, fits.error());
  ResponsesReply::Keep keep;
  if (asked->store)
    keep = [&](StoredResponse response) {
      response.previous = asked->previous;
      response.input = asked->input;
      return store_.add(tenant.name, std::move(response));
    };
  ResponsesReply form(model_, std::move(asked->settings), std::move(keep), {engine_, asked->asked.top_logprobs});
  const bool stream = asked->asked.stream;
  const std::string format_field = std::move(asked->asked.format_field);
  const auto request = intake_.request_of(std::move(asked->asked), exchange, tenant);
  if (!request) return sender_.refuse(exchange, tenant, {}, request.error());
  sender_.answer(exchange, tenant, {std::span(&*request, 1), stream, reading.elapsed_ms(), format_field}, form);
}

std::vector<BackendRoute> ResponsesHandler::routes() {
  const auto ask = [this](auto handle) {
    return [this, handle](Exchange& exchange, const Tenant& tenant) { (this->*handle)(exchange, tenant); };
  };
  return {
      {"POST", "/v1/responses/input_tokens", ask(&ResponsesHandler::count)},
      {"GET", "/v1/responses/*", ask(&ResponsesHandler::show)},
      {"DELETE", "/v1/responses/*", ask(&ResponsesHandler::remove)},
  };
}

void ResponsesHandler::count(Exchange& exchange, const Tenant& tenant) {
  TenantsResponses earlier(store_, tenant.name);
  auto asked = intake_.read(exchange, reader(earlier));
  if (!asked) return sender_.refuse(exchange, tenant, {}, asked.error());
  const auto request = intake_.request_of(std::move(asked->asked), exchange, tenant);
  if (!request) return sender_.refuse(exchange, tenant, {}, request.error());
  const auto tokens = prompt_tokens(pipeline_, *request, exchange.client_gone());
  if (!tokens) return sender_.refuse(exchange, tenant, *request, request_refusal(tokens.error(), *request, {}));
  exchange.reply({.body = json_text(json::InputTokens{.input_tokens = *tokens})});
}

void ResponsesHandler::show(Exchange& exchange, const Tenant& tenant) {
  std::string_view id = rest_of(exchange);
  const bool items = id.ends_with(items_end);
  if (items) id.remove_suffix(items_end.size());
  const auto stored = store_.find(tenant.name, id);
  if (!stored) return send_refusal(exchange, no_response(id, "id"));
  if (const std::string stream = exchange.query("stream"); !items && !stream.empty() && stream != "false")
    return send_refusal(exchange, {400, "a stored response is not told again as a stream: leave stream out", "stream",
                                   "unsupported_parameter"});
  if (!items) return exchange.reply({.body = stored->reply});
  const auto page = page_of(stored->input, exchange);
  if (!page) return send_refusal(exchange, page.error());
  exchange.reply({.body = json_text(*page)});
}

void ResponsesHandler::remove(Exchange& exchange, const Tenant& tenant) {
  const std::string_view id = rest_of(exchange);
  if (!store_.remove(tenant.name, id)) return send_refusal(exchange, no_response(id, "id"));
  exchange.reply({.body = json_text(json::ResponseDeleted{.id = id})});
}

}  // namespace fovea::serve
