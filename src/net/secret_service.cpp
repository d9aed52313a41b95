#include <libsecret/secret.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "core/text.hpp"
#include "net/secret_store.hpp"

namespace bdsh::net {
namespace {

constexpr std::chrono::seconds kPatience{5};  // with a service that does not answer

// Made once, for the program's life.
const SecretSchema* schema() {
  static const SecretSchema* const kSchema = secret_schema_new(
      "bdsh-tui.Login", SECRET_SCHEMA_NONE, "user", SECRET_SCHEMA_ATTRIBUTE_STRING, "host",
      SECRET_SCHEMA_ATTRIBUTE_STRING, "port", SECRET_SCHEMA_ATTRIBUTE_INTEGER, "key",
      SECRET_SCHEMA_ATTRIBUTE_STRING, nullptr);
  return kSchema;
}

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
  void operator()(GHashTable* table) const { g_hash_table_unref(table); }
  void operator()(GError* error) const { g_error_free(error); }
};

// Its strings are those of `name` and the caller's `port`.
std::unique_ptr<GHashTable, Unref> attributes(const SecretName& name, const std::string& port) {
  GHashTable* const table = g_hash_table_new(g_str_hash, g_str_equal);
  const auto add = [table](const char* key, const std::string& value) {
    g_hash_table_insert(table, const_cast<char*>(key), const_cast<char*>(value.c_str()));
  };
  if (!name.key.empty()) {
    add("key", name.key);
  } else {
    add("user", name.user);
    add("host", name.host);
    add("port", port);
  }
  return std::unique_ptr<GHashTable, Unref>(table);
}

Error error_of(GError* error) {
  const std::unique_ptr<GError, Unref> owned(error);
  return {ErrorKind::io, sanitised(error == nullptr ? "unknown error" : error->message)};
}

class Keyring final : public SecretStore {
 public:
  Result<std::optional<Secret>> find(const SecretName& name) override {
    const std::string port = std::to_string(name.port);
    GError* error = nullptr;
    gchar* const found = secret_password_lookupv_nonpageable_sync(
        schema(), attributes(name, port).get(), nullptr, &error);
    if (error != nullptr) return error_of(error);
    if (found == nullptr) return std::optional<Secret>();
    std::optional<Secret> secret{Secret(found)};
    secret_password_free(found);  // wipes it
    return secret;
  }

  Status keep(const SecretName& name, const Secret& secret) override {
    const std::string port = std::to_string(name.port);
    const std::string label = name.words() + " (bdsh-tui)";
    GError* error = nullptr;
    if (secret_password_storev_sync(schema(), attributes(name, port).get(),
                                    SECRET_COLLECTION_DEFAULT, label.c_str(), secret.c_str(),
                                    nullptr, &error) == FALSE)
      return error_of(error);
    return Done{};
  }
};

// Ends a call that has not come to its end in time.
class Deadline {
 public:
  Deadline() : cancel_(g_cancellable_new()), thread_([this] { watch(); }) {}
  ~Deadline() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
    g_object_unref(cancel_);
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  GCancellable* cancel() const { return cancel_; }

 private:
  void watch() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [this] { return over_; }))
      g_cancellable_cancel(cancel_);
  }

  GCancellable* const cancel_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace

Result<std::shared_ptr<SecretStore>> open_secret_service() {
  const Deadline deadline;
  GError* error = nullptr;
  const std::unique_ptr<SecretService, Unref> service(
      secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, deadline.cancel(), &error));
  if (!service) return error_of(error);
  return std::shared_ptr<SecretStore>(std::make_shared<Keyring>());
}

}  // namespace bdsh::net
