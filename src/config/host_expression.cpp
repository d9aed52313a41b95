#include "config/host_expression.hpp"

#include <algorithm>
#include <unordered_set>

#include "config/host_terms.hpp"
#include "config/wildcard.hpp"

namespace bdsh::config {
namespace {

constexpr std::size_t kMaxSelections = 100;  // "!", "&" … steps: each passes over all hosts

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string key_of(const Target& target) {
  return target.user + '@' + target.host + ':' + std::to_string(target.port.value_or(0));
}

// The hosts found so far, in order and without duplicates.
class Collection {
 public:
  void add(const Target& target) {
    if (keys_.insert(key_of(target)).second) hosts_.push_back(target);
  }
  void keep(const HostFilter& filter, bool matching) {
    std::erase_if(hosts_, [&](const Target& t) {
      const bool drop = filter.matches(t) != matching;
      if (drop) keys_.erase(key_of(t));
      return drop;
    });
  }
  void add_or_drop(const std::vector<Target>& others) {
    std::unordered_set<std::string> both;
    std::vector<Target> fresh;
    for (const Target& t : others)
      if (keys_.count(key_of(t)) != 0)
        both.insert(key_of(t));
      else
        fresh.push_back(t);
    std::erase_if(hosts_, [&](const Target& t) { return both.count(key_of(t)) != 0; });
    for (const std::string& key : both) keys_.erase(key);
    for (const Target& t : fresh) add(t);
  }
  std::vector<Target> take() { return std::move(hosts_); }

 private:
  std::vector<Target> hosts_;
  std::unordered_set<std::string> keys_;
};

// Evaluates terms, counting before it expands.
class Evaluator {
 public:
  Evaluator(const HostTerms& terms, const HostLookup& lookup) : terms_(terms), lookup_(lookup) {}

  // The hosts a term adds. Wildcards are looked up among the known hosts.
  HostLookup::Hosts hosts_of(const HostTerm& term) {
    if (!term.regex.empty()) return terms_.fail(term.column, "a regular expression only selects");
    if (term.group) return groups_of(term);
    if (!term.file.empty())
      return lookup_.file ? charged(term, lookup_.file(term.file))
                          : terms_.fail(term.column, "files cannot be named here");
    auto targets = written(term);
    return targets && term.wildcard ? known_like(term, *targets) : targets;
  }

  // The same for what is to be selected from hosts at hand: wildcards stay what they are.
  Status select(const HostTerm& term, HostFilter& filter) {
    if (!term.regex.empty()) {
      auto regex = NameRegex::compile(term.regex);
      if (!regex) return terms_.fail(term.column, regex.error().message);
      filter.add(std::move(*regex));
      return Done{};
    }
    auto hosts = term.wildcard && !term.group ? written(term) : hosts_of(term);
    if (!hosts) return hosts.error();
    for (Target& target : *hosts) filter.add(std::move(target));
    return Done{};
  }

  // Selections pass over all hosts: their number is bounded.
  Status step(const HostTerm& term) {
    if (++selections_ > kMaxSelections)
      return terms_.fail(term.column, "more than 100 of '!', '&', '^' and wildcards");
    return Done{};
  }

  Status combine(const HostTerm& term, Collection& all) {
    if (term.op == ',' || term.op == '^') {
      auto hosts = hosts_of(term);
      if (!hosts) return hosts.error();
      if (term.op == '^')
        all.add_or_drop(*hosts);
      else
        for (const Target& target : *hosts) all.add(target);
      return Done{};
    }
    HostFilter filter;
    if (const auto ok = select(term, filter); !ok) return ok;
    // "/regex/" in a list keeps; "-/regex/" and the like leave out.
    all.keep(filter, term.op == '&');
    return Done{};
  }

 private:
  HostLookup::Hosts written(const HostTerm& term) {
    if (const auto ok = charge(term, count_of(term.name)); !ok) return ok.error();
    std::vector<Target> out;
    for (std::string& name : names_of(term.name)) {
      if (name.empty() || name[0] == '-')
        return terms_.fail(term.column, "stands for a host that is empty or begins with '-'");
      if (name.size() > kMaxHostName)
        return terms_.fail(term.column, "a host name is longer than 255 characters");
      out.push_back({term.user, std::move(name), term.port});
    }
    return out;
  }

  HostLookup::Hosts groups_of(const HostTerm& term) {
    if (!lookup_.group) return terms_.fail(term.column, "groups cannot be named here");
    if (const auto ok = charge(term, count_of(term.name)); !ok) return ok.error();
    std::vector<Target> out;
    for (const std::string& name : names_of(term.name)) {
      auto found = charged(term, lookup_.group(name));
      if (!found) return found;
      out.insert(out.end(), found->begin(), found->end());
    }
    return out;
  }

