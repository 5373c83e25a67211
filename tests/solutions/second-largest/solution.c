#include <stdlib.h>

long long *second_largest(long long *values, size_t values_size) {
    const long long *largest = NULL, *second = NULL;
    for (size_t i = 0; i < values_size; i++) {
        if (!largest || values[i] > *largest) {
            second = largest;
            largest = &values[i];
        } else if (values[i] < *largest && (!second || values[i] > *second)) {
            second = &values[i];
        }
    }
    if (!second) return NULL;
    long long *answer = malloc(sizeof *answer);
    *answer = *second;
    return answer;
}
