package main

func isBalanced(text string) bool {
	partner := map[rune]rune{')': '(', ']': '[', '}': '{'}
	var open []rune
	for _, c := range text {
		switch c {
		case '(', '[', '{':
			open = append(open, c)
		case ')', ']', '}':
			if len(open) == 0 || open[len(open)-1] != partner[c] {
				return false
			}
			open = open[:len(open)-1]
		}
	}
	return len(open) == 0
}
