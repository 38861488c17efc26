// Route: what is served at a path, and RouteTable: finding it. The table is immutable once made; it borrows
// the routes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "serve/exchange.h"
#include "serve/http/message/request_head.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

struct Route {
  std::string method;  // "GET", which is also for HEAD; "*" for any
  std::string path;    // "/v1/files"; with "/*" at the end, everything below
  std::function<void(Exchange&)> handler;
  // Answered by threads that no other requests have, so that it never waits for those: for what looks at the
  // server itself and waits for nothing.
  bool apart = false;
  // Asked once a request's head is there, before its body is read; what it refuses is the reply. It waits for
  // nothing. None: everybody may ask.
  std::function<Parsed<void>(const RequestHead& head)> admit = nullptr;
};

class RouteTable {
 public:
  explicit RouteTable(const std::vector<Route>& routes);

  struct Match {
    const Route* route = nullptr;     // null: nothing is served there, or not by this method
    std::string_view version_prefix;  // "/v1" where it was found with that in front of its path
    std::string_view allow;           // the methods that are served there; empty where nothing is
  };
  // Clients of llama-server leave out /v1, so a path without it is the same as with it, where nothing else is
  // there by that method but what takes everything. An exact path counts before everything below one, and a
  // longer such one before a shorter.
  Match find(std::string_view method, std::string_view path) const;

 private:
  struct Place {
    std::string path;  // without the star
    std::vector<const Route*> routes;
    std::string allow;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  const Place* exact(std::string_view path) const;
  const Place* below(std::string_view path) const;

  std::unordered_map<std::string, Place, Hash, std::equal_to<>> exact_;
  std::vector<Place> below_;  // the longest path first
};

}  // namespace fovea::serve
