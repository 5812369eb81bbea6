// Counts words in parallel: a C++ program that needs the C++ library and OpenMP of its base.
#include <omp.h>
#include <pwd.h>
#include <unistd.h>

#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

int main(int count, char **arguments) {
    const std::vector<std::string> lines(arguments + 1, arguments + count);
    std::map<std::string, int> words;
#pragma omp parallel for
    for (std::size_t line = 0; line < lines.size(); line++) {
        std::istringstream text(lines[line]);
        for (std::string word; text >> word;) {
#pragma omp critical
            words[word]++;
        }
    }
    for (const auto &[word, number] : words) std::cout << number << " " << word << "\n";
    const passwd *user = getpwuid(getuid());
    std::cout << "by " << (user ? user->pw_name : "nobody") << "\n";
}
