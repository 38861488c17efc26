// ResponseStore: responses that a client asked to store ("store": true), so that its next request can
// continue them by their id.
//
// A response belongs to the tenant who asked for it: for others its id does not exist. Responses are held in
// memory, and are removed when their time is over, which begins again each time a conversation goes on. Where
// there is no room for a new one, the tenant's own oldest ones are removed. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"

namespace fovea::serve {

// An item of a conversation, as JSON.
struct StoredItem {
  std::string id;
  std::string json;
};

struct StoredResponse {
  std::string id;
  std::string previous;  // the id of the response that this one continues; may be empty
  std::string reply;     // the whole reply
  std::vector<StoredItem> input, output;

  // What it is charged: its texts, and what holding it takes.
  std::uint64_t charged() const;
};

struct ResponseStoreOptions {
  std::uint64_t bytes_max = std::uint64_t{64} << 20;  // 0 = none is stored
  std::size_t responses_max = 10'000;
  double ttl_s = 24 * 3600;
};

class ResponseStore {
 public:
  using Stored = std::shared_ptr<const StoredResponse>;

  explicit ResponseStore(ResponseStoreOptions options, const Clock& clock = Clock::steady())
      : options_(options), clock_(clock) {}

  bool enabled() const { return options_.bytes_max > 0; }

  // False where there is no room, even without the tenant's other responses.
  bool add(std::string_view tenant, StoredResponse response);
  // Null where this tenant has no such response, or none any more.
  Stored find(std::string_view tenant, std::string_view id);
  // Whether there was such a response.
  bool remove(std::string_view tenant, std::string_view id);

  // The response and all that it continues, the oldest first. Empty where one of them is not there. All of
  // them are the tenant's newest afterwards. No conversation has more responses than the store.
  std::vector<Stored> conversation(std::string_view tenant, std::string_view id);
  // An item of any of the tenant's responses.
  std::optional<std::string> item(std::string_view tenant, std::string_view item_id);

  // Removes a tenant's responses; the result is how many there were.
  std::size_t purge(std::string_view tenant);
  std::uint64_t bytes() const;

 private:
  struct Entry {
    std::string tenant;
    Stored response;
    double expires_ms;
  };

  using Entries = std::list<Entry>;
  using Name = std::pair<std::string, std::string>;  // the tenant, and an id of its own

  // The entries' end where there is none.
  Entries::iterator entry_of(std::string_view tenant, std::string_view id) FOVEA_REQUIRES(mutex_);
  bool make_room(std::string_view tenant, std::uint64_t bytes) FOVEA_REQUIRES(mutex_);
  void expire() FOVEA_REQUIRES(mutex_);
  // The next entry.
  Entries::iterator take_out(Entries::iterator entry) FOVEA_REQUIRES(mutex_);

  const ResponseStoreOptions options_;
  const Clock& clock_;
  mutable Mutex mutex_;
  Entries entries_ FOVEA_GUARDED_BY(mutex_);  // the one that was used longest ago first
  std::map<Name, Entries::iterator> by_id_ FOVEA_GUARDED_BY(mutex_);
  // Clients name items, and may name several alike, in one response and in many.
  using ItemName = std::pair<Name, const StoredResponse*>;
  std::map<ItemName, const StoredItem*> by_item_ FOVEA_GUARDED_BY(mutex_);
  std::uint64_t bytes_ FOVEA_GUARDED_BY(mutex_) = 0;
};

}  // namespace fovea::serve
