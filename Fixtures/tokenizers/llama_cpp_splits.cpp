// Cuts texts as llama.cpp does: compiled by make-splits.py with llama.cpp's unicode.cpp and unicode-data.cpp.
//
// Standard input: lines in hexadecimal. A line that begins with `=` sets the patterns, separated by `,`; every other
// one is a text. For each text the lengths of its parts in bytes are printed.
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "unicode.h"

static std::string bytes(const std::string & hex) {
    std::string result;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) { result.push_back((char) std::stoi(hex.substr(i, 2), nullptr, 16)); }
    return result;
}

int main() {
    std::vector<std::string> patterns;
    for (std::string line; std::getline(std::cin, line);) {
        if (!line.empty() && line[0] == '=') {
            patterns.clear();
            std::stringstream list(line.substr(1));
            for (std::string item; std::getline(list, item, ',');) { patterns.push_back(bytes(item)); }
            continue;
        }
        for (const auto & part : unicode_regex_split(bytes(line), patterns, false)) { std::cout << part.size() << ' '; }
        std::cout << '\n';
    }
}
