#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz/target.h"

// Stands in for libFuzzer where there is none: gives a target the files of its corpus, and some
// thousand changed ones, the same at each run.

namespace {

namespace fs = std::filesystem;

constexpr int kChangedOfEach = 200;

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// One byte changed, one put in, a piece taken out, or a piece of another input put in.
void change(std::string& bytes, const std::vector<std::string>& corpus, std::mt19937& random) {
  const std::size_t place = random() % (bytes.size() + 1);
  const std::string favourites("\"\\,;\n\r\t 0.-e#{}[]:=\0\xff", 21);
  const char byte =
      random() % 2 == 0 ? favourites[random() % favourites.size()] : static_cast<char>(random());
  const std::string& other = corpus[random() % corpus.size()];
  switch (random() % 4) {
    case 0:
      if (place < bytes.size()) bytes[place] = byte;
      break;
    case 1:
      bytes.insert(place, 1 + random() % 3, byte);
      break;
    case 2:
      bytes.erase(place, 1 + random() % 16);
      break;
    default:
      bytes.insert(place, other, random() % (other.size() + 1), 1 + random() % 32);
  }
}

double slowest = 0;  // input of all, in seconds

void run(const std::string& bytes) {
  const auto begin = std::chrono::steady_clock::now();
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  slowest = std::max(slowest, taken.count());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: replay FOLDER\n", stderr);
    return 2;
  }
  std::vector<std::string> corpus;
  for (const fs::path& file : files_of(argv[1])) {
    std::printf("%s\n", file.filename().c_str());
    std::fflush(stdout);  // the last one shown is the one that ended it
    run(corpus.emplace_back(bytes_of(file)));
  }
  if (corpus.empty()) return 1;
  std::mt19937 random(1);
  for (const std::string& bytes : corpus) {
    for (int i = 0; i < kChangedOfEach; ++i) {
      std::string changed = bytes;
      for (auto changes = 1 + random() % 4; changes > 0; --changes) change(changed, corpus, random);
      run(changed);
    }
  }
  std::printf("slowest: %.3f s\n", slowest);
  return 0;
}
