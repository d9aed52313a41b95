// Groups as other tools keep them in files. Each reader returns the groups in the order of the file;
// errors are of ErrorKind::config: "FILE:LINE: what is wrong".
#pragma once

#include <string>
#include <vector>

#include "config/yaml_file.hpp"
#include "core/error.hpp"

namespace bdsh::config {

// dsh's and pdsh's: a file per group, a host expression a line, "#" begins a comment. A folder that
// is not there has no groups; a group of an earlier folder hides one of a later.
Result<std::vector<Cluster>> read_dsh_folders(const std::vector<std::string>& folders);

// genders(3): "HOSTS ATTRIBUTE[=VALUE],…"; each attribute is a group, and each "ATTRIBUTE=VALUE".
// "%n" in a value is the host's name; a group "all" has every host.
Result<std::vector<Cluster>> read_genders(const std::string& path);

// An Ansible inventory, INI or YAML by its name and content. Hosts keep
// ansible_host, _port, _user, _ssh_private_key_file and a ProxyJump of _ssh_common_args; `home` is
// what "~/" means.
Result<std::vector<Cluster>> read_ansible(const std::string& path, const std::string& home);

}  // namespace bdsh::config
