#include "consensus/round_text.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "consensus/display.hpp"

namespace bdsh::consensus {
namespace {

constexpr std::size_t kCompactedShareMax = 3;  // of 4: a fuller table is not compacted again

std::uint64_t random_seed() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32U | device();
}

void forget_open(HostRound& host) {
  host.has_open = false;
  host.open = kNoLine;
}

}  // namespace

RoundText::RoundText(const std::vector<std::vector<std::string>>& own_words, const Options& options)
    : max_lines_(options.max_lines),
      max_text_bytes_(options.max_text_bytes),
      masked_(options.masks),
      seed_(options.seed.value_or(random_seed())),
      table_(options.max_text_bytes),
      hosts_(own_words.size()),
      texts_(own_words.size()) {
  for (const UserMask& mask : options.user_masks) (void)masks_.add(mask);
  for (const std::string& name : options.disabled_masks) (void)masks_.set_enabled(name, false);
  for (std::size_t i = 0; i < own_words.size(); ++i) learn_words(i, own_words[i]);
}

void RoundText::begin_round() {
  for (HostRound& host : hosts_) {
    host.lines.clear();
    forget_open(host);
  }
  for (HostText& text : texts_) text.open.clear();
  table_ = LineTable(max_text_bytes_);
  may_compact_ = true;
  ++id_epoch_;
}

bool RoundText::set_lines(HostId id, std::size_t from, std::span<const std::string> lines) {
  HostRound& host = hosts_[id.value];
  const std::size_t before = host.lines.size();
  const std::uint64_t empty = hash_text("", seed_);
  while (host.lines.size() < from) append(id, "", empty);  // never printed: lines that were lost
  std::size_t equal = 0;
  while (equal < lines.size() && is_line(id, from + equal, lines[equal])) ++equal;
  if (equal == lines.size() && host.lines.size() == from + equal)
    return host.lines.size() != before;
  host.lines.truncate(from + equal, lines_of(id), mix(seed_, id.value));
  append_all(id, lines.subspan(equal));
  return true;
}

void RoundText::resume(HostId id, std::size_t lines, Chain chain) {
  hosts_[id.value].lines.resume(lines, chain);
  set_open_line(id, "");
}

bool RoundText::set_open_line(HostId id, std::string_view text) {
  HostRound& host = hosts_[id.value];
  if (texts_[id.value].open == text && host.has_open == !text.empty()) return false;
  texts_[id.value].open = text;
  forget_open(host);
  host.has_open = !text.empty();
  texts_[id.value].open_read = false;
  return true;
}

bool RoundText::set_progress(HostId id, Progress progress) {
  if (hosts_[id.value].progress == progress) return false;
  hosts_[id.value].progress = std::move(progress);
  return true;
}

bool RoundText::set_masked(bool on) {
  ++id_epoch_;
  const bool changed = std::exchange(masked_, on) != on;
  if (changed && !on)
    for (std::uint32_t i = 0; i < hosts_.size(); ++i) write_out(HostId{i});
  return changed;
}

bool RoundText::set_mask_enabled(std::string_view name, bool enabled) {
  if (!masks_.set_enabled(name, enabled)) return false;
  ++epoch_;
  ++id_epoch_;
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) mask_anew(HostId{i});
  return true;
}

bool RoundText::set_own_words(HostId id, const std::vector<std::string>& words) {
  if (OwnWords(words).words() == texts_[id.value].own.words()) return false;
  learn_words(id.value, words);
  ++epoch_;
  ++id_epoch_;
  mask_anew(id);
  return true;
}

void RoundText::learn_words(std::size_t host, const std::vector<std::string>& words) {
  texts_[host].own = OwnWords(words);
  SpelledNames& names = texts_[host].names;
  for (const std::string& word : texts_[host].own.words())
    if (std::find(names.begin(), names.end(), word) == names.end()) names.push_back(word);
  fleet_.add(texts_[host].own);
}

void RoundText::read_open_lines() {
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) read_open(HostId{i});
}

RoundText::Interned RoundText::intern(HostId host, std::string_view text, std::uint64_t hash) {
  if (const LineId shared = table_.find_shared(text, hash, epoch_); shared != kNoLine)
    return {shared, {hash, table_[table_[shared].masked].hash}};
  const OwnWords& own = texts_[host.value].own;
  if (!masks_.any_user_masks() && masks_.find_own(text, own, own_hits_))
    return intern_own(host, text, hash);
  masks_.find(text, own, hits_);
  const Interned line = hits_.empty() ? add_plain(text, hash) : add_masked(text, hash, false);
  if (line.id != kNoLine && !fleet_.may_occur_in(text)) table_.mark_shared(line.id, epoch_);
  return line;
}

