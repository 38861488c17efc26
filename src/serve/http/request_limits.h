// The bounds on a request that hold before its handler sees it, and what is refused of its head.
//
// The bound on the body is the operator's (HttpServerOptions::body_bytes_max); these are fixed.
#pragma once

#include <drogon/HttpRequest.h>

#include <cstddef>
#include <optional>

#include "serve/wire/refusal.h"

namespace fovea::serve {

// Larger bodies wait on disk until they are complete, so that many slow uploads do not fill the memory.
inline constexpr std::size_t body_memory_max = 1 << 20;
inline constexpr std::size_t headers_max = 100;   // browsers send some twenty, proxies add some more
inline constexpr std::size_t pipelined_max = 16;  // requests that a connection sends before the first was answered

// Why the request is refused: 431 for too many header fields, 400 for two lengths of the body. nullopt where
// it is not.
std::optional<Refusal> refused_head(const drogon::HttpRequest& request);

}  // namespace fovea::serve
