/* Prints who and where the process is. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **arguments) {
    char folder[PATH_MAX];
    if (getcwd(folder, sizeof folder) == NULL) {
        perror("where: getcwd");
        return EXIT_FAILURE;
    }
    printf("user:   %ld:%ld\n", (long)getuid(), (long)getgid());
    printf("folder: %s\n", folder);
    const char *greeting = getenv("GREETING");
    printf("says:   %s", greeting == NULL ? "nothing" : greeting);
    for (int index = 1; index < count; index++) printf(" %s", arguments[index]);
    printf("\n");
    return ferror(stdout) || fflush(stdout) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
