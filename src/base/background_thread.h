// run_in_background: for threads whose work nobody waits for.
#pragma once

namespace fovea {

// From now on the calling thread gets what other threads leave of the processors (nice 10). Nothing happens
// where the system cannot do that for one thread.
void run_in_background();

}  // namespace fovea
