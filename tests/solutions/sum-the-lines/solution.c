#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *line = NULL;
    size_t room = 0;
    long long total = 0;
    long count = getline(&line, &room, stdin) > 0 ? atol(line) : 0;
    while (count-- > 0 && getline(&line, &room, stdin) != -1) {
        long long sum = 0;
        for (char *at = line, *end;; at = end) {
            const long long amount = strtoll(at, &end, 10);
            if (end == at) break;
            sum += amount;
        }
        printf("%lld\n", sum);
        total += sum;
    }
    printf("total %lld\n", total);
    free(line);
    return 0;
}
