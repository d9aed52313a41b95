// The near end in memory.
#pragma once

#include <map>
#include <set>
#include <string>

#include "transfer/host_upload.hpp"
#include "transfer/local.hpp"

namespace bdsh::transfer::test {

class FakeSources {
 public:
  std::map<std::string, std::string> files;

  OpenSource opener() {
    return [this](const std::string& path) -> Result<std::unique_ptr<LocalSource>> {
      if (!files.contains(path)) return Error{ErrorKind::io, "No such file or directory"};
      return std::unique_ptr<LocalSource>(std::make_unique<Source>(files[path]));
    };
  }
  // A plan of files (and of directories, whose paths end in '/').
  std::shared_ptr<UploadPlan> plan(const std::vector<std::pair<std::string, std::string>>& below) {
    auto plan = std::make_shared<UploadPlan>();
    for (const auto& [root, path] : below) {
      UploadItem item;
      if (path.empty() || plan->roots.empty() || plan->roots.back() != without_slash(root))
        plan->roots.push_back(without_slash(root));
      item.directory = (path.empty() ? root : path).ends_with('/');
      item.root = plan->roots.size() - 1;
      item.below = without_slash(path);
      item.source = without_slash(root) + (path.empty() ? "" : "/" + item.below);
      item.size = files.contains(item.source) ? files[item.source].size() : 0;
      item.mode = item.directory ? 0750 : 0640;
      item.times = {11, 22};
      plan->items.push_back(item);
    }
    return plan;
  }

 private:
  static std::string without_slash(std::string path) {
    if (path.ends_with('/')) path.pop_back();
    return path;
  }
  class Source : public LocalSource {
   public:
    explicit Source(const std::string& content) : content_(content) {}
    Result<std::string> read(std::uint64_t offset, std::size_t count) override {
      return offset >= content_.size() ? std::string() : content_.substr(offset, count);
    }

   private:
    const std::string& content_;
  };
};

class FakeTree : public LocalTree {
 public:
  std::map<std::string, std::string> files;
  std::map<std::string, Attributes> attributes;
  std::map<std::string, std::string> parts;  // unfinished, by final path
  std::set<std::string> directories{""};
  std::uint64_t room = UINT64_MAX;

  Status make_directory(const std::string& path) override {
    directories.insert(path);
    return Done{};
  }
  Result<std::unique_ptr<LocalTarget>> create(const std::string& path, std::uint64_t, bool resume) override {
    if (!resume) parts.erase(path);
    return std::unique_ptr<LocalTarget>(std::make_unique<Target>(*this, path));
  }
  Status set_directory(const std::string& path, const Attributes& wanted) override {
    attributes[path + "/"] = wanted;
    return Done{};
  }

 private:
  class Target : public LocalTarget {
   public:
    Target(FakeTree& tree, std::string path) : tree_(tree), path_(std::move(path)), present_(tree_.parts[path_].size()) {}
    ~Target() override {
      if (!settled_) tree_.parts.erase(path_);
    }
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    std::uint64_t present() const override { return present_; }
    Status write(std::uint64_t offset, std::string_view bytes) override {
      if (bytes.size() > tree_.room) return Error{ErrorKind::io, "No space left on device"};
      tree_.room -= bytes.size();
      std::string& content = tree_.parts[path_];
      if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
      content.replace(offset, bytes.size(), bytes);
      return Done{};
    }
    Result<std::string> read(std::uint64_t offset, std::size_t count) override {
      return tree_.parts[path_].substr(offset, count);
    }
    Status commit(const Attributes& wanted) override {
      tree_.files[path_] = std::move(tree_.parts[path_]);
      tree_.attributes[path_] = wanted;
      tree_.parts.erase(path_);
      settled_ = true;
      return Done{};
    }
    void leave() override { settled_ = true; }

   private:
    FakeTree& tree_;
    const std::string path_;
    const std::uint64_t present_;
    bool settled_ = false;
  };
};

}  // namespace bdsh::transfer::test