// A line that another host printed with its own words in the same places is not masked again; with
// the same words it is the same line.
RoundText::Interned RoundText::intern_own(HostId host, std::string_view text, std::uint64_t hash) {
  const bool spelled = masked_ && spell(text, own_hits_, texts_[host.value].names, spelled_);
  if (spelled) {
    const LineId known = table_.find_marked(spelled_, hash_text(spelled_, seed_), epoch_);
    if (known != kNoLine) return {known, {hash, table_[table_[known].masked].hash}};
  }
  masks_.mark_own(text, own_hits_, marked_);
  if (const LineId form = find_form(); form != kNoLine) {
    const LineId id = add_with_form(text, hash, form, spelled);
    if (id != kNoLine) return {id, {hash, table_[form].hash}};
  }
  masks_.find_marked(marked_, own_hits_, hits_);
  const bool nothing_else = hits_.size() == own_hits_.size();
  const Interned line = add_masked(text, hash, spelled && nothing_else);
  if (line.id != kNoLine && nothing_else) remember_form(table_[line.id].masked);
  return line;
}

// The masked form of a line with this marked text.
LineId RoundText::find_form() const {
  const LineId known = table_.find_marked(marked_, hash_text(marked_, seed_), epoch_);
  return known == kNoLine ? kNoLine : table_[known].masked;
}

// Not for lines with other masked values: few of those have a marked text in common.
void RoundText::remember_form(LineId form) {
  const LineId id = table_.add_marked(marked_, hash_text(marked_, seed_), form);
  if (id != kNoLine) table_.mark_shared(id, epoch_);
}

LineId RoundText::add_with_form(std::string_view text, std::uint64_t hash, LineId form,
                                bool spelled) {
  if (!spelled) return table_.add(text, hash, form);
  const LineId id = table_.add_marked(spelled_, hash_text(spelled_, seed_), form);
  if (id != kNoLine) table_.mark_shared(id, epoch_);
  return id;
}

RoundText::Interned RoundText::add_plain(std::string_view text, std::uint64_t hash) {
  LineId id = table_.add(text, hash);
  if (id == kNoLine && make_room()) id = table_.add(text, hash);
  return {id, {hash, hash}};
}

RoundText::Interned RoundText::add_masked(std::string_view text, std::uint64_t hash, bool spelled) {
  masks_.masked_form(text, hits_, form_);
  const std::uint64_t masked_hash = hash_text(form_, seed_);
  LineId id = add_both(text, hash, masked_hash, spelled);
  if (id == kNoLine && make_room()) id = add_both(text, hash, masked_hash, spelled);
  return {id, {hash, masked_hash}};
}

LineId RoundText::add_both(std::string_view text, std::uint64_t hash, std::uint64_t masked_hash,
                           bool spelled) {
  const LineId masked = table_.add(form_, masked_hash);
  return masked == kNoLine ? kNoLine : add_with_form(text, hash, masked, spelled);
}

// The table is far larger than a processor's cache: its places for the next lines are fetched
// while this one is looked up.
void RoundText::append_all(HostId id, std::span<const std::string> lines) {
  std::array<std::uint64_t, 32> hashes{};
  for (std::size_t from = 0; from < lines.size(); from += hashes.size()) {
    const std::size_t count = std::min(hashes.size(), lines.size() - from);
    for (std::size_t i = 0; i < count; ++i) {
      hashes[i] = hash_text(lines[from + i], seed_);
      table_.prefetch(hashes[i]);
    }
    for (std::size_t i = 0; i < count; ++i) append(id, lines[from + i], hashes[i]);
  }
}

void RoundText::append(HostId id, std::string_view text, std::uint64_t hash) {
  const Interned line = intern(id, text, hash);
  Transcript& lines = hosts_[id.value].lines;
  if (line.id == kNoLine || !lines.complete() || lines.size() >= max_lines_)
    lines.append_unkept(line.hashes);
  else
    lines.append(line.id, line.hashes);
}

bool RoundText::is_line(HostId host, std::size_t index, std::string_view text) const {
  const std::optional<LineId> id = hosts_[host.value].lines.id_at(index);
  return id && lines_of(host).is(*id, text);
}

// Rewritten lines leave theirs behind in the table. When it is full they are thrown out, once
// they are worth it.
bool RoundText::make_room() {
  if (!may_compact_) return false;
  LineTable fresh(max_text_bytes_);
  const auto move = [&](LineId id) {
    const LineTable::Line& line = table_[id];
    if (line.masked == id) return fresh.add(line.text(), line.hash);
    const LineTable::Line& masked = table_[line.masked];
    const LineId form = fresh.add(masked.text(), masked.hash);
    return line.spelled() ? fresh.add_marked(line.text(), line.hash, form)
                          : fresh.add(line.text(), line.hash, form);
  };
  for (HostRound& host : hosts_) {
    std::vector<LineId> ids(host.lines.kept().begin(), host.lines.kept().end());
    for (LineId& id : ids) id = move(id);
    host.lines.renumber(std::move(ids));
    if (host.open != kNoLine) host.open = move(host.open);
  }
  table_ = std::move(fresh);
  may_compact_ = table_.bytes() < max_text_bytes_ / 4 * kCompactedShareMax;
  ++id_epoch_;
  return true;
}

