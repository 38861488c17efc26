/* The same from C, through the shared library alone. */
#include <stdio.h>
#include <string.h>

#include "fovea/fovea.h"

int main(void) {
  const void* fields[] = {"a picture"};
  const size_t lengths[] = {9};
  fovea_level* level;
  fovea_key key;
  fovea_value* value;
  if (fovea_level_open(1 << 20, "lru", &level) != FOVEA_OK) return 1;
  if (fovea_key_of("consumer/picture/1", fields, lengths, 1, &key) != FOVEA_OK) return 1;
  if (fovea_insert(level, &key, "its visual tokens", 17, 400) != FOVEA_OK) return 1;
  if (fovea_find(level, &key, &value) != FOVEA_OK) return 1;
  const int same = fovea_value_size(value) == 17 && memcmp(fovea_value_bytes(value), "its visual tokens", 17) == 0;
  fovea_level_close(level);
  fovea_value_release(value); /* it outlives its level */
  puts(fovea_version());
  return same ? 0 : 1;
}
