#include <dlfcn.h>
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

// What is used of libsecret and GLib. They are opened when the first keyring is, since to load them
// takes longer than all else that the program's start consists of; they stay for its life.
struct Library {
  void* handle = ::dlopen("libsecret-1.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  bool whole = handle != nullptr;

#define BDSH_SYMBOL(name) decltype(&::name) name = find<decltype(&::name)>(#name)
  BDSH_SYMBOL(secret_schema_new);
  BDSH_SYMBOL(secret_service_get_sync);
  BDSH_SYMBOL(secret_password_lookupv_nonpageable_sync);
  BDSH_SYMBOL(secret_password_storev_sync);
  BDSH_SYMBOL(secret_password_free);
  BDSH_SYMBOL(g_hash_table_new);
  BDSH_SYMBOL(g_hash_table_insert);
  BDSH_SYMBOL(g_hash_table_unref);
  BDSH_SYMBOL(g_str_hash);
  BDSH_SYMBOL(g_str_equal);
  BDSH_SYMBOL(g_object_unref);
  BDSH_SYMBOL(g_error_free);
  BDSH_SYMBOL(g_cancellable_new);
  BDSH_SYMBOL(g_cancellable_cancel);
#undef BDSH_SYMBOL

 private:
  template <typename F>
  F find(const char* name) {
    void* const found = handle == nullptr ? nullptr : ::dlsym(handle, name);
    whole = whole && found != nullptr;
    return reinterpret_cast<F>(found);
  }
};

const Library& lib() {
  static const Library kLibrary;
  return kLibrary;
}

// Made once, for the program's life.
const SecretSchema* schema() {
  static const SecretSchema* const kSchema = lib().secret_schema_new(
      "bdsh-tui.Login", SECRET_SCHEMA_NONE, "user", SECRET_SCHEMA_ATTRIBUTE_STRING, "host",
      SECRET_SCHEMA_ATTRIBUTE_STRING, "port", SECRET_SCHEMA_ATTRIBUTE_INTEGER, "key",
      SECRET_SCHEMA_ATTRIBUTE_STRING, nullptr);
  return kSchema;
}

struct Unref {
  void operator()(SecretService* service) const { lib().g_object_unref(service); }
  void operator()(GHashTable* table) const { lib().g_hash_table_unref(table); }
  void operator()(GError* error) const { lib().g_error_free(error); }
};

// Its strings are those of `name` and the caller's `port`.
std::unique_ptr<GHashTable, Unref> attributes(const SecretName& name, const std::string& port) {
  GHashTable* const table = lib().g_hash_table_new(lib().g_str_hash, lib().g_str_equal);
  const auto add = [table](const char* key, const std::string& value) {
    lib().g_hash_table_insert(table, const_cast<char*>(key), const_cast<char*>(value.c_str()));
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

class ServiceStore final : public SecretStore {
 public:
  Result<std::optional<Secret>> find(const SecretName& name) override {
    const std::string port = std::to_string(name.port);
    GError* error = nullptr;
    gchar* const found = lib().secret_password_lookupv_nonpageable_sync(
        schema(), attributes(name, port).get(), nullptr, &error);
    if (error != nullptr) return error_of(error);
    if (found == nullptr) return std::optional<Secret>();
    std::optional<Secret> secret{Secret(found)};
    lib().secret_password_free(found);  // wipes it
    return secret;
  }

  Status keep(const SecretName& name, const Secret& secret) override {
    const std::string port = std::to_string(name.port);
    const std::string label = name.words() + " (bdsh-tui)";
    GError* error = nullptr;
    if (lib().secret_password_storev_sync(schema(), attributes(name, port).get(),
                                          SECRET_COLLECTION_DEFAULT, label.c_str(), secret.c_str(),
                                          nullptr, &error) == FALSE)
      return error_of(error);
    return Done{};
  }
};

// Ends a call that has not come to its end in time.
class Deadline {
 public:
  Deadline() : cancel_(lib().g_cancellable_new()), thread_([this] { watch(); }) {}
  ~Deadline() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
    lib().g_object_unref(cancel_);
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  GCancellable* cancel() const { return cancel_; }

 private:
  void watch() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [this] { return over_; }))
      lib().g_cancellable_cancel(cancel_);
  }

  GCancellable* const cancel_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace

Result<std::shared_ptr<SecretStore>> open_secret_service() {
  if (!lib().whole) return Error{ErrorKind::io, "libsecret-1.so.0 is not installed"};
  const Deadline deadline;
  GError* error = nullptr;
  const std::unique_ptr<SecretService, Unref> service(
      lib().secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, deadline.cancel(), &error));
  if (!service) return error_of(error);
  return std::shared_ptr<SecretStore>(std::make_shared<ServiceStore>());
}

}  // namespace bdsh::net
