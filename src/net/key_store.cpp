#include "net/key_store.hpp"

namespace bdsh::net {

KeyStore::KeyStore(Workers& workers, KeyLoader loader)
    : workers_(workers), loader_(std::move(loader)) {}

void KeyStore::load(const KeySource& source, Callback callback) {
  Entry& entry = entries_[source];
  if (entry.loaded) return callback(entry.key);
  entry.waiting.push_back(std::move(callback));
  if (entry.waiting.size() == 1) read(source, {});
}

const LoadedKey& KeyStore::get(const KeySource& source) const {
  static const LoadedKey none;
  const auto at = entries_.find(source);
  return at == entries_.end() ? none : at->second.key;
}

// Hosts may use a key with different certificates: each such entry is opened, and the caller hears
// of it when the last one is.
void KeyStore::unlock(const std::string& path, Secret passphrase, Callback callback) {
  std::vector<KeySource> locked;
  for (auto& [source, entry] : entries_)
    if (source.path == path && entry.key.state != LoadedKey::State::usable) locked.push_back(source);
  if (locked.empty()) return callback({.state = LoadedKey::State::usable});
  auto left = std::make_shared<std::size_t>(locked.size());
  for (const KeySource& source : locked) {
    Entry& entry = entries_[source];
    entry.waiting.push_back([left, callback](const LoadedKey& key) {
      if (--*left == 0) callback(key);
    });
    if (entry.waiting.size() == 1) read(source, passphrase.clone());
  }
}

void KeyStore::read(const KeySource& source, Secret passphrase) {
  struct Job {
    Secret passphrase;
    LoadedKey result;
  };
  auto job = std::make_shared<Job>();
  job->passphrase = std::move(passphrase);
  workers_.run(
      [job, source, loader = loader_] {
        job->result = loader(source, job->passphrase.empty() ? nullptr : &job->passphrase);
        job->passphrase.wipe();
      },
      [this, job, source] { finished(source, std::move(job->result)); });
}

void KeyStore::finished(const KeySource& source, LoadedKey key) {
  Entry& entry = entries_[source];
  entry.key = std::move(key);
  entry.loaded = true;
  const LoadedKey result = entry.key;
  for (const auto& callback : std::exchange(entry.waiting, {})) callback(result);
}

}  // namespace bdsh::net
