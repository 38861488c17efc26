// give_memory_back: sets the C library's heap so that what large requests took is given back when they end.
#pragma once

namespace fovea::app {

// For the whole process: call once, before any other thread. Settings of the environment (glibc.malloc
// tunables) do not count then.
void give_memory_back();

}  // namespace fovea::app
