#include "app/seats.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "core/text.hpp"

namespace bdsh::app {
namespace {

constexpr int kPatience = 100;  // ms, for a client to hear that it is to go
constexpr int kLastPatience = 1000;

// The upper left part, or all of it with blanks around; who looks on sees that he cannot type.
void copy_for_mirror(const tui::Surface& from, tui::Surface& to) {
  to.clear();
  for (int row = 0; row < std::min(from.rows(), to.rows()); ++row)
    for (int col = 0; col < std::min(from.cols(), to.cols()); ++col)
      to.set({row, col}, from.at({row, col}));
  to.cursor = from.cursor;
  to.cursor_shape = from.cursor_shape;
  constexpr std::string_view kNote = " read only: q leaves ";
  Style reverse;
  reverse.reverse = true;
  const int col = std::max(0, to.cols() - text_width(kNote));
  to.put({to.rows() - 1, col}, kNote, to.tables().intern(reverse));
}

bool leaves_mirror(const Key& key) {
  if (key.code != KeyCode::text || key.mods.alt) return false;
  if (key.mods.ctrl) return key.ch == U'c' || key.ch == U'd';
  return key.ch == U'q' || key.ch == U'D';
}

}  // namespace

UserTerminal* Seats::lead() {
  return lead_ ? &lead_->terminal() : nullptr;
}

void Seats::stop() {
  handlers_ = {};
  if (lead_) lead_->stop();
  for (const auto& mirror : mirrors_) mirror->attachment->stop();
}

void Seats::add(std::unique_ptr<Attachment> attachment, bool first) {
  if (attachment->read_only()) return add_mirror(std::move(attachment));
  lead_ = std::move(attachment);
  first_ = first;
  Attachment* added = lead_.get();
  added->terminal().set_mouse(mouse_);
  added->start({[this](const Key& key) { handlers_.key(key); }, [this] { handlers_.ready(); },
                [this] {
                  lead()->update_size();
                  handlers_.resized();
                },
                [this] { handlers_.lost(); },
                [this] {
                  if (first_)
                    handlers_.end();
                  else
                    detach("");
                }});
  if (handlers_.arrived) handlers_.arrived();
}

void Seats::add_mirror(std::unique_ptr<Attachment> attachment) {
  Attachment* added = attachment.get();
  mirrors_.push_back(std::make_unique<Mirror>(Mirror{std::move(attachment), std::nullopt, false}));
  Mirror* mirror = mirrors_.back().get();
  added->terminal().set_mouse(false);
  const auto gone = [this, added] { drop(added); };
  added->start({[gone](const Key& key) {
                  if (leaves_mirror(key)) gone();
                },
                [this, mirror] {
                  if (mirror->late)
                    show(*mirror);
                  else
                    handlers_.ready();
                },
                [this, added] {
                  added->terminal().update_size();
                  if (!lead_) handlers_.resized();
                  handlers_.ready();
                },
                gone, gone});
  if (!lead_ && mirrors_.size() == 1) handlers_.resized();
}

void Seats::drop(const Attachment* attachment) {
  const auto found = std::find_if(
      mirrors_.begin(), mirrors_.end(),
      [attachment](const auto& mirror) { return mirror->attachment.get() == attachment; });
  if (found == mirrors_.end()) return;
  leave(std::move((*found)->attachment), "");
  // What calls this may still look at it.
  boost::asio::post(loop_, [gone = std::shared_ptr<Mirror>(std::move(*found))] {});
  mirrors_.erase(found);
}

// Not destroyed here: it may be its own handler that asks for this.
void Seats::leave(std::unique_ptr<Attachment> attachment, const std::string& words) {
  control::Notice notice;
  notice.kind = control::Notice::Kind::detach;
  notice.out = words;
  attachment->finish(std::move(notice), kPatience);
  boost::asio::post(loop_, [gone = std::shared_ptr<Attachment>(std::move(attachment))] {});
}

Size Seats::size() {
  if (lead_)
    size_ = lead_->terminal().size();
  else if (!mirrors_.empty())
    size_ = mirrors_.front()->attachment->terminal().size();
  return size_;
}

Frame Seats::present(const tui::Surface& surface) {
  for (const auto& mirror : mirrors_) {
    const Size size = mirror->attachment->terminal().size();
    if (!mirror->surface) mirror->surface.emplace(surface.tables(), size);
    if (mirror->surface->size() != size) mirror->surface->resize(size);
    copy_for_mirror(surface, *mirror->surface);
    show(*mirror);
  }
  return lead_ ? lead_->terminal().present(surface) : Frame::sent;
}

void Seats::show(Mirror& mirror) {
  mirror.late =
      mirror.surface && mirror.attachment->terminal().present(*mirror.surface) == Frame::refused;
}

void Seats::ring() {
  if (lead_) lead()->ring();
}
void Seats::redraw() {
  if (lead_) lead()->redraw();
}
void Seats::set_clipboard(std::string_view text) {
  if (lead_) lead()->set_clipboard(text);
}
void Seats::set_mouse(bool on) {
  mouse_ = on;
  if (lead_) lead()->set_mouse(on);
}
void Seats::suspend() {
  if (lead_) lead_->suspend();
}

void Seats::detach(const std::string& words) {
  if (lead_) leave(std::move(lead_), words);
}

void Seats::finish(int code, const std::string& out, const std::string& err) {
  control::Notice notice;
  notice.kind = control::Notice::Kind::end;
  notice.code = code;
  for (const auto& mirror : mirrors_) mirror->attachment->finish(notice, kPatience);
  notice.out = out;
  notice.err = err;
  if (lead_) lead_->finish(std::move(notice), kLastPatience);
}

}  // namespace bdsh::app
