#include "net/key_store.hpp"

namespace bdsh::net {

KeyStore::KeyStore(Workers& workers, KeyLoader loader)
    : workers_(workers), loader_(std::move(loader)) {}

void KeyStore::load(const std::string& path, Callback callback) {
  Entry& entry = entries_[path];
  if (entry.loaded) return callback(entry.key);
  entry.waiting.push_back(std::move(callback));
  if (entry.waiting.size() == 1) read(path, {});
}

const LoadedKey& KeyStore::get(const std::string& path) const {
  static const LoadedKey none;
  const auto at = entries_.find(path);
  return at == entries_.end() ? none : at->second.key;
}

void KeyStore::unlock(const std::string& path, Secret passphrase, Callback callback) {
  Entry& entry = entries_[path];
  if (entry.key.state == LoadedKey::State::usable) return callback(entry.key);
  entry.waiting.push_back(std::move(callback));
  if (entry.waiting.size() == 1) read(path, std::move(passphrase));
}

void KeyStore::read(const std::string& path, Secret passphrase) {
  struct Job {
    Secret passphrase;
    LoadedKey result;
  };
  auto job = std::make_shared<Job>();
  job->passphrase = std::move(passphrase);
  workers_.run(
      [job, path, loader = loader_] {
        job->result = loader(path, job->passphrase.empty() ? nullptr : &job->passphrase);
        job->passphrase.wipe();
      },
      [this, job, path] { finished(path, std::move(job->result)); });
}

void KeyStore::finished(const std::string& path, LoadedKey key) {
  Entry& entry = entries_[path];
  entry.key = std::move(key);
  entry.loaded = true;
  const LoadedKey result = entry.key;
  for (const auto& callback : std::exchange(entry.waiting, {})) callback(result);
}

}  // namespace bdsh::net
