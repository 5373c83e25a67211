#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *run_length(const char *text) {
    char *packed = calloc(strlen(text) + 1, 1), *end = packed;
    for (size_t from = 0, to; text[from]; from = to) {
        for (to = from; text[to] == text[from]; to++) {
        }
        *end++ = text[from];
        if (to - from > 1) end += sprintf(end, "%zu", to - from);
    }
    return packed;
}
