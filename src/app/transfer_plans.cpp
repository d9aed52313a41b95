#include "app/transfer_plans.hpp"

#include <algorithm>
#include <map>

#include "transfer/disk.hpp"
#include "transfer/host_download.hpp"
#include "transfer/host_upload.hpp"
#include "transfer/names.hpp"

namespace bdsh::app {
namespace {

constexpr std::string_view kHost = "{host}";
// Over all hosts: requests under way (each up to 32 KiB of memory), and files open.
constexpr std::size_t kMostRequests = 4096;
constexpr std::size_t kMostFiles = 512;
constexpr std::size_t kFewestRequests = 4;

transfer::Limits limits_for(std::size_t hosts) {
  transfer::Limits limits;
  limits.requests = std::clamp(kMostRequests / hosts, kFewestRequests, limits.requests);
  limits.jobs = std::clamp(kMostFiles / hosts, std::size_t{1}, limits.jobs);
  return limits;
}

transfer::Rules rules_of(const config::TransferOptions& options) {
  return {options.recursive, options.preserve, options.resume, options.checksum, options.fsync};
}

// Hosts that upload the same share the plan.
class Planner {
 public:
  explicit Planner(const config::Settings& settings)
      : settings_(settings),
        rules_(rules_of(settings.transfer)),
        limits_(limits_for(settings.hosts.size())),
        sources_(settings.operands.begin(), settings.operands.end() - 1),
        to_(settings.operands.back()) {
    constexpr std::size_t kPerFile = 2;  // a file, and the directory that it goes into
    plans_.open = std::make_unique<transfer::OpenSource>(transfer::open_source);
    plans_.descriptors = settings.hosts.size() * (limits_.jobs * kPerFile + 1);
  }

  Result<TransferPlans> plan(const HostSet& skip) {
    for (std::uint32_t i = 0; i < settings_.hosts.size(); ++i) {
      plans_.transfers.emplace_back();
      if (skip.contains(HostId{i})) continue;
      const Status planned = plan_host(settings_.hosts[i], plans_.transfers.back());
      if (planned) continue;
      if (!by_host()) return planned.error();
      plans_.problems.emplace_back(HostId{i}, Error{ErrorKind::channel, planned.error().message});
    }
    return std::move(plans_);
  }

 private:
  // Whether what is here of the transfer is each host's own, so that one may lack it alone.
  bool by_host() const {
    const auto named = [](const std::string& path) { return path.find(kHost) != path.npos; };
    if (settings_.job == config::Job::download) return named(to_);
    return std::any_of(sources_.begin(), sources_.end(), named);
  }

  Status plan_host(const HostSpec& host, std::unique_ptr<transfer::HostTransfer>& into) {
    return settings_.job == config::Job::upload ? upload(host, into) : download(host, into);
  }

  std::vector<std::string> sources_for(const HostSpec& host) const {
    std::vector<std::string> paths;
    for (const std::string& source : sources_) paths.push_back(with_host(source, host));
    return paths;
  }

  Status upload(const HostSpec& host, std::unique_ptr<transfer::HostTransfer>& into) {
    const auto sources = sources_for(host);
    auto& plan = uploads_[sources];
    if (!plan) {
      auto made = transfer::plan_upload(sources, rules_.recursive);
      if (!made) return made.error();
      plan = std::make_shared<const transfer::UploadPlan>(std::move(*made));
    }
    const std::string to = transfer::far_path(with_host(to_, host));
    const bool directory = to.ends_with('/') || to == "." || plan->roots.size() > 1;
    transfer::UploadTo where{transfer::without_trailing_slashes(to), directory};
    into = std::make_unique<transfer::HostUpload>(plan, where, host.name, rules_, limits_, *plans_.open);
    return Done{};
  }

  // A DESTDIR that names the host is its directory; else it gets one of its name in there.
  Status download(const HostSpec& host, std::unique_ptr<transfer::HostTransfer>& into) {
    const bool named = to_.find(kHost) != std::string::npos;
    const std::string here = named ? with_host(to_, host) : transfer::joined_path(to_, host.name);
    auto tree = transfer::open_tree(here);
    if (!tree) return tree.error();
    plans_.trees.push_back(std::move(*tree));
    into = std::make_unique<transfer::HostDownload>(sources_for(host), rules_, limits_, *plans_.trees.back());
    return Done{};
  }

  const config::Settings& settings_;
  const transfer::Rules rules_;
  const transfer::Limits limits_;
  const std::vector<std::string> sources_;
  const std::string to_;
  TransferPlans plans_;
  std::map<std::vector<std::string>, std::shared_ptr<const transfer::UploadPlan>> uploads_;
};

}  // namespace

std::string with_host(const std::string& path, const HostSpec& host) {
  std::string out = path;
  for (std::size_t at = 0; (at = out.find(kHost, at)) != out.npos; at += host.name.size())
    out.replace(at, kHost.size(), host.name);
  return out;
}

Result<TransferPlans> plan_transfers(const config::Settings& settings, const HostSet& skip) {
  return Planner(settings).plan(skip);
}

}  // namespace bdsh::app
