/* Who and when it is in here, as the C library of the base knows it. */
#include <pwd.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    const struct passwd *user = getpwuid(getuid());
    time_t new_year = 946684800;
    char text[64];

    if (!user)
        return 1;
    strftime(text, sizeof text, "%F %H:%M %Z", localtime(&new_year));
    printf("user:   %s (%d), at home in %s\n", user->pw_name, (int)getuid(), user->pw_dir);
    printf("zone:   2000 began at %s\n", text);
    return 0;
}
