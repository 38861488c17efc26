/* SPDX-License-Identifier: Apache-2.0 */

/* The C interface of Fovea's cache: levels of immutable bytes under a byte budget.
 *
 * It serves every language that can call C.
 *
 * Conventions. Handles are opaque. A function such as fovea_level_open or fovea_find makes a handle; the
 * comment of its type says which function releases it. Every function may be called from any thread, but a
 * level must not be closed while a call on it runs. A function that can fail returns a fovea_status.
 * FOVEA_OK, FOVEA_MISS and FOVEA_BYPASS are no failures. After a failure, fovea_last_error() on the same
 * thread says in words what went wrong. No function throws or prints. A NULL pointer where one is required
 * gives FOVEA_INVALID.
 *
 * Compatibility. A struct that may grow begins with its own size, which the caller sets, so a program that
 * was built with an older header keeps working. Symbols are only added, and enumerators keep their numbers.
 */
#ifndef FOVEA_FOVEA_H
#define FOVEA_FOVEA_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define FOVEA_API __attribute__((visibility("default")))
#else
#define FOVEA_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* How a call ended. */
typedef enum fovea_status {
  FOVEA_OK = 0,      /* done; a value that was asked for is in the output argument */
  FOVEA_MISS = 1,    /* there is no entry of that key */
  FOVEA_BYPASS = 2,  /* not stored: too large, declined by the policy, or blocked by pinned entries */
  FOVEA_INVALID = 3, /* an argument is wrong; fovea_last_error() says which */
  FOVEA_FAILED = 4,  /* the caller's compute function failed, or memory ran out */
} fovea_status;

/* 256 bits that name a value. They must depend on everything that could change the value (fovea_key_of). */
typedef struct fovea_key {
  uint8_t bytes[32]; /* a hash: no part of it has a meaning of its own */
} fovea_key;

typedef struct fovea_level fovea_level; /* released by fovea_level_close */
typedef struct fovea_value fovea_value; /* immutable bytes; released by fovea_value_release */

/* Counters since the level was opened, and what it holds now. Set struct_size to sizeof(fovea_stats) before
 * the call. */
typedef struct fovea_stats {
  size_t struct_size;    /* sizeof(fovea_stats) as the caller knows it */
  uint64_t hits;         /* look-ups that found an entry */
  uint64_t misses;       /* look-ups that found none */
  uint64_t insertions;   /* values that were stored */
  uint64_t bypasses;     /* values that were not stored (FOVEA_BYPASS) */
  uint64_t evictions;    /* entries evicted for others or for a smaller budget, and expired entries */
  uint64_t entries;      /* stored now */
  uint64_t bytes;        /* charged now: values, and the overhead of each entry */
  uint64_t bytes_max;    /* the budget */
  uint64_t pinned_bytes; /* the part of `bytes` that may not be evicted */
  uint64_t in_use_bytes; /* values that were removed and that callers still hold; not part of `bytes` */
  double saved_ms;       /* compute that hits saved */
} fovea_stats;

/* The message of the calling thread's last failure. Valid until its next call. Never NULL. */
FOVEA_API const char* fovea_last_error(void);

/* The version of the library, such as "0.2.0". */
FOVEA_API const char* fovea_version(void);

/* The key of `count` fields, each framed by its length. `domain` names the kind of key
 * ("myengine/embedding/1"): keys of different domains differ. */
FOVEA_API fovea_status fovea_key_of(const char* domain, const void* const* fields, const size_t* lengths, size_t count,
                                    fovea_key* key);

/* A level of at most `bytes_max` bytes. `policy` is a name such as "lru" or "value"; NULL is the default. */
FOVEA_API fovea_status fovea_level_open(uint64_t bytes_max, const char* policy, fovea_level** level);
/* Closes the level. Values that were found stay valid. NULL is allowed. */
FOVEA_API void fovea_level_close(fovea_level* level);

/* Finds the value of `key`: FOVEA_OK and a value to release, or FOVEA_MISS and *value = NULL. Nothing is
 * copied. The value may outlive its level. */
FOVEA_API fovea_status fovea_find(fovea_level* level, const fovea_key* key, fovea_value** value);

/* Stores a copy of `size` bytes, which took `cost_ms` to compute: FOVEA_OK or FOVEA_BYPASS. */
FOVEA_API fovea_status fovea_insert(fovea_level* level, const fovea_key* key, const void* bytes, size_t size,
                                    double cost_ms);

typedef struct fovea_sink fovea_sink; /* takes the value of a fovea_compute; the caller never releases it */
/* Computes a value: calls fovea_fill(sink, size) once, writes the value to the memory that it returns, and
 * returns 0. Any other result is a failure. */
typedef int (*fovea_compute)(void* context, fovea_sink* sink);
/* Memory for the value's `size` bytes, aligned to 64 bytes; NULL if there is none. Only inside a
 * fovea_compute. */
FOVEA_API void* fovea_fill(fovea_sink* sink, size_t size);

/* Finds the value of `key`, or else computes, times and stores it. Threads that want one key at the same time
 * compute it once. Where that fails, the caller that computed gets FOVEA_FAILED, and another caller
 * computes. */
FOVEA_API fovea_status fovea_get_or_compute(fovea_level* level, const fovea_key* key, fovea_compute compute,
                                            void* context, fovea_value** value);

FOVEA_API const void* fovea_value_bytes(const fovea_value* value); /* the bytes, in place; NULL for NULL */
FOVEA_API size_t fovea_value_size(const fovea_value* value);       /* the number of bytes; 0 for NULL */
FOVEA_API void fovea_value_release(fovea_value* value);            /* releases the value; NULL is allowed */

/* Removes an entry: FOVEA_OK, or FOVEA_MISS if there was none. */
FOVEA_API fovea_status fovea_erase(fovea_level* level, const fovea_key* key);
/* Removes every entry. Values that were found stay valid. */
FOVEA_API fovea_status fovea_clear(fovea_level* level);
/* Changes the budget. A smaller budget evicts at once. */
FOVEA_API fovea_status fovea_resize(fovea_level* level, uint64_t bytes_max);
/* Sets the importance of an entry, 0 to 1, which some policies go by: FOVEA_OK or FOVEA_MISS. */
FOVEA_API fovea_status fovea_set_importance(fovea_level* level, const fovea_key* key, float importance);
/* Fills `stats` as far as its struct_size reaches: FOVEA_OK. */
FOVEA_API fovea_status fovea_level_stats(const fovea_level* level, fovea_stats* stats);

#ifdef __cplusplus
}
#endif

#endif