void RoundText::mask_anew(HostId id) {
  HostRound& host = hosts_[id.value];
  const bool might = std::exchange(may_compact_, false);  // `ids` would be of the old table
  std::vector<LineId> ids(host.lines.kept().begin(), host.lines.kept().end());
  std::string room;
  for (LineId& line : ids) {
    const std::string_view text = lines_of(id).text(line, room);
    const LineId fresh = intern(id, text, hash_text(text, seed_)).id;
    if (fresh != kNoLine) line = fresh;
  }
  may_compact_ = might;
  host.lines.rebuild(std::move(ids), lines_of(id));
  texts_[id.value].open_read = false;
}

// Without masks each host's lines are compared as they are, so that spelled ones become that.
void RoundText::write_out(HostId id) {
  HostRound& host = hosts_[id.value];
  const bool might = std::exchange(may_compact_, false);
  std::vector<LineId> ids(host.lines.kept().begin(), host.lines.kept().end());
  std::size_t kept = 0;
  std::string room;
  for (; kept < ids.size(); ++kept) {
    if (!table_[ids[kept]].spelled()) continue;
    const std::string_view text = lines_of(id).text(ids[kept], room);
    const LineId written = intern(id, text, hash_text(text, seed_)).id;
    if (written == kNoLine) break;  // the table is full
    ids[kept] = written;
  }
  may_compact_ = might;
  host.lines.keep_only(host.lines.unseen() + kept, lines_of(id));
  ids.resize(kept);
  host.lines.renumber(std::move(ids));
  texts_[id.value].open_read = false;
}

void RoundText::read_open(HostId id) {
  HostRound& host = hosts_[id.value];
  HostText& text = texts_[id.value];
  if (!host.has_open || text.open_read) return;
  const Interned line = intern(id, text.open, hash_text(text.open, seed_));
  host.open = line.id;
  host.open_hash = line.hashes;
  text.open_read = true;
}

std::vector<LineId> RoundText::keys_of(const std::vector<LineId>& ids) const {
  std::vector<LineId> keys(ids.size());
  std::transform(ids.begin(), ids.end(), keys.begin(),
                 [this](LineId id) { return masked_ ? table_[id].masked : table_[id].raw; });
  return keys;
}

std::vector<LineId> RoundText::all_lines(HostId id, bool with_open) {
  read_open(id);
  const HostRound& host = hosts_[id.value];
  std::vector<LineId> lines(host.lines.kept().begin(), host.lines.kept().end());
  if (host.has_open && (with_open || open_counts(host)) && host.lines.complete() &&
      host.open != kNoLine)
    lines.push_back(host.open);
  return lines;
}

std::optional<LineId> RoundText::line_at(HostId id, std::size_t index) const {
  const HostRound& host = hosts_[id.value];
  if (const std::optional<LineId> kept = host.lines.id_at(index)) return kept;
  if (index == host.lines.size() && open_counts(host) && host.open != kNoLine) return host.open;
  return std::nullopt;
}

bool RoundText::open_fits(HostId id, HostId of) const {
  const std::optional<LineId> next = line_at(of, hosts_[id.value].lines.size());
  const std::size_t count = hosts_[id.value].lines.size();
  const Transcript& whole = hosts_[of.value].lines;
  if (!next) return count < whole.unseen() || count >= whole.kept_end();  // not known there
  const HostText& text = texts_[id.value];
  std::string room;
  if (lines_of(of).text(*next, room).starts_with(text.open)) return true;
  return masked_ && masks_.may_become(text.open, text.own, table_[table_[*next].masked].text());
}

void RoundText::find_hits(HostId host, LineId id, std::vector<MaskHit>& hits) const {
  std::string room;
  find_hits(host, lines_of(host).text(id, room), hits);
}

TextLine RoundText::show(HostId host, LineId id) {
  std::string room;
  return show(host, lines_of(host).text(id, room));
}

void RoundText::find_hits(HostId host, std::string_view line, std::vector<MaskHit>& hits) const {
  hits.clear();
  if (masked_) masks_.find(line, texts_[host.value].own, hits);
}

TextLine RoundText::show(HostId host, std::string_view line) {
  find_hits(host, line, hits_);
  return display_line(line, hits_, masks_);
}

void RoundText::masked_form(HostId host, std::string_view line, std::string& out) {
  find_hits(host, line, hits_);
  masks_.masked_form(line, hits_, out);
}

std::vector<TextLine> RoundText::show_all(HostId host, const std::vector<LineId>& ids,
                                          std::size_t begin, std::size_t end) {
  std::vector<TextLine> lines;
  lines.reserve(end - begin);
  for (std::size_t i = begin; i < end; ++i) lines.push_back(show(host, ids[i]));
  return lines;
}

}  // namespace bdsh::consensus
