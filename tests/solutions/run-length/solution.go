package main

import (
	"strconv"
	"strings"
)

func runLength(text string) string {
	var packed strings.Builder
	for from := 0; from < len(text); {
		to := from
		for to < len(text) && text[to] == text[from] {
			to++
		}
		packed.WriteByte(text[from])
		if to-from > 1 {
			packed.WriteString(strconv.Itoa(to - from))
		}
		from = to
	}
	return packed.String()
}
