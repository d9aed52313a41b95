#include "config/fuzz_text.hpp"

#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "config/host_expression.hpp"
#include "config/ssh_config_parser.hpp"
#include "config/yaml_file.hpp"
#include "core/fold.hpp"

namespace bdsh::config {
namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property broken: %s\n", what);
  std::abort();
}

void require_one_line(const Error& error) {
  require(!error.message.empty() && error.message.find_first_of("\n\r\x1b") == std::string::npos,
          "an error is one safe line");
}

}  // namespace

void fuzz_host_expression(std::string_view text) {
  if (const auto filter = HostFilter::parse(text); filter.ok())
    (void)filter->matches("u", "web1", 22);
  const auto hosts = expand_hosts(text);
  if (!hosts) return require_one_line(hosts.error());
  require(hosts->size() <= kMaxHosts, "the bound holds");
  if (hosts->size() > 500) return;
  std::set<std::string> names;
  for (const Target& target : *hosts) {
    require(!target.host.empty() && target.host[0] != '-', "hosts are safe arguments");
    if (target.host.find(':') == std::string::npos) names.insert(target.host);
  }
  const auto back = expand_hosts(fold_names(std::vector<std::string>(names.begin(), names.end())));
  require(back.ok() && back->size() == names.size(), "what is folded expands again");
}

void fuzz_yaml(std::string_view text) {
  Environment environment;
  environment.variables["A"] = "value";
  if (const auto file = parse_config(std::string(text), "f.yaml", environment); !file)
    require_one_line(file.error());
}

void fuzz_ssh_config(std::string_view text) {
  // Include reads files and names them: it is tested elsewhere.
  if (text.find("nclude") != text.npos || text.find("NCLUDE") != text.npos) return;
  const Environment environment;
  if (const auto file = parse_ssh_text(text, "f", true, environment); !file)
    require_one_line(file.error());
  if (const auto option = parse_ssh_option(std::string(text)); !option)
    require_one_line(option.error());
}

}  // namespace bdsh::config
