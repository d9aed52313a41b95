#include "net/algorithms.hpp"

#include "net/known_hosts.hpp"
#include "net/wire.hpp"

namespace bdsh::net {
namespace {

void append(std::string& list, std::string_view name) {
  if (!list.empty()) list += ',';
  list += name;
}

// `list` without the names that match `patterns`.
std::string without(std::string_view list, std::string_view patterns) {
  std::string kept;
  for_each_name(list, [&](std::string_view name) {
    if (!matches_patterns(patterns, name)) append(kept, name);
  });
  return kept;
}

std::string joined(std::string_view first, std::string_view second) {
  std::string list(first);
  for_each_name(second, [&](std::string_view name) { append(list, name); });
  return list;
}

}  // namespace

std::string algorithm_list(std::string_view wanted, std::string_view usual) {
  if (wanted.empty()) return std::string(usual);
  const std::string_view names = wanted.substr(1);
  switch (wanted.front()) {
    case '+': return joined(usual, without(names, usual));
    case '-': return without(usual, names);
    case '^': return joined(names, without(usual, names));
    default: return std::string(wanted);
  }
}

}  // namespace bdsh::net
