// libFuzzer target: any bytes as what an SFTP server sends, to the decoder alone and to a download
// and an upload that talk to it. Nothing may be written but below the tree.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "transfer/host_download.hpp"
#include "transfer/host_upload.hpp"

namespace {

using namespace bdsh;
using namespace bdsh::transfer;

class Nowhere : public LocalTarget {
 public:
  std::uint64_t present() const override { return 100'000; }
  Status write(std::uint64_t, std::string_view) override { return Done{}; }
  Result<std::string> read(std::uint64_t, std::size_t count) override { return std::string(count, 'x'); }
  Status commit(const Attributes&) override { return Done{}; }
  void leave() override {}
};

// No path that it is given may lead out.
class Watched : public LocalTree {
 public:
  Status make_directory(const std::string& path) override { return check(path), Done{}; }
  Result<std::unique_ptr<LocalTarget>> create(const std::string& path, std::uint64_t, bool) override {
    check(path);
    return std::unique_ptr<LocalTarget>(std::make_unique<Nowhere>());
  }
  Status set_directory(const std::string& path, const Attributes&) override { return check(path), Done{}; }

 private:
  static void check(const std::string& path) {
    const std::string slashes = "/" + path + "/";
    if (slashes.find("/../") != slashes.npos || path.starts_with("/") || path.find('\0') != path.npos) __builtin_trap();
  }
};

class Source : public LocalSource {
 public:
  Result<std::string> read(std::uint64_t, std::size_t count) override { return std::string(count, 'x'); }
};

void talk(HostTransfer& transfer, std::string_view answers) {
  transfer.begin();
  while (!answers.empty() && !transfer.ended()) {
    transfer.take_output();
    const std::size_t piece = 1 + static_cast<unsigned char>(answers[0]);
    transfer.receive(answers.substr(0, piece));
    answers.remove_prefix(std::min(piece, answers.size()));
  }
  const Tally& tally = transfer.tally();
  if (tally.files_done > tally.files || tally.bytes_done > tally.bytes) __builtin_trap();
  transfer.abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  (void)decode_reply(text);
  const Rules rules{true, (*data & 1U) != 0, (*data & 2U) != 0, (*data & 4U) != 0, (*data & 8U) != 0};
  Watched tree;
  HostDownload download({"d/*", "f"}, rules, {}, tree);
  talk(download, text);
  auto plan = std::make_shared<UploadPlan>();
  plan->roots = {"d"};
  plan->items = {{true, 0, "", "d", 0, 0755, {}}, {false, 0, "a", "d/a", 100'000, 0644, {}}};
  const OpenSource open = [](const std::string&) -> Result<std::unique_ptr<LocalSource>> {
    return std::unique_ptr<LocalSource>(std::make_unique<Source>());
  };
  HostUpload upload(plan, {"to", (*data & 16U) != 0}, "host", rules, {}, open);
  talk(upload, text);
  return 0;
}
