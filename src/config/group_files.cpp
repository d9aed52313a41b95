#include "config/group_files.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "config/environment.hpp"
#include "config/group_source.hpp"
#include "config/host_expression.hpp"
#include "config/host_file.hpp"
#include "config/yaml_tree.hpp"

namespace bdsh::config {
namespace {

namespace fs = std::filesystem;

Result<Cluster> read_dsh_group(const fs::path& path) {
  const auto file = read_host_file(path.string());
  if (!file) return Error{ErrorKind::config, file.error().message};
  Cluster group = make_group(path.filename().string(), path.string(), 0);
  for (const HostFile::Line& line : file->lines)
    add_hosts(group, line.expression, static_cast<int>(line.number));
  return group;
}

// Names in order, so that lists and "all" do not depend on the disk.
std::vector<fs::path> plain_files(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code unknown;
    if (name[0] != '.' && name.back() != '~' && it->is_regular_file(unknown)) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The lines of a genders file: comments gone, those that end in '\' joined.
struct Line {
  int number;
  std::string text;
};
std::vector<Line> joined_lines(const std::string& text) {
  std::vector<Line> lines;
  int number = 0;
  bool goes_on = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.size(), text.find('\n', at));
    std::string line = text.substr(at, end - at);
    ++number;
    at = end + 1;
    if (const std::size_t hash = line.find('#'); hash != std::string::npos) line.resize(hash);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
      line.pop_back();
    const bool more = !line.empty() && line.back() == '\\';
    if (more) line.pop_back();
    if (goes_on)
      lines.back().text += line;
    else
      lines.push_back({number, line});
    goes_on = more;
  }
  return lines;
}

class Genders {
 public:
  explicit Genders(std::string path) : path_(std::move(path)) { group_of("all"); }

  Status add(const Line& line) {
    const std::size_t begin = line.text.find_first_not_of(" \t");
    if (begin == std::string::npos) return Done{};
    const std::size_t end = std::min(line.text.size(), line.text.find_first_of(" \t", begin));
    const auto hosts = expand_hosts(line.text.substr(begin, end - begin));
    if (!hosts) return error_in(path_, line.number, hosts.error().message);
    for (const Target& host : *hosts) {
      if (seen_.insert(host.host).second) add_hosts(group_of("all"), host.host, line.number);
      if (const auto ok = add_attributes(line, end, host.host); !ok) return ok;
    }
    return Done{};
  }
  std::vector<Cluster> take() { return std::move(groups_); }

 private:
  Status add_attributes(const Line& line, std::size_t at, const std::string& host) {
    while ((at = line.text.find_first_not_of(", \t", at)) != std::string::npos) {
      const std::size_t end = std::min(line.text.size(), line.text.find_first_of(", \t", at));
      std::string attribute = line.text.substr(at, end - at);
      at = end;
      const std::size_t equals = attribute.find('=');
      if (equals == 0) return error_in(path_, line.number, "an attribute has no name");
      add_hosts(group_of(attribute.substr(0, equals)), host, line.number);
      if (equals == std::string::npos) continue;
      if (const std::size_t field = attribute.find("%n", equals); field != std::string::npos)
        attribute.replace(field, 2, host);
      add_hosts(group_of(attribute), host, line.number);
    }
    return Done{};
  }

  Cluster& group_of(const std::string& name) {
    const auto [place, fresh] = places_.emplace(name, groups_.size());
    if (fresh) groups_.push_back(make_group(name, path_, 0));
    return groups_[place->second];
  }

  std::string path_;
  std::vector<Cluster> groups_;
  std::map<std::string, std::size_t> places_;
  std::set<std::string> seen_;
};

}  // namespace

Result<std::vector<Cluster>> read_dsh_folders(const std::vector<std::string>& folders) {
  std::vector<Cluster> groups;
  std::set<std::string> names;
  for (const std::string& folder : folders)
    for (const fs::path& path : plain_files(folder)) {
      if (!names.insert(path.filename().string()).second) continue;
      auto group = read_dsh_group(path);
      if (!group) return group.error();
      groups.push_back(std::move(*group));
    }
  return groups;
}

Result<std::vector<Cluster>> read_genders(const std::string& path) {
  const auto text = read_text_file(path);
  if (!text) return Error{ErrorKind::config, text.error().message};
  Genders genders(path);
  for (const Line& line : joined_lines(*text))
    if (const auto ok = genders.add(line); !ok) return ok.error();
  return genders.take();
}

}  // namespace bdsh::config
