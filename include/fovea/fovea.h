/* SPDX-License-Identifier: Apache-2.0 */

/* The C interface of Fovea's cache: levels of immutable bytes under a byte budget, for any language that can call C.
 *
 * Conventions. Handles are opaque and made by fovea_*_open, _find and the like; each says how it is given back. Every function may
 * be called from any thread; a level must not be closed while a call on it runs. Functions that can fail return a fovea_status;
 * FOVEA_OK and FOVEA_MISS are not failures. What went wrong, in words, is fovea_last_error() on the same thread. Structs that
 * may grow begin with their own size, set by the caller, so a program built against an older header keeps working: symbols are
 * only ever added, and enumerators keep their numbers. No function throws or prints. NULL where a pointer is required is FOVEA_INVALID.
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
  FOVEA_OK = 0,      /* done; where a value was asked for, there it is */
  FOVEA_MISS = 1,    /* no entry of that key */
  FOVEA_BYPASS = 2,  /* not stored: too large, declined by the policy, or only pinned entries could have made room */
  FOVEA_INVALID = 3, /* an argument is wrong; fovea_last_error() says which */
  FOVEA_FAILED = 4,  /* the caller's compute function failed, or memory ran out */
} fovea_status;

/* 256 bits that name a value. Everything that could change the value must have gone into it (fovea_key_of). */
typedef struct fovea_key {
  uint8_t bytes[32]; /* a hash: no part of it means anything by itself */
} fovea_key;

typedef struct fovea_level fovea_level; /* given back by fovea_level_close */
typedef struct fovea_value fovea_value; /* immutable bytes; given back by fovea_value_release; outlives its level */

/* Counters since the level was opened, and what it holds now. Set struct_size to sizeof(fovea_stats) before the call. */
typedef struct fovea_stats {
  size_t struct_size;    /* sizeof(fovea_stats) as the caller knows it */
  uint64_t hits;         /* look-ups that found an entry */
  uint64_t misses;       /* look-ups that found none */
  uint64_t insertions;   /* values that were stored */
  uint64_t bypasses;     /* values that were not (FOVEA_BYPASS) */
  uint64_t evictions;    /* entries that had to leave: for others, for a smaller budget, or since their time was over */
  uint64_t entries;      /* there now */
  uint64_t bytes;        /* charged now: values, and what each entry costs besides its value */
  uint64_t bytes_max;    /* the budget */
  uint64_t pinned_bytes; /* the part of `bytes` that may not be evicted */
  uint64_t in_use_bytes; /* values that left the level and are still held by readers; not part of `bytes` */
  double saved_ms;       /* compute that hits saved */
} fovea_stats;

/* The words of the calling thread's last failure; valid until its next call. Never NULL. */
FOVEA_API const char* fovea_last_error(void);

/* The version of the library, such as "0.2.0". */
FOVEA_API const char* fovea_version(void);

/* The key of `count` fields, each framed by its length, in the kind of keys called `domain` ("myengine/embedding/1"). */
FOVEA_API fovea_status fovea_key_of(const char* domain, const void* const* fields, const size_t* lengths, size_t count,
                                    fovea_key* key);

/* A level of at most `bytes_max` bytes. `policy` is a name such as "lru" or "value"; NULL is the default. */
FOVEA_API fovea_status fovea_level_open(uint64_t bytes_max, const char* policy, fovea_level** level);
/* Closes it; values that were found stay valid. NULL is allowed. */
FOVEA_API void fovea_level_close(fovea_level* level);

/* The value of `key`: FOVEA_OK and a value to release, or FOVEA_MISS and *value = NULL. Nothing is copied. */
FOVEA_API fovea_status fovea_find(fovea_level* level, const fovea_key* key, fovea_value** value);

/* Stores a copy of `size` bytes, which took `cost_ms` to compute: FOVEA_OK or FOVEA_BYPASS. */
FOVEA_API fovea_status fovea_insert(fovea_level* level, const fovea_key* key, const void* bytes, size_t size,
                                    double cost_ms);

typedef struct fovea_sink fovea_sink; /* where a fovea_compute puts its value; never the caller's to give back */
/* Computes a value: calls fovea_fill(sink, size) once to get room, writes there, and returns 0; anything else is a failure. */
typedef int (*fovea_compute)(void* context, fovea_sink* sink);
/* Room for the value's `size` bytes, aligned to 64 bytes; NULL if there is no memory. Only inside a fovea_compute. */
FOVEA_API void* fovea_fill(fovea_sink* sink, size_t size);

/* The value of `key`, found or else computed, timed and stored. Threads that ask for one key at the same time compute once; if that
 * fails, its caller gets FOVEA_FAILED and another one computes. */
FOVEA_API fovea_status fovea_get_or_compute(fovea_level* level, const fovea_key* key, fovea_compute compute,
                                            void* context, fovea_value** value);

FOVEA_API const void* fovea_value_bytes(const fovea_value* value); /* its bytes, aligned as stored; NULL for NULL */
FOVEA_API size_t fovea_value_size(const fovea_value* value);       /* how many; 0 for NULL */
FOVEA_API void fovea_value_release(fovea_value* value);            /* gives it back; NULL is allowed */

/* Removes an entry: FOVEA_OK, or FOVEA_MISS if there was none. */
FOVEA_API fovea_status fovea_erase(fovea_level* level, const fovea_key* key);
/* Removes every entry; values that were found stay valid. */
FOVEA_API fovea_status fovea_clear(fovea_level* level);
/* Changes the budget while running; shrinking evicts at once. */
FOVEA_API fovea_status fovea_resize(fovea_level* level, uint64_t bytes_max);
/* Tells the policy how important an entry turned out to be, 0 to 1: FOVEA_OK or FOVEA_MISS. */
FOVEA_API fovea_status fovea_set_importance(fovea_level* level, const fovea_key* key, float importance);
/* Fills `stats` as far as its struct_size reaches: FOVEA_OK. */
FOVEA_API fovea_status fovea_level_stats(const fovea_level* level, fovea_stats* stats);

#ifdef __cplusplus
}
#endif

#endif
