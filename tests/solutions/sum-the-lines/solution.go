package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

func main() {
	input, _ := io.ReadAll(os.Stdin)
	lines := strings.Split(string(input), "\n")
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	count, _ := strconv.Atoi(strings.TrimSpace(lines[0]))
	total := 0
	for _, line := range lines[1 : count+1] {
		sum := 0
		for _, amount := range strings.Fields(line) {
			value, _ := strconv.Atoi(amount)
			sum += value
		}
		fmt.Fprintln(out, sum)
		total += sum
	}
	fmt.Fprintln(out, "total", total)
}
