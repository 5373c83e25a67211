#include <stdlib.h>
#include <string.h>

static int by_letter(const void *a, const void *b) {
    return *(const char *)a - *(const char *)b;
}

typedef struct {
    char *key, *word;
    size_t place, group;
} Entry;

static int by_key(const void *a, const void *b) {
    const Entry *x = a, *y = b;
    const int order = strcmp(x->key, y->key);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

static int by_group(const void *a, const void *b) {
    const Entry *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

char ***group_anagrams(char **words, size_t words_size, size_t *return_size, size_t **return_col_sizes) {
    Entry *entries = malloc((words_size + 1) * sizeof *entries);
    for (size_t i = 0; i < words_size; i++) {
        entries[i] = (Entry){strdup(words[i]), words[i], i, 0};
        qsort(entries[i].key, strlen(words[i]), 1, by_letter);
    }
    qsort(entries, words_size, sizeof *entries, by_key);
    for (size_t i = 0; i < words_size; i++) {
        const int same = i > 0 && strcmp(entries[i - 1].key, entries[i].key) == 0;
        entries[i].group = same ? entries[i - 1].group : entries[i].place;
    }
    qsort(entries, words_size, sizeof *entries, by_group);
    char ***groups = malloc((words_size + 1) * sizeof *groups);
    *return_col_sizes = calloc(words_size + 1, sizeof **return_col_sizes);
    *return_size = 0;
    for (size_t i = 0; i < words_size; i++) {
        if (i == 0 || entries[i - 1].group != entries[i].group) {
            groups[(*return_size)++] = malloc(words_size * sizeof **groups);
        }
        const size_t last = *return_size - 1;
        groups[last][(*return_col_sizes)[last]++] = entries[i].word;
    }
    return groups;
}
