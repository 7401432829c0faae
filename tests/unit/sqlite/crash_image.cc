// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "crash_image.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace holdfast::test {
namespace {

constexpr size_t kSector_bytes = 512;

constexpr size_t kPage_bytes = 4096;

using Pages = std::map<size_t, std::string>;

void write_at(std::string& content, size_t at, std::string_view bytes) {
  if (content.size() < at + bytes.size()) content.resize(at + bytes.size(), '\0');
  content.replace(at, bytes.size(), bytes);
}

// Content apart from its name, as names come and go by themselves.
struct Inode {
  std::string running;  // as the system sees it
  std::string synced;
  std::vector<const Change*> pending;  // since the last sync
  // The kernel takes these for written since a sync failed: only writing them anew makes sure.
  Pages doubtful;

  void follow(const Change& change);
  void sync(bool ok);
};

void Inode::follow(const Change& change) {
  const auto at = static_cast<size_t>(change.offset);
  if (change.kind == Change::Kind::write) {
    write_at(running, at, change.bytes);
  } else if (running.size() > at) {
    running.resize(at);
  }
  pending.push_back(&change);
}

void Inode::sync(bool ok) {
  Pages touched;
  for (const Change* change : pending) {
    const auto at = static_cast<size_t>(change->offset);
    if (change->kind == Change::Kind::truncate) {
      if (synced.size() > at) synced.resize(at);
      const size_t first = (at + kPage_bytes - 1) / kPage_bytes;
      doubtful.erase(doubtful.lower_bound(first), doubtful.end());
      continue;
    }
    for (size_t page = at / kPage_bytes; page * kPage_bytes < at + change->bytes.size(); ++page) {
      if (page * kPage_bytes < running.size()) {
        touched[page] = running.substr(page * kPage_bytes, kPage_bytes);
      }
    }
  }
  pending.clear();
  for (const auto& page : touched) {
    if (ok) {
      write_at(synced, page.first * kPage_bytes, page.second);
      doubtful.erase(page.first);
    } else {
      doubtful[page.first] = page.second;
    }
  }
}

class Choice {
 public:
  Choice(Unsynced unsynced, Chance& chance) : unsynced_(unsynced), chance_(chance) {}
  // How many of `count` changes one after the other are kept.
  size_t kept(size_t count) {
    if (unsynced_ == Unsynced::kept) return count;
    if (unsynced_ == Unsynced::lost) return 0;
    const size_t drawn = chance_.below(4);
    if (drawn == 0) return 0;
    return drawn == 1 ? count : chance_.below(count + 1);
  }

 private:
  Unsynced unsynced_;
  Chance& chance_;
};

std::string content_of(const Inode& inode, Choice& choice) {
  std::string content = inode.synced;
  for (const auto& page : inode.doubtful) {
    if (choice.kept(1) == 1) write_at(content, page.first * kPage_bytes, page.second);
  }
  const std::vector<const Change*>& changes = inode.pending;
  std::map<size_t, size_t> kept;  // of each sector
  const size_t kept_sizes = choice.kept(changes.size());
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = *changes[i];
    const auto start = static_cast<size_t>(change.offset);
    if (change.kind == Change::Kind::truncate) {
      if (i < kept_sizes && content.size() > start) content.resize(start);
      continue;
    }
    const size_t end = start + change.bytes.size();
    for (size_t at = start; at < end;) {
      const size_t sector = at / kSector_bytes;
      const size_t stop = std::min(end, (sector + 1) * kSector_bytes);
      const auto found = kept.find(sector);
      const size_t limit =
          found != kept.end() ? found->second : (kept[sector] = choice.kept(changes.size()));
      if (i < limit) {
        write_at(content, at, std::string_view(change.bytes).substr(at - start, stop - at));
      }
      at = stop;
    }
  }
  return content;
}

struct Disk {
  std::vector<Inode> inodes;
  std::map<std::string, size_t> names;                      // as the running system sees them
  std::map<std::string, size_t> synced_names;               // as the disk has them for certain
  std::vector<std::pair<std::string, long>> pending_names;  // -1: removed

  void make(const std::string& name, std::string content) {
    names[name] = inodes.size();
    inodes.push_back(Inode());
    inodes.back().running = content;
    inodes.back().synced = std::move(content);
  }
  void change_name(const std::pair<std::string, long>& change) {
    if (change.second < 0) {
      synced_names.erase(change.first);
    } else {
      synced_names[change.first] = static_cast<size_t>(change.second);
    }
  }
  void follow(const Change& change);
};

void Disk::follow(const Change& change) {
  switch (change.kind) {
    case Change::Kind::mark:
      return;
    case Change::Kind::create:
      if (names.count(change.file) != 0) return;
      make(change.file, "");
      pending_names.emplace_back(change.file, static_cast<long>(names[change.file]));
      return;
    case Change::Kind::remove:
      names.erase(change.file);
      pending_names.emplace_back(change.file, -1);
      return;
    case Change::Kind::directory_sync:
      for (const auto& name : pending_names) change_name(name);
      pending_names.clear();
      return;
    default:
      break;
  }
  Inode& inode = inodes[names.at(change.file)];
  if (change.kind == Change::Kind::sync || change.kind == Change::Kind::failed_sync) {
    inode.sync(change.kind == Change::Kind::sync);
  } else {
    inode.follow(change);
  }
}

}  // namespace

uint64_t Chance::next() {
  state_ += 0x9e3779b97f4a7c15ull;
  uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ull;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebull;
  return mixed ^ (mixed >> 31);
}

Image crash_image(const Image& before, const std::vector<Change>& log, size_t count,
                  Unsynced unsynced, Chance& chance) {
  Disk disk;
  for (const auto& file : before) disk.make(file.first, file.second);
  disk.synced_names = disk.names;
  for (size_t i = 0; i < std::min(count, log.size()); ++i) disk.follow(log[i]);
  Choice choice(unsynced, chance);
  for (const auto& name : disk.pending_names) {
    if (choice.kept(1) == 1) disk.change_name(name);
  }
  Image image;
  for (const auto& name : disk.synced_names) {
    image[name.first] = content_of(disk.inodes[name.second], choice);
  }
  return image;
}

}  // namespace holdfast::test
