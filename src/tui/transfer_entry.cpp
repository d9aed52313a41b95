#include "tui/transfer_entry.hpp"

namespace bdsh::tui {
namespace {

class TransferEntry : public Overlay {
 public:
  TransferEntry(HostSet hosts, bool upload) : hosts_(std::move(hosts)), upload_(upload) {}

  bool handle(const Key& key, Context& context) override {
    if (edit_text(text_, key)) return false;
    const auto action = find_action(Mode::entry, key, context.leave_key);
    if (action == Action::collapse_all) text_.clear();
    if (action == Action::submit && !text_.empty())
      context.out.push_back(Transfer{upload_, hosts_, text_});
    return action == Action::submit || action == Action::set_aside;
  }

  void draw(Scene& scene) override {
    const std::string who = plural(hosts_.size(), "host");
    draw_entry_line(scene, upload_ ? "upload to " + who + ": [-r] SRC... DEST: "
                                   : "download from " + who + ": [-r] SRC... DESTDIR: ",
                    text_);
  }

 private:
  const HostSet hosts_;
  const bool upload_;
  std::string text_;
};

}  // namespace

std::unique_ptr<Overlay> transfer_overlay(Context& context, bool upload) {
  if (context.model.watching) {
    context.state.notice = "watching a run: nothing can be transferred";
    return nullptr;
  }
  const HostSet all = all_hosts(context.model);
  const HostSet marked = context.state.marked & all;
  return std::make_unique<TransferEntry>(marked.empty() ? all : marked, upload);
}

}  // namespace bdsh::tui
