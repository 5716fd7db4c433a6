/* What the system says about processes. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process.h"
#include "runner.h"

size_t process_descriptors(pid_t pid)
{
    char path[64];
    size_t count = 0;
    DIR *folder;

    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    folder = opendir(path);
    if (folder == NULL)
        return 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static size_t status_value(pid_t pid, const char *key)
{
    char path[64];
    char line[256];
    size_t value = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            value = strtoul(line + strlen(key), NULL, 10);
    fclose(file);
    return value;
}

size_t process_memory(pid_t pid)
{
    return status_value(pid, "RssAnon:") * 1024;
}

struct descriptors_wanted {
    pid_t pid;
    size_t count;
};

static bool has_no_more(void *context)
{
    const struct descriptors_wanted *wanted = context;

    return process_descriptors(wanted->pid) <= wanted->count;
}

void process_must_return_to(pid_t pid, size_t descriptors, uint64_t ms)
{
    struct descriptors_wanted wanted = {pid, descriptors};

    expect(wait_until(has_no_more, &wanted, ms), "process %d has %zu descriptors, not %zu",
           (int)pid, process_descriptors(pid), descriptors);
}

size_t process_children(pid_t pid, pid_t *children, size_t max)
{
    DIR *folder = opendir("/proc");
    size_t count = 0;

    expect(folder != NULL, "/proc: %s", strerror(errno));
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        pid_t child = (pid_t)strtol(entry->d_name, NULL, 10);

        if (child > 0 && (pid_t)status_value(child, "PPid:") == pid && count < max)
            children[count++] = child;
    }
    closedir(folder);
    return count;
}
