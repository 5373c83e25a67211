package main

func secondLargest(values []int) *int {
	var largest, second *int
	for i := range values {
		value := &values[i]
		if largest == nil || *value > *largest {
			largest, second = value, largest
		} else if *value < *largest && (second == nil || *value > *second) {
			second = value
		}
	}
	return second
}
