#include "transfer/directory_reader.hpp"

#include <utility>

#include "transfer/names.hpp"

namespace bdsh::transfer {
namespace {

DirectoryEntry entry_of(Entry&& entry) {
  const Attributes& attributes = entry.attributes;
  FileLook look{attributes.kind()};
  if (look.kind == FileKind::regular || look.kind == FileKind::link) look.size = attributes.size;
  if (attributes.permissions) look.mode = attributes.mode();
  std::optional<std::uint32_t> modified;
  if (attributes.times) modified = attributes.times->modified;
  return {std::move(entry.name), look, modified};
}

}  // namespace

void DirectoryReader::list(std::string path) {
  path_ = path.empty() ? "." : std::move(path);
  reading_ = true;
  started_ = false;
  done_.reset();
  ++asked_;
  runner_.abort();
  if (broken_) return broke_off({ErrorKind::channel, "its SFTP session has ended"});
  start();
  runner_.settle();
}

// Once the server has said hello.
void DirectoryReader::start() {
  if (!reading_ || started_ || !runner_.sftp().ready()) return;
  started_ = true;
  listing_ = {};
  awaited_ = 2;
  const int asked = asked_;
  runner_.start<RealPath>(std::make_unique<RealPath>(path_), [this, asked](RealPath& path) {
    if (asked != asked_) return;
    listing_.path = path.real();
    finish_if_complete();
  });
  runner_.start<ListDirectory>(std::make_unique<ListDirectory>(path_, most_),
                               [this, asked](ListDirectory& list) {
                                 if (asked == asked_) listed(list);
                               });
}

// Names that no honest server lists lead elsewhere when they become part of a path.
void DirectoryReader::listed(ListDirectory& list) {
  listing_.problem = list.problem();
  listing_.cut = list.cut();
  for (Entry& entry : list.take_entries()) {
    if (local_name(entry.name))
      listing_.entries.push_back(entry_of(std::move(entry)));
    else
      listing_.cut = true;
  }
  finish_if_complete();
}

void DirectoryReader::finish_if_complete() {
  if (--awaited_ > 0) return;
  reading_ = false;
  done_ = std::move(listing_);
}

void DirectoryReader::receive(std::string_view bytes) {
  if (broken_) return;
  if (const Status taken = runner_.receive(bytes); !taken) return broke_off(taken.error());
  start();
  runner_.settle();
}

void DirectoryReader::broke_off(const Error& why) {
  broken_ = true;
  runner_.clear();
  if (!std::exchange(reading_, false)) return;
  done_ = DirectoryListing{};
  done_->problem = why;
}

}  // namespace bdsh::transfer
