// fresh_call_id: the id of a tool call, in a reply that gives a stored answer again. A pure function;
// thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace fovea {

// `id` with its random end changed, to one that belongs to the reply named `reply`. It keeps its length, and
// what stands before the end, since some templates take no other ids. An id without such an end, 8 letters or
// digits at least ("functions.look:0"), stays as it is.
std::string fresh_call_id(std::string_view id, std::string_view reply);

}  // namespace fovea
