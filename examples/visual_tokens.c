/* SPDX-License-Identifier: Apache-2.0 */

/* The same in C: a dictionary of visual tokens under a budget. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fovea/fovea.h"

/* Stands for a vision encoder: 64 tokens of 576 numbers, slowly. */
static int encode(void* context, fovea_sink* sink) {
  const char* picture = context;
  const struct timespec slow = {0, 200 * 1000 * 1000};
  const size_t size = 64 * 576 * sizeof(float);
  void* room = fovea_fill(sink, size);
  if (room == NULL) return 1;
  nanosleep(&slow, NULL);
  memset(room, picture[0], size);
  return 0;
}

int main(void) {
  const char* pictures[] = {"cat.jpg's pixels", "dog.jpg's pixels", "cat.jpg's pixels"};
  fovea_stats stats = {.struct_size = sizeof stats};
  fovea_level* tokens;
  if (fovea_level_open(10ull << 30, NULL, &tokens) != FOVEA_OK) {
    fprintf(stderr, "%s\n", fovea_last_error());
    return 1;
  }
  for (int i = 0; i < 3; ++i) {
    const void* fields[] = {pictures[i], "model, 512x512"};
    const size_t lengths[] = {strlen(pictures[i]), strlen("model, 512x512")};
    fovea_key key;
    fovea_value* value;
    if (fovea_key_of("example/tokens/1", fields, lengths, 2, &key) != FOVEA_OK ||
        fovea_get_or_compute(tokens, &key, encode, (void*)pictures[i], &value) != FOVEA_OK) {
      fprintf(stderr, "%s\n", fovea_last_error());
      return 1;
    }
    printf("%s: %zu bytes\n", pictures[i], fovea_value_size(value));
    fovea_value_release(value);
  }
  fovea_level_stats(tokens, &stats);
  printf("%llu hit, %llu misses, saved %.0f ms\n", (unsigned long long)stats.hits, (unsigned long long)stats.misses,
         stats.saved_ms);
  fovea_level_close(tokens);
  return stats.hits == 1 ? 0 : 1;
}
