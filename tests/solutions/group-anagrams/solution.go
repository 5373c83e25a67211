package main

import "sort"

func groupAnagrams(words []string) [][]string {
	places := map[string]int{}
	var groups [][]string
	for _, word := range words {
		letters := []byte(word)
		sort.Slice(letters, func(i, j int) bool { return letters[i] < letters[j] })
		place, known := places[string(letters)]
		if !known {
			place = len(groups)
			places[string(letters)] = place
			groups = append(groups, nil)
		}
		groups[place] = append(groups[place], word)
	}
	return groups
}
