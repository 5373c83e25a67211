#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

bool is_balanced(const char *text) {
    char *open = malloc(strlen(text) + 1);
    size_t count = 0;
    for (; *text; text++) {
        const char *kind = strchr("([{)]}", *text);
        if (!kind) continue;
        if (strchr("([{", *text)) open[count++] = kind[3];
        else if (count == 0 || open[--count] != *text) return false;
    }
    return count == 0;
}