  HostLookup::Hosts known_like(const HostTerm& term, const std::vector<Target>& patterns) {
    if (!lookup_.known) return terms_.fail(term.column, "a wildcard only selects here: behind '!' or '&'");
    if (const auto ok = step(term); !ok) return ok.error();
    const auto known = lookup_.known();
    if (!known) return terms_.fail(term.column, known.error().message);
    HostFilter filter;
    for (const Target& pattern : patterns) filter.add({"", pattern.host, {}});
    std::vector<Target> out;
    for (Target target : *known) {
      if (!filter.matches(target)) continue;
      if (!term.user.empty()) target.user = term.user;
      if (term.port) target.port = term.port;
      out.push_back(std::move(target));
    }
    if (out.empty()) return terms_.fail(term.column, "no known host matches");
    return charged(term, std::move(out));
  }

  HostLookup::Hosts charged(const HostTerm& term, HostLookup::Hosts hosts) {
    if (!hosts) return terms_.fail(term.column, hosts.error().message);
    if (const auto ok = charge(term, hosts->size()); !ok) return ok.error();
    return hosts;
  }
  Status charge(const HostTerm& term, std::uint64_t count) {
    if (count > kMaxHosts - used_) return too_many(term, count + (count == UINT64_MAX ? 0 : used_));
    used_ += count;
    return Done{};
  }
  Error too_many(const HostTerm& term, std::uint64_t count) const {
    const std::string number =
        count == UINT64_MAX ? "far more than " + grouped(kMaxHosts) : grouped(count);
    return terms_.fail(term.column, "expands to " + number + " hosts; at most " +
                                        grouped(kMaxHosts) + " are possible");
  }

  const HostTerms& terms_;
  const HostLookup& lookup_;
  std::uint64_t used_ = 0;
  std::size_t selections_ = 0;
};

// What pdsh applies to the whole list, wherever it stands.
bool comes_last(const HostTerm& term) {
  return term.op == '-' || (term.op == ',' && !term.regex.empty());
}

}  // namespace

Result<std::vector<Target>> expand_hosts(std::string_view expression, const HostLookup& lookup) {
  const HostTerms text(expression);
  auto terms = text.parse();
  if (!terms) return terms.error();
  std::stable_partition(terms->begin(), terms->end(),
                        [](const HostTerm& term) { return !comes_last(term); });
  Evaluator evaluator(text, lookup);
  Collection all;
  for (HostTerm& term : *terms) {
    if (term.op == ',' && !term.regex.empty()) term.op = '&';
    if (term.op != ',')
      if (const auto ok = evaluator.step(term); !ok) return ok.error();
    if (const auto ok = evaluator.combine(term, all); !ok) return ok.error();
  }
  return all.take();
}

std::string expression_of(const Target& target) {
  std::string out = target.user.empty() ? "" : target.user + "@";
  const bool ipv6 = target.host.find(':') != std::string::npos;
  out += ipv6 ? "[" + target.host + "]" : target.host;
  return target.port ? out + ":" + std::to_string(*target.port) : out;
}

Result<HostFilter> HostFilter::parse(std::string_view expression, const HostLookup& lookup) {
  const HostTerms text(expression);
  const auto terms = text.parse();
  if (!terms) return terms.error();
  Evaluator evaluator(text, lookup);
  HostFilter filter;
  for (const HostTerm& term : *terms) {
    if (term.op != ',') return text.fail(term.column - 1, "only ',' is possible here");
    if (const auto ok = evaluator.select(term, filter); !ok) return ok.error();
  }
  return filter;
}

void HostFilter::add(Target target) {
  if (has_wildcard(target.host))
    patterns_.push_back(std::move(target));
  else
    exact_[target.host].push_back({std::move(target.user), target.port});
}

bool HostFilter::admits(const Wanted& wanted, std::string_view user,
                        std::optional<std::uint16_t> port) {
  return (wanted.user.empty() || wanted.user == user) && (!wanted.port || wanted.port == port);
}

bool HostFilter::matches(std::string_view user, std::string_view host,
                         std::optional<std::uint16_t> port) const {
  const std::string name(host);
  if (const auto found = exact_.find(name); found != exact_.end())
    for (const Wanted& wanted : found->second)
      if (admits(wanted, user, port)) return true;
  if (std::any_of(regexes_.begin(), regexes_.end(),
                  [&](const NameRegex& regex) { return regex.matches(name); }))
    return true;
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const Target& pattern) {
    return admits({pattern.user, pattern.port}, user, port) && wildcard_match(pattern.host, host);
  });
}

}  // namespace bdsh::config
