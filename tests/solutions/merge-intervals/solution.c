#include <stdlib.h>

static int by_start(const void *a, const void *b) {
    const long long x = **(long long *const *)a, y = **(long long *const *)b;
    return (x > y) - (x < y);
}

long long **merge_intervals(long long **intervals, size_t intervals_size, size_t *intervals_col_sizes,
                            size_t *return_size, size_t **return_col_sizes) {
    qsort(intervals, intervals_size, sizeof *intervals, by_start);
    long long **merged = malloc((intervals_size + 1) * sizeof *merged);
    *return_col_sizes = malloc((intervals_size + 1) * sizeof **return_col_sizes);
    *return_size = 0;
    for (size_t i = 0; i < intervals_size; i++) {
        long long *last = *return_size > 0 ? merged[*return_size - 1] : NULL;
        if (last && intervals[i][0] <= last[1]) {
            if (intervals[i][1] > last[1]) last[1] = intervals[i][1];
        } else {
            merged[*return_size] = intervals[i];
            (*return_col_sizes)[(*return_size)++] = intervals_col_sizes[i];
        }
    }
    return merged;
}
