// Routes of one path are one place, which knows the methods that are served there. A path is looked up as it
// is, and only where nothing is there, once more with the version in front: the usual request pays for one
// look. A route for any method passes requests on as they are, so none is found by another path than its own.
#include "serve/http/route.h"

#include <algorithm>

namespace fovea::serve {

namespace {

constexpr std::string_view version_prefix = "/v1";

void allow(std::string& methods, std::string_view method) {
  if (!methods.empty()) methods += ", ";
  methods += method;
}

std::string allow_of(const std::vector<const Route*>& routes) {
  std::string methods;
  for (const Route* route : routes) {
    if (route->method == "*") return "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    allow(methods, route->method);
    if (route->method == "GET") allow(methods, "HEAD");
  }
  allow(methods, "OPTIONS");
  return methods;
}

bool takes(const Route& route, std::string_view method) {
  return route.method == "*" || route.method == method || (route.method == "GET" && method == "HEAD");
}

// Whether the method has a route of its own, not one that takes all methods.
bool is_own(const std::vector<const Route*>& routes, std::string_view method) {
  return std::ranges::any_of(routes, [&](const Route* each) { return each->method != "*" && takes(*each, method); });
}

}  // namespace

RouteTable::RouteTable(const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    if (!route.path.ends_with("/*")) {
      exact_[route.path].routes.push_back(&route);
      continue;
    }
    const std::string path = route.path.substr(0, route.path.size() - 1);
    auto place = std::ranges::find(below_, path, &Place::path);
    if (place == below_.end()) place = below_.insert(below_.end(), Place{.path = path, .routes = {}, .allow = {}});
    place->routes.push_back(&route);
  }
  for (auto& [path, place] : exact_) {
    place.path = path;
    place.allow = allow_of(place.routes);
  }
  for (Place& place : below_) place.allow = allow_of(place.routes);
  std::ranges::stable_sort(below_, std::greater<>(), [](const Place& place) { return place.path.size(); });
}

const RouteTable::Place* RouteTable::exact(std::string_view path) const {
  const auto found = exact_.find(path);
  return found == exact_.end() ? nullptr : &found->second;
}

const RouteTable::Place* RouteTable::below(std::string_view path) const {
  const auto found = std::ranges::find_if(
      below_, [&](const Place& place) { return path.size() > place.path.size() && path.starts_with(place.path); });
  return found == below_.end() ? nullptr : &*found;
}

RouteTable::Match RouteTable::find(std::string_view method, std::string_view path) const {
  Match match;
  const Place* place = exact(path);
  if (place == nullptr) {
    place = below(path);
    const std::string versioned = std::string(version_prefix) + std::string(path);
    const Place* with_version = exact(versioned);
    if (with_version == nullptr) with_version = below(versioned);
    const bool counts = with_version != nullptr && with_version->path.starts_with(version_prefix) &&
                        (place == nullptr || (with_version->path.size() > place->path.size() + version_prefix.size() &&
                                              is_own(with_version->routes, method)));
    if (counts) {
      place = with_version;
      match.version_prefix = version_prefix;
    }
  }
  if (place == nullptr) return match;
  match.allow = place->allow;
  const auto route = std::ranges::find_if(place->routes, [&](const Route* each) { return takes(*each, method); });
  if (route != place->routes.end()) match.route = *route;
  return match;
}

}  // namespace fovea::serve
