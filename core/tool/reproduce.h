// --reproduce: a tar archive with every file that a link reads and a response file that links them again,
// wherever it is unpacked: `cd NAME; weld @response.txt`.
#pragma once

#include "core/base/bytes.h"
#include "core/base/vector.h"
#include "core/tool/arguments.h"

#include <string>
#include <string_view>
#include <vector>

namespace weld {

// From the root, which it does not name, without `.` and `..`: "/a/./b" is "a/b".
std::string path_from_root(const std::string& path, Files& files);

class ReproduceArchive {
public:
  // `path` is the archive's own: its base name without the extension is the directory inside.
  ReproduceArchive(std::string_view path, Files& files);

  // `path` as the link read it. A file that is added again is kept once.
  void add_file(const std::string& path, Bytes content);
  // A file, or a folder with all that is in it; nothing when it cannot be read.
  void add_tree(const std::string& path);
  // What a library was found as: the response file names it instead of searching.
  void note_library(const std::string& name, const std::string& path);

  Vector<uint8_t> finish(const Command& command, std::string_view version);

private:
  struct Library {
    std::string name, path;
  };
  std::string response_text(const Command& command) const;
  void append(std::string_view name, Bytes content);

  std::string directory_;
  Files& files_;
  Vector<uint8_t> tar_;
  std::vector<std::string> added_;
  std::vector<Library> libraries_; // in the order of the -l options that found something
};

} // namespace weld
